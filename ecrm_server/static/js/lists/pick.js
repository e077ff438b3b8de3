// Rows ticked, and what is then done with them: the server's question in a dialog, progress, and ten seconds of Undo.
import { element } from "../client.js";
import { complain } from "../errors.js";
import { getJson, post } from "../http.js";
import { register } from "../shortcuts.js";
import { toast } from "../toast.js";
import { nodes, piece, word } from "./piece.js";

const PIECE = { headers: { "X-Piece": "1" } };
const EVERY_MS = 300;
const KEPT = "ecrm-list-done";

/** Start; called once on pages whose rows can be ticked. */
export function preparePicking(sheet) {
  const bar = sheet.querySelector("[data-list-bulk-bar]");
  tellWhatWasDone();
  if (!bar) return;
  const picks = () => [...sheet.querySelectorAll("[data-list-pick]")];
  const whole = [...sheet.querySelectorAll("[data-list-all]")];
  const everything = bar.querySelector("[data-list-everything]");
  const count = bar.querySelector("[data-list-count]");
  const refresh = () => {
    const chosen = picks().filter((pick) => pick.checked).length;
    bar.hidden = !chosen && !everything?.checked;
    count.textContent = chosen === 1 ? count.dataset.one : count.dataset.many.replace("{}", chosen);
    for (const box of whole) {
      box.checked = chosen > 0 && chosen === picks().length;
      box.indeterminate = chosen > 0 && chosen < picks().length;
    }
  };
  sheet.addEventListener("change", ({ target }) => {
    if (target.matches("[data-list-all]")) for (const pick of target.closest("table").querySelectorAll("[data-list-pick]")) pick.checked = target.checked;
    refresh();
  });
  const letGo = () => {
    for (const pick of [...picks(), everything].filter(Boolean)) pick.checked = false;
    refresh();
  };
  bar.querySelector("[data-list-none]").addEventListener("click", letGo);
  register("Escape", word("none"), letGo);
  sheet.addEventListener("click", (event) => {
    const button = event.target.closest("[data-list-action]");
    if (!button) return;
    event.preventDefault();
    ask(bar, button);
  });
  sheet.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-list-sure]")) return;
    event.preventDefault();
    run(event.target);
  });
  refresh();
}

async function ask(bar, button) {
  const found = await piece(button.formAction, { method: "POST", body: new FormData(bar) });
  if (!found) return;
  const dialog = document.getElementById("list-dialog");
  dialog.querySelector(".dialog-title").textContent = button.textContent.trim();
  const content = dialog.querySelector("[data-content]");
  content.replaceChildren(nodes(found.text));
  // The link back is for those without scripts.
  content.querySelector("a[data-close-dialog]")?.addEventListener("click", (event) => event.preventDefault());
  dialog.showModal();
  content.querySelector("select, input:not([type=hidden]), button")?.focus();
}

async function run(form) {
  const content = form.closest("[data-content]");
  try {
    const { url } = await post(form.action, new FormData(form), PIECE);
    const ended = await follow(url, content);
    remember(ended, url);
    location.reload();
  } catch (error) {
    complain(error.body?.detail ?? error.message);
  }
}

/** Show the progress of a bulk action until it ended; gives what became of it. */
export async function follow(url, place) {
  const bar = element("progress", { "aria-label": word("working") });
  const told = element("p", { role: "status" }, word("working"));
  place.replaceChildren(bar, told);
  for (;;) {
    const state = await getJson(url, PIECE);
    if (state.total) {
      bar.max = state.total;
      bar.value = state.done;
      told.textContent = `${state.done} / ${state.total}`;
    }
    if (!["waiting", "running", "undoing"].includes(state.state)) return state;
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}

function remember(ended, url) {
  sessionStorage.setItem(KEPT, JSON.stringify({ ...ended, url }));
}

function tellWhatWasDone() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  sessionStorage.removeItem(KEPT);
  if (!kept) return;
  if (kept.state === "undone") toast(word("undone"), { kind: "success" });
  else if (kept.state === "failed") toast(kept.error, { kind: "danger", undo: kept.may_undo ? () => undo(kept.url) : null });
  else toast(kept.done === 1 ? word("one") : word("changed").replace("{}", kept.done), { kind: "success", undo: kept.may_undo ? () => undo(kept.url) : null });
}

async function undo(url) {
  await post(`${url}/undo`, {}, PIECE);
  const dialog = document.getElementById("list-dialog");
  dialog.querySelector(".dialog-title").textContent = "";
  dialog.showModal();
  remember(await follow(url, dialog.querySelector("[data-content]")), url);
  location.reload();
}
