// Keyboard shortcuts: registered in one place, so that "?" can list those of the page and of every plugin.
import { createKeybindingsHandler, defaultKeybindingsHandlerIgnore } from "../vendor/tinykeys/tinykeys.js";
import { element, word, drawing } from "./client.js";

const known = new Map();
const mac = /Mac|iPhone|iPad/.test(navigator.platform);

/**
 * Register a shortcut. keys: "n", "g h" (one after the other), "$mod+Enter" ($mod is Ctrl, on a Mac the command key);
 * label: what it does, translated; fn: called with the event. Keys without a modifier are not heard while writing.
 * Returns a function that takes it away.
 */
export function register(keys, label, fn) {
  // "?" and "/" need Shift on some keyboards.
  const binding = keys.split(" ").map((press) => (/^[^\w$+]$/.test(press) ? `[Shift]+${press}` : press)).join(" ");
  const entry = Symbol(keys);
  // A page may give a key of the frame another meaning: the one registered last holds.
  const isNewest = () => [...known.keys()].findLast((other) => known.get(other).keys === keys) === entry;
  const modified = /\$mod|Control|Meta|Alt/.test(keys);
  const handler = createKeybindingsHandler(
    { [binding]: (event) => { if ((!modal() || modified) && isNewest()) { event.preventDefault(); fn(event); } } },
    { ignore: modified ? (event) => event.isComposing : (event) => defaultKeybindingsHandlerIgnore(event) },
  );
  window.addEventListener("keydown", handler);
  known.set(entry, { keys, label });
  return () => { window.removeEventListener("keydown", handler); known.delete(entry); };
}

/** Name in the help a key that something on the page hears by itself. */
export function mention(keys, label) {
  known.set(Symbol(keys), { keys, label });
}

const modal = () => document.querySelector("dialog:modal") !== null;

const NAMES = { $mod: mac ? "⌘" : "Ctrl", Escape: "Esc", ArrowUp: "↑", ArrowDown: "↓" };

function keyCaps(keys) {
  return keys.split(" ").flatMap((press, index) => [
    ...(index ? [" "] : []),
    element("kbd", {}, press.split("+").map((part) => NAMES[part] ?? (part.length === 1 ? part.toUpperCase() : part)).join(" ")),
  ]);
}

function byLabel() {
  const found = new Map();
  const newest = new Map([...known.values()].map(({ keys, label }) => [keys, label]));
  for (const [keys, label] of newest) found.set(label, [...(found.get(label) ?? []), keys]);
  return found;
}

/** Open the dialog that lists every registered shortcut. */
export function showHelp() {
  document.getElementById("shortcuts")?.remove();
  const list = element("dl", { class: "shortcut-list" });
  for (const [label, keys] of byLabel()) {
    list.append(element("dt", {}, label), element("dd", {}, ...keys.flatMap((one, index) => (index ? ["  ", ...keyCaps(one)] : keyCaps(one)))));
  }
  const close = element("button", { class: "icon-button", "aria-label": word("close") }, drawing("x"));
  const dialog = element("dialog", { class: "dialog", id: "shortcuts", "aria-labelledby": "shortcuts-title" },
    element("header", { class: "dialog-head" },
      element("h2", { class: "dialog-title", id: "shortcuts-title" }, word("shortcuts")),
      element("form", { method: "dialog" }, close)),
    element("div", { class: "dialog-content" }, list));
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
}
