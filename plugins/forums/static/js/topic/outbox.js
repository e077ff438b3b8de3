// One's own replies: shown at once, sent, and kept in this browser until the server has them. Each carries a key of its
// own, so that the server writes it once however often it is sent.
import { avatar } from "../person.js";
import { icon, saying, text } from "../texts.js";
import { commentsOf, find, parsed, place, show, thread, topic } from "./thread.js";

const { actor, element, post, toast } = window.ecrm;
const AGAIN_AFTER = [2000, 6000, 15000, 30000];
const store = `forums-outbox:${actor()}:${topic}`;
const entries = new Map(); // key -> { key, text, parent, at, failed, tries, article, sending }
let onEdit = () => {};
let onSent = () => {};

/** Take up what an earlier visit could not send. edit(entry) gets a reply to write again, sent(post) one that went through. */
export function openOutbox({ edit, sent }) {
  onEdit = edit;
  onSent = sent;
  for (const kept of read()) {
    entries.set(kept.key, { ...kept, tries: 0 });
    draw(entries.get(kept.key));
    send(entries.get(kept.key));
  }
  addEventListener("online", catchUp);
}

/** Show a reply and send it: { key, text, parent, html }; html is the text as the server's preview drew it, or "". */
export function submit(reply) {
  const entry = { ...reply, at: Date.now(), failed: "", tries: 0 };
  entries.set(entry.key, entry);
  write();
  draw(entry);
  show(entry.article);
  send(entry);
}

/** Resolves when nothing is on its way. */
export const settled = () => Promise.allSettled([...entries.values()].map(({ sending }) => sending));

/** Send what could not be sent for want of a connection. */
export function catchUp() {
  for (const entry of entries.values()) if (!entry.sending && entry.offline) send(entry);
}

function send(entry) {
  clearTimeout(entry.timer);
  entry.failed = "";
  entry.offline = false;
  mark(entry);
  entry.sending = deliver(entry).finally(() => { entry.sending = null; });
}

async function deliver(entry) {
  const fields = { key: entry.key, text: entry.text, parent: entry.parent ?? "" };
  try {
    const answer = await post(`/forums/t/${topic}/reply`, fields);
    forget(entry);
    arrived(entry, answer);
  } catch (error) {
    entry.offline = error.status === 0 || error.status >= 500;
    entry.failed = entry.offline ? (navigator.onLine ? text("notSent") : text("waiting")) : saying(error);
    mark(entry);
    if (entry.offline && entry.tries < AGAIN_AFTER.length) entry.timer = setTimeout(() => send(entry), AGAIN_AFTER[entry.tries++]);
  }
}

function arrived(entry, answer) {
  const fresh = parsed(answer.html).firstElementChild;
  const hadFocus = entry.article.contains(document.activeElement);
  remove(entry);
  const placed = place(fresh);
  if (placed && hadFocus) placed.focus({ preventScroll: true });
  onSent(answer, placed);
}

function read() {
  try {
    return JSON.parse(localStorage.getItem(store) ?? "[]");
  } catch {
    return [];
  }
}

function write() {
  const kept = [...entries.values()].map(({ key, text: words, parent, at }) => ({ key, text: words, parent, at }));
  try {
    if (kept.length) localStorage.setItem(store, JSON.stringify(kept));
    else localStorage.removeItem(store);
  } catch {
    // Without storage the reply lives as long as the page.
  }
}

function forget(entry) {
  clearTimeout(entry.timer);
  entries.delete(entry.key);
  write();
}

// ---- how it looks

function draw(entry) {
  const me = { uid: actor(), name: thread.dataset.me };
  const parent = entry.parent ? find(entry.parent) : null;
  const picture = document.querySelector(".person-button img.avatar")?.cloneNode();
  const face = picture ?? avatar(me, parent ? 24 : 40);
  face.className = face.className.replace(/avatar-(\d+)/, parent ? "avatar-24" : "avatar-40");
  entry.article = element("article", { class: `post post-sending${parent ? " post-comment" : ""}`, tabindex: "-1", "data-key": entry.key },
    element("div", { class: "post-avatar" }, face),
    element("div", { class: "post-main" },
      element("header", { class: "post-head" }, element("span", { class: "post-author" }, me.name), element("span", { class: "post-meta", role: "status" })),
      body(entry),
      element("div", { class: "post-actions" })));
  if (parent) commentsOf(parent).append(element("li", {}, entry.article));
  else thread.append(element("div", { class: "thread-item" }, entry.article));
  mark(entry);
}

function body({ html, text: words }) {
  const made = element("div", { class: html ? "prose" : "prose post-raw" }, words);
  if (html) made.innerHTML = html;
  return made;
}

function mark(entry) {
  const state = entry.article.querySelector("[role=status]");
  const actions = entry.article.querySelector(".post-actions");
  entry.article.classList.toggle("post-failed", Boolean(entry.failed));
  state.replaceChildren(entry.failed
    ? element("span", { class: "post-problem" }, entry.failed)
    : element("span", { class: "post-waiting" }, element("span", { class: "spinner", "aria-hidden": "true" }), text("sending")));
  actions.replaceChildren(...(entry.failed ? [
    button("retry", "refresh", () => { entry.tries = 0; send(entry); }),
    button("edit", "pencil", () => { remove(entry); forget(entry); onEdit(entry); }),
    button("discard", "trash", () => discard(entry)),
  ] : []));
}

function button(name, drawing, act) {
  const made = element("button", { type: "button", class: "post-act" }, icon(drawing), element("span", {}, text(name)));
  made.addEventListener("click", act);
  return made;
}

function discard(entry) {
  remove(entry);
  forget(entry);
  toast(text("discarded"), { undo: () => submit(entry) });
}

function remove({ article }) {
  const list = article.closest(".comments");
  (article.closest("li") ?? article.closest(".thread-item")).remove();
  if (list && !list.children.length) list.remove();
}
