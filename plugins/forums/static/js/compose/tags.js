// A field of tags as chips, with suggestions. The text field stays in the form, hidden, and holds the names.
import { counted, icon, text } from "../texts.js";
import { Choices } from "./choices.js";

const { complain, element, getJson } = window.ecrm;
const PAUSE = 120;

/** Make an input[data-tags] comfortable; the attribute holds how many tags there may be. Returns a function that reads it again. */
export function prepareTags(input) {
  const most = Number(input.dataset.tags) || 5;
  const mayMake = "newTags" in input.dataset;
  const writer = element("input", {
    class: "tag-writer", id: input.id, role: "combobox", "aria-expanded": "false", autocomplete: "off", autocapitalize: "off",
    placeholder: text("addTag"), "aria-describedby": input.getAttribute("aria-describedby"), "aria-invalid": input.getAttribute("aria-invalid"),
  });
  const chips = element("ul", { class: "tag-chips" });
  const box = element("div", { class: "tag-field form-control" }, chips, writer);
  input.removeAttribute("id");
  input.type = "hidden";
  input.after(box);

  const names = () => input.value.split(/[\s,]+/).filter(Boolean);
  const set = (list) => {
    input.value = list.join(" ");
    input.dispatchEvent(new Event("change", { bubbles: true }));
    draw();
  };
  const starting = (start) => getJson(`/forums/tags/suggest?${new URLSearchParams({ q: start })}`).catch(() => []);
  const add = async (name) => {
    const wanted = name.trim().toLowerCase().replace(/[\s,]+$/, "").replace(/[\s,]+/g, "-");
    writer.value = "";
    if (!wanted || names().includes(wanted)) return;
    if (names().length >= most) complain(text("enoughTags", { n: most }));
    else if (mayMake || (await starting(wanted)).some((tag) => tag.name === wanted)) set([...names(), wanted]);
    else complain(text("unknownTag", { name: wanted }));
  };

  function draw() {
    chips.replaceChildren(...names().map((name) => {
      const remove = element("button", { type: "button", class: "tag-remove", "aria-label": text("remove", { name }) }, icon("x"));
      remove.addEventListener("click", () => { set(names().filter((other) => other !== name)); writer.focus(); });
      return element("li", { class: "tag" }, name, remove);
    }));
    writer.placeholder = names().length ? "" : text("addTag");
  }

  const choices = new Choices(writer, {
    label: text("tags"),
    at: () => writer.getBoundingClientRect(),
    take: ({ name }) => add(name),
    draw: ({ name, topics }) => [element("span", { class: "choice-name" }, name),
      element("span", { class: "choice-hint" }, topics === undefined ? text("newTag") : counted("topics", topics))],
  });
  let timer = 0;
  writer.addEventListener("input", () => {
    clearTimeout(timer);
    if (/[\s,]$/.test(writer.value)) return add(writer.value);
    timer = setTimeout(suggest, PAUSE);
  });
  async function suggest() {
    const start = writer.value.trim().toLowerCase();
    if (!start) return choices.close();
    const found = (await starting(start)).filter(({ name }) => !names().includes(name));
    if (mayMake && !found.some(({ name }) => name === start)) found.push({ name: start });
    if (writer.value.trim().toLowerCase() === start) choices.show(found);
  }
  writer.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      add(writer.value);
    } else if (event.key === "Backspace" && !writer.value && names().length) set(names().slice(0, -1));
  });
  writer.addEventListener("blur", () => add(writer.value));
  box.addEventListener("click", (event) => event.target === box && writer.focus());
  draw();
  return draw;
}
