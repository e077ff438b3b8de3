// The page of a customer or organisation: forms open in the place of what they change, nothing is lost on an error, and
// what anybody does appears at once. Without this script every form is a page of its own.
import { csrfToken } from "./client.js";
import { complain, explain } from "./errors.js";
import { refreshTimes } from "./times.js";
import { toast } from "./toast.js";

const PAUSE_MS = 400;
const PIECE = { "X-Piece": "1", Accept: "text/html, application/json;q=0.9" };
let timer = 0;
let asked = 0;

/** Ask the server for a piece, or send it a form. Null after a failure that was told in a toast. */
async function ask(url, body = null) {
  const headers = body ? { ...PIECE, "X-CSRFToken": csrfToken() } : PIECE;
  let response;
  try {
    response = await fetch(url, { method: body ? "POST" : "GET", headers, credentials: "same-origin", body });
  } catch {
    complain(explain(0));
    return null;
  }
  const text = await response.text();
  const json = response.headers.get("Content-Type")?.includes("json") ? JSON.parse(text) : null;
  const isForm = [409, 422].includes(response.status) && !json;
  if (!response.ok && !isForm) {
    complain(json?.detail ?? explain(response.status));
    return null;
  }
  return { ok: response.ok, text, json };
}

const parsed = (text) => new DOMParser().parseFromString(text, "text/html");
const open = (form) => form.dataset.state === "unsaved";

/** Put what changed on the server into the page. What somebody is just writing in stays as it is. */
async function refresh() {
  const turn = ++asked;
  const response = await fetch(location.href, { credentials: "same-origin" });
  if (!response.ok || turn !== asked) return;
  // It was merged into another one: to that page, but not away from what somebody is writing.
  if (response.redirected) {
    if (![...document.querySelectorAll("form.piece")].some(open)) location.assign(response.url);
    return;
  }
  const page = parsed(await response.text());
  for (const old of document.querySelectorAll("[data-fresh]")) {
    const fresh = page.querySelector(`[data-fresh="${old.dataset.fresh}"]`);
    // Older pages of the timeline that were opened stay: nothing could say what is new in the middle of them.
    if (!fresh || old.querySelectorAll("ol.timeline").length > 1 || old.querySelector("[data-entry] > form") || [...old.querySelectorAll("form.piece")].some(open)) continue;
    swap(old, fresh);
  }
}

function swap(old, fresh) {
  const unfolded = [...old.querySelectorAll("details[open]")].map((box) => box.id);
  const focused = old.contains(document.activeElement) ? place(old, document.activeElement) : null;
  old.replaceChildren(...fresh.childNodes);
  for (const id of unfolded) if (id) document.getElementById(id)?.setAttribute("open", "");
  refreshTimes(old);
  window.htmx?.process(old);
  if (focused) (found(old, focused) ?? old.querySelector("a, button, summary") ?? document.querySelector("main"))?.focus();
}

// The button one has just used is known again by its name, even though it was drawn anew.
const place = (box, element) => element.getAttribute("aria-label") ?? element.textContent.trim();
const found = (box, name) => [...box.querySelectorAll("a, button, summary")].find((element) => place(box, element) === name);

function soon() {
  clearTimeout(timer);
  timer = setTimeout(refresh, PAUSE_MS);
}

/** Open the form of an entry in its place. */
async function edit(link) {
  const region = link.closest("[data-fresh]");
  const answer = await ask(link.href);
  // The page may have been drawn anew meanwhile.
  const pencil = link.isConnected ? link : [...region.querySelectorAll("a[data-edit-piece]")].find(({ href }) => href === link.href);
  const entry = pencil?.closest("[data-entry]");
  if (!answer || !entry || entry.querySelector(":scope > form.piece")) return;
  entry.append(parsed(answer.text).querySelector("form.piece"));
  entry.classList.add("entry-open");
  entry.querySelector("form.piece").opener = pencil;
  focusFirst(entry);
}

function focusFirst(box) {
  const field = box.querySelector("[aria-invalid]") ?? box.querySelector("[autofocus]") ?? box.querySelector(".piece-conflict ~ .field :is(input, textarea, select), .field :is(input:not([type=radio]), textarea, select)");
  field?.focus();
}

function close(form, stale) {
  const entry = form.closest("[data-entry]");
  const box = form.closest("details");
  if (entry) {
    entry.classList.remove("entry-open");
    form.remove();
    form.opener?.focus();
  } else if (box) {
    form.reset();
    form.dataset.state = "saved";
    box.open = false;
    box.querySelector("summary").focus();
  }
  if (stale) refresh();
}

async function save(form, button) {
  if (form.getAttribute("aria-busy")) return;
  form.setAttribute("aria-busy", "true");
  const answer = await ask(form.action, new URLSearchParams(new FormData(form, button)));
  form.removeAttribute("aria-busy");
  if (!answer) return;
  if (!answer.ok) {
    const drawn = parsed(answer.text).querySelector("form.piece");
    drawn.opener = form.opener;
    form.replaceWith(drawn);
    focusFirst(drawn);
    return;
  }
  form.dataset.state = "saved";
  close(form, true);
  tell(answer.json);
}

async function act(form) {
  const answer = await ask(form.action, new URLSearchParams(new FormData(form)));
  if (!answer) return;
  await refresh();
  tell(answer.json);
}

function tell({ text, undo }) {
  toast(text, { kind: "success", undo: undo && (async () => { if (await ask(undo, new URLSearchParams())) await refresh(); }) });
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form.piece, form[data-quick]")) return;
  event.preventDefault();
  if (form.matches(".piece")) save(form, event.submitter);
  else act(form);
});
document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const pencil = event.target.closest("a[data-edit-piece]");
  const cancel = event.target.closest("a[data-cancel]");
  if (!pencil && !cancel?.closest("form.piece")) return;
  event.preventDefault();
  if (pencil) edit(pencil);
  else close(cancel.closest("form"), "stale" in cancel.dataset);
});
document.addEventListener("input", ({ target }) => {
  const form = target.closest("form.piece");
  if (form) form.dataset.state = "unsaved";
});
document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("form.piece");
  if (!form || event.isComposing) return;
  const saving = (event.ctrlKey || event.metaKey) && (event.key === "Enter" || event.key.toLowerCase() === "s");
  if (!saving && event.key !== "Escape") return;
  event.preventDefault();
  event.stopPropagation();
  if (saving) form.requestSubmit();
  else close(form, form.querySelector("[data-stale]") !== null);
});
addEventListener("beforeunload", (event) => {
  if ([...document.querySelectorAll("form.piece")].some(open)) event.preventDefault();
});

const timeline = document.getElementById("timeline");
if (timeline) {
  const { subscribe } = await window.ecrm.live();
  const { channel, since } = timeline.dataset;
  subscribe(channel, { since: Number(since), onEvent: soon, onReset: soon });
}
