// Short messages at the foot of the page. The region is aria-live, so they are read out.
import { drawing, element, word } from "./client.js";
import { post } from "./http.js";

const SHOWN_MS = 5000;
const UNDO_MS = 10000;
const MOST = 3;

/**
 * Show a message. options: kind ("info", "success", "danger"); undo: a function, or a URL that is posted to;
 * ms: how long it stays (danger and undo stay longer; it waits while pointed at or focused).
 * Returns a function that takes it away.
 */
export function toast(text, { kind = "info", undo = null, ms = undo || kind === "danger" ? UNDO_MS : SHOWN_MS } = {}) {
  const region = document.getElementById("toasts");
  const icon = { success: "check", danger: "alert-circle" }[kind] ?? "info-circle";
  const box = element("div", { class: `toast-message toast-${kind}` }, drawing(icon), element("span", { class: "toast-text" }, text));
  let timer = 0;
  const close = () => { clearTimeout(timer); box.remove(); };
  const wait = () => { clearTimeout(timer); timer = setTimeout(close, ms); };
  if (undo) box.append(undoButton(undo, close));
  const shut = element("button", { type: "button", class: "toast-close", "aria-label": word("close") }, drawing("x"));
  shut.addEventListener("click", close);
  box.append(shut);
  for (const event of ["pointerenter", "focusin"]) box.addEventListener(event, () => clearTimeout(timer));
  for (const event of ["pointerleave", "focusout"]) box.addEventListener(event, wait);
  while (region.children.length >= MOST) region.firstElementChild.remove();
  region.append(box);
  wait();
  return close;
}

function undoButton(undo, close) {
  const button = element("button", { type: "button", class: "toast-undo" }, word("undo"));
  button.addEventListener("click", async () => {
    close();
    try {
      await (typeof undo === "function" ? undo() : post(undo));
      if (typeof undo === "string") location.reload();
    } catch (error) {
      toast(error.message, { kind: "danger" });
    }
  });
  return button;
}
