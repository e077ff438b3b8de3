// Cells edited in place: Ctrl+S or Ctrl+Enter saves, Esc leaves; what is not saved can be seen, and so can a conflict.
import { element } from "../client.js";
import { refreshTimes } from "../times.js";
import { nodes, piece, word } from "./piece.js";

/** Start; called once. */
export function prepareEditing(sheet) {
  sheet.addEventListener("click", (event) => {
    const pencil = event.target.closest(".list-pencil");
    const leave = event.target.closest("[data-cancel]");
    const theirs = event.target.closest("[data-take-theirs]");
    if (event.ctrlKey || event.metaKey || !(pencil || leave || theirs)) return;
    event.preventDefault();
    if (pencil) edit(pencil.closest("[data-edit]"));
    else close(event.target.closest("[data-edit]"), theirs ? event.target.closest("form").querySelector("[data-theirs]").innerHTML : null);
  });
  sheet.addEventListener("dblclick", (event) => {
    const cell = event.target.closest("[data-edit]");
    if (cell && !event.target.closest("a, button, form")) edit(cell);
  });
  sheet.addEventListener("input", ({ target }) => target.form?.matches("[data-list-edit]") && tell(target.form, "unsaved"));
  sheet.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-list-edit]")) return;
    event.preventDefault();
    save(event.target);
  });
  sheet.addEventListener("keydown", (event) => {
    const form = event.target.closest("[data-list-edit]");
    if (!form || event.isComposing) return;
    const saving = (event.ctrlKey || event.metaKey) && (event.key === "Enter" || event.key.toLowerCase() === "s");
    if (!saving && event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    if (saving) save(form);
    else close(form.closest("[data-edit]"));
  });
  addEventListener("beforeunload", (event) => sheet.querySelector('[data-list-edit][data-state="unsaved"]') && event.preventDefault());
}

/** Open a cell (a <td data-edit>) for editing. */
export async function edit(cell) {
  if (!cell || cell.querySelector("form")) return;
  const found = await piece(cell.dataset.edit);
  if (found) show(cell, found.text, false);
}

function show(cell, text, unsaved) {
  cell.querySelector("form")?.remove();
  cell.querySelector(".list-cell").hidden = true;
  cell.append(nodes(text));
  const form = cell.querySelector("form");
  if (unsaved) tell(form, "unsaved");
  const field = form.querySelector('[name="value"]');
  field?.focus();
  if (field?.matches("input:not([type=checkbox])")) field.select();
}

function tell(form, state) {
  form.dataset.state = state;
  const told = form.querySelector(".list-edit-state");
  if (told) told.textContent = state === "unsaved" ? told.dataset.unsaved : "";
}

async function save(form) {
  if (form.getAttribute("aria-busy")) return;
  form.setAttribute("aria-busy", "true");
  const cell = form.closest("[data-edit]");
  const answer = await piece(form.action, { method: "PATCH", body: new FormData(form), expected: [409, 422] });
  form.removeAttribute("aria-busy");
  if (!answer) return;
  if (answer.status !== 200) {
    show(cell, answer.text, true);
    return;
  }
  cell.closest("[data-row]").dataset.version = answer.version;
  close(cell, answer.text);
  const told = element("span", { class: "list-saved", role: "status" }, word("saved"));
  cell.querySelector(".list-cell").append(told);
  setTimeout(() => told.remove(), 2000);
}

function close(cell, drawn = null) {
  cell.querySelector("form").remove();
  const inner = cell.querySelector(".list-cell");
  if (drawn !== null) {
    inner.querySelector("[data-value]").replaceChildren(nodes(drawn));
    refreshTimes(inner);
  }
  inner.hidden = false;
  cell.closest("[data-row]").focus();
}
