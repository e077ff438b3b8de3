// The keys of a list: j and k move, x ticks, Esc lets go of what is ticked, e edits, Enter opens, "/" searches.
import { mention, register } from "../shortcuts.js";
import { edit } from "./edit.js";
import { word } from "./piece.js";

/** Start; called once. */
export function prepareKeys(sheet) {
  const rows = () => [...sheet.querySelectorAll("[data-row]")];
  const current = () => document.activeElement?.closest("[data-row]") ?? sheet.querySelector("[data-current]");
  const go = (step) => {
    const all = rows();
    const at = all.indexOf(current());
    const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1)];
    if (!next) return;
    for (const row of all) row.toggleAttribute("data-current", row === next);
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  };
  register("j", word("move"), () => go(1));
  register("k", word("move"), () => go(-1));
  register("x", word("select"), () => current()?.querySelector("[data-list-pick]")?.click());
  register("e", word("edit"), () => edit(current()?.querySelector("[data-edit]")));
  mention("Enter", word("open"));
  const search = sheet.querySelector("[data-list-search]");
  if (search) register("/", word("search"), () => search.focus());
  sheet.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("[data-row]")) event.target.querySelector("[data-open]")?.click();
  });
}
