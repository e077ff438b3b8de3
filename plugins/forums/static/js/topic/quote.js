// Words selected in a post can be quoted with a button beside them.
import { icon, text } from "../texts.js";
import { canReply, load } from "./door.js";
import { thread } from "./thread.js";

const { element } = window.ecrm;
let button = null;

/** Start; called once by topic.js. */
export function prepareQuote() {
  if (!canReply()) return;
  button = element("button", { type: "button", class: "btn btn-default btn-sm quote-button", hidden: true }, icon("quote"), element("span", {}, text("quote")));
  document.getElementById("main").append(button);
  button.addEventListener("mousedown", (event) => event.preventDefault());
  button.addEventListener("click", take);
  let timer = 0;
  document.addEventListener("selectionchange", () => { clearTimeout(timer); timer = setTimeout(offer, 150); });
  addEventListener("scroll", () => { button.hidden = true; }, { passive: true });
}

// The post whose text holds the whole selection, and the selection.
function selected() {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed || !selection.toString().trim()) return null;
  const range = selection.getRangeAt(0);
  const holder = range.commonAncestorContainer;
  const body = (holder.nodeType === Node.ELEMENT_NODE ? holder : holder.parentElement).closest("[data-body]");
  return body && thread.contains(body) ? { article: body.closest("article"), range, words: selection.toString() } : null;
}

function offer() {
  const found = selected();
  button.hidden = !found?.article.dataset.post;
  if (button.hidden) return;
  const lines = found.range.getClientRects();
  const line = lines[lines.length - 1] ?? found.range.getBoundingClientRect();
  button.style.left = `${Math.max(8, Math.min(line.right - button.offsetWidth / 2, innerWidth - button.offsetWidth - 8))}px`;
  button.style.top = `${Math.min(line.bottom + 6, innerHeight - button.offsetHeight - 8)}px`;
}

function take() {
  const found = selected();
  button.hidden = true;
  if (found) load().then((reply) => reply.quote(found.article, found.words));
}
