// The posts of the page as they stand in it: finding them, putting new ones in their place, drawing one anew.
import { text } from "../texts.js";

const { element, getJson, refreshTimes } = window.ecrm;

export const thread = document.getElementById("thread");
export const topic = thread?.dataset.topic;
export const isLastPage = thread?.dataset.page === thread?.dataset.pages;

/** Every post and comment of the page, in the order shown. */
export const articles = () => [...thread.querySelectorAll("article[data-post]")];
/** The posts that are not comments. */
export const topPosts = () => [...thread.querySelectorAll(":scope > .thread-item > article[data-post]")];
/** A post of the page by its public id, or null. */
export const find = (uid) => document.getElementById(`p-${uid}`);
export const numberOf = (article) => Number(article.dataset.number ?? Infinity);

/** The elements of a piece of HTML that this server drew. */
export function parsed(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  refreshTimes(template.content);
  return template.content;
}

/** Put a post where it belongs: below its parent, or among the others by number. One that is there is replaced. */
export function place(article) {
  const known = document.getElementById(article.id);
  if (known) return swap(known, article);
  if (article.dataset.parent) return placeComment(article);
  const item = element("div", { class: "thread-item" }, article);
  const later = topPosts().find((other) => numberOf(other) > numberOf(article));
  const pending = thread.querySelector(":scope > .thread-item > .post-sending")?.parentElement;
  thread.insertBefore(item, later?.parentElement ?? pending ?? null);
  return article;
}

/** The list of comments below a post; made when there is none. */
export function commentsOf(parent) {
  const item = parent.closest(".thread-item");
  let list = item.querySelector(":scope > .comments");
  if (!list) item.append((list = element("ol", { class: "comments", "aria-label": text("comments") })));
  return list;
}

function placeComment(article) {
  const parent = find(article.dataset.parent);
  if (!parent) return null;
  const list = commentsOf(parent);
  const later = [...list.children].find((item) => numberOf(item.firstElementChild) > numberOf(article));
  list.insertBefore(element("li", {}, article), later ?? null);
  return article;
}

/** Draw a post anew; what was focused in it stays so. */
export function swap(old, fresh) {
  const focused = old.contains(document.activeElement) ? whereIn(document.activeElement, old) : null;
  old.replaceWith(fresh);
  if (focused) (focused === "self" ? fresh : fresh.querySelector(focused) ?? fresh).focus({ preventScroll: true });
  return fresh;
}

function whereIn(focused, article) {
  if (focused === article) return "self";
  const action = focused.getAttribute("formaction") ?? focused.getAttribute("href");
  const name = focused.hasAttribute("formaction") ? "formaction" : "href";
  const same = [...article.querySelectorAll(`[${name}="${CSS.escape(action ?? "")}"]`)];
  return action && same.length === 1 ? `[${name}="${CSS.escape(action)}"]` : `.${[...focused.classList].join(".") || "post"}`;
}

/** Take a post out of the page, with the comments below it. */
export function take(article) {
  (article.closest("li") ?? article.closest(".thread-item")).remove();
}

/** Fetch a post as this reader may see it and draw it anew; what may no longer be seen goes. */
export async function refresh(uid) {
  const article = find(uid);
  if (!article) return;
  const { html } = await getJson(`/forums/p/${uid}`);
  const shown = find(uid) ?? article;
  if (html) swap(shown, parsed(html).firstElementChild);
  else take(shown);
}

/** Draw the line that says what is new before a post; there is one at most. */
export function drawUnreadLine(article) {
  thread.querySelector("[data-unread-line]")?.remove();
  const line = element("div", { class: "unread-line", "data-unread-line": true }, element("span", {}, text("unread")));
  article.closest(".thread-item").before(line);
}

/** Bring a post to the top of the window and focus it. */
export function show(article) {
  article.scrollIntoView({ block: "start" });
  article.focus({ preventScroll: true });
}
