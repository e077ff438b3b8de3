// The list that opens below a field while one writes: arrows choose, Enter or Tab takes, Esc closes.
const { element } = window.ecrm;
let made = 0;

/** options: label (of the list), take(choice), draw(choice) -> nodes, at() -> { left, top, bottom } in the window. */
export class Choices {
  constructor(field, { label, take, draw, at }) {
    Object.assign(this, { field, take, draw, at, found: [], index: -1 });
    this.id = `choices-${(made += 1)}`;
    this.list = element("ul", { class: "choices", id: this.id, role: "listbox", "aria-label": label, hidden: true });
    (field.closest("form") ?? document.body).append(this.list);
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", this.id);
    field.addEventListener("keydown", (event) => this.key(event));
    field.addEventListener("blur", () => this.close());
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const item = event.target.closest("[role=option]");
      if (item) this.choose([...this.list.children].indexOf(item));
    });
  }

  get isOpen() {
    return !this.list.hidden;
  }

  show(found) {
    this.found = found;
    if (!found.length || document.activeElement !== this.field) return this.close();
    this.list.replaceChildren(...found.map((choice, index) =>
      element("li", { class: "choice", role: "option", id: `${this.id}-${index}` }, ...this.draw(choice))));
    this.list.hidden = false;
    this.expanded("true");
    this.put();
    this.mark(0);
  }

  // Below the line, or above it where the window ends.
  put() {
    const { left, top, bottom } = this.at();
    const { offsetWidth, offsetHeight } = this.list;
    const fits = bottom + offsetHeight + 8 < innerHeight;
    this.list.style.left = `${Math.max(8, Math.min(left, innerWidth - offsetWidth - 8))}px`;
    this.list.style.top = `${fits ? bottom + 4 : Math.max(8, top - offsetHeight - 4)}px`;
  }

  mark(index) {
    this.index = index;
    [...this.list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === index)));
    this.list.children[index]?.scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", `${this.id}-${index}`);
  }

  key(event) {
    if (!this.isOpen || event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.mark((this.index + step + this.found.length) % this.found.length);
    else if (event.key === "Enter" || event.key === "Tab") this.choose(this.index);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  choose(index) {
    const choice = this.found[index];
    this.close();
    if (choice) this.take(choice);
  }

  close() {
    this.list.hidden = true;
    this.field.removeAttribute("aria-activedescendant");
    this.expanded("false");
  }

  // A text box with several lines has no expanded state; a combobox must say it.
  expanded(value) {
    if (this.field.getAttribute("role") === "combobox") this.field.setAttribute("aria-expanded", value);
  }
}
