// The Ctrl+K palette over search and commands: a combobox with a list (WAI-ARIA), loaded when first opened.
// GET /search/palette?q=... answers {groups: [{label, items: [{title, url, icon, hint}]}]}.
import { drawing, element, word } from "./client.js";
import { getJson } from "./http.js";

const DEBOUNCE_MS = 80;
const RECENT_KEY = "ecrm-palette";
const RECENT_MOST = 6;

let dialog, input, list, pending, timer;
let active = -1;

/** Open the palette. */
export function openPalette() {
  if (!dialog) build();
  if (dialog.open) return;
  input.value = "";
  dialog.showModal();
  look();
}

function build() {
  input = element("input", {
    type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": "palette-list", "aria-autocomplete": "list",
    "aria-label": word("searchHint"), placeholder: word("searchHint"), autocomplete: "off", spellcheck: "false", enterkeyhint: "go",
  });
  list = element("div", { class: "palette-list", id: "palette-list", role: "listbox", "aria-label": word("results") });
  dialog = element("dialog", { class: "dialog palette", "aria-label": word("search") },
    element("div", { class: "palette-field" }, drawing("search"), input, element("kbd", {}, "Esc")), list);
  document.body.append(dialog);
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, DEBOUNCE_MS); });
  input.addEventListener("keydown", onKey);
  list.addEventListener("click", (event) => {
    const item = event.target.closest("[data-index]");
    if (item) remember(item);
  });
  list.addEventListener("pointermove", (event) => {
    const item = event.target.closest("[data-index]");
    if (item && Number(item.dataset.index) !== active) choose(Number(item.dataset.index), false);
  });
}

async function look() {
  const q = input.value.trim();
  pending?.abort();
  pending = new AbortController();
  try {
    const { groups } = await getJson(`/search/palette?q=${encodeURIComponent(q)}`, { signal: pending.signal });
    show(q ? groups : [...recent(), ...groups], q);
  } catch (error) {
    if (error.name !== "AbortError") show([], q, error.message);
  }
}

function show(groups, q, problem = "") {
  list.replaceChildren();
  let index = 0;
  for (const [number, { label, items }] of groups.entries()) {
    if (!items.length) continue;
    const heading = element("div", { class: "palette-group", id: `palette-group-${number}` }, label);
    const group = element("div", { role: "group", "aria-labelledby": heading.id }, heading);
    for (const item of items) group.append(option(item, index++));
    list.append(group);
  }
  if (!index) list.append(element("p", { class: "palette-empty", role: "status" }, problem || word("nothing")));
  if (q && !problem) {
    list.append(option({ title: `${word("allResults")}: ${q}`, url: `/search?q=${encodeURIComponent(q)}`, icon: "search" }, index++));
  }
  choose(index ? 0 : -1);
}

function option({ title, url, icon, hint }, index) {
  return element("a", {
    class: "palette-item", id: `palette-${index}`, role: "option", href: url, tabindex: "-1", "aria-selected": "false",
    "data-index": index, "data-icon-name": icon,
  }, drawing(icon), element("span", { class: "palette-title" }, title), ...(hint ? [element("span", { class: "palette-hint" }, hint)] : []));
}

function choose(index, scroll = true) {
  active = index;
  for (const item of list.querySelectorAll("[data-index]")) {
    const chosen = Number(item.dataset.index) === index;
    item.setAttribute("aria-selected", String(chosen));
    if (chosen && scroll) item.scrollIntoView({ block: "nearest" });
  }
  if (index < 0) input.removeAttribute("aria-activedescendant");
  else input.setAttribute("aria-activedescendant", `palette-${index}`);
}

function onKey(event) {
  const items = list.querySelectorAll("[data-index]");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (items.length) choose((active + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length);
  } else if (event.key === "Enter" && items[active]) {
    event.preventDefault();
    remember(items[active]);
    if (event.ctrlKey || event.metaKey) window.open(items[active].href, "_blank", "noopener");
    else location.assign(items[active].href);
  }
}

function recent() {
  try {
    const items = JSON.parse(localStorage.getItem(RECENT_KEY) ?? "[]");
    return items.length ? [{ label: word("recent"), items }] : [];
  } catch {
    return [];
  }
}

function remember(item) {
  const entry = { title: item.querySelector(".palette-title").textContent, url: item.getAttribute("href"), icon: item.dataset.iconName };
  const others = (recent()[0]?.items ?? []).filter(({ url }) => url !== entry.url);
  try {
    localStorage.setItem(RECENT_KEY, JSON.stringify([entry, ...others].slice(0, RECENT_MOST)));
  } catch {
    // Storage is full or forbidden: the palette works without a memory.
  }
}
