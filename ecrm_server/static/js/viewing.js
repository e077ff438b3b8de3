// Somebody sees the site as another person: forms say at once that nothing can be changed, and keep what was typed.
import { viewing } from "./client.js";
import { complain } from "./errors.js";

const LEAVING = ["/view-as/end", "/logout"];

addEventListener("submit", (event) => {
  const { target, submitter } = event;
  const method = submitter?.getAttribute("formmethod") ?? target.getAttribute("method") ?? "get";
  const reads = method === "get" && !target.matches("[hx-post], [hx-put], [hx-patch], [hx-delete]");
  if (reads || method === "dialog" || LEAVING.includes(new URL(target.action).pathname)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  complain(viewing());
}, { capture: true });
