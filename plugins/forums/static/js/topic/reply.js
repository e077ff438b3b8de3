// The composer of a topic: at the end of the page, or docked to the foot of the window while one reads on.
import { prepareComposer } from "../compose/composer.js";
import { fill, insertBlock } from "../compose/insert.js";
import { saying, text } from "../texts.js";
import { tell } from "./live.js";
import { submit } from "./outbox.js";
import { find, thread, topic } from "./thread.js";
import { sayTyping } from "./typing.js";

const { complain, element, post, shortcuts } = window.ecrm;
const section = document.querySelector("[data-reply]");
let composer = null;
let opener = null;

/** Start; called once by door.js. */
export function prepareReply() {
  const bringToolbar = () => import(section.dataset.toolbar).catch(() => {}); // one can write without it
  if (section.contains(document.activeElement)) bringToolbar();
  else section.addEventListener("focusin", bringToolbar, { once: true });
  composer = prepareComposer(section.querySelector("form"));
  const { form, field } = composer;
  form.addEventListener("submit", send);
  form.addEventListener("keydown", (event) => event.key === "Escape" && docked() && close());
  section.querySelector("[data-reply-close]").addEventListener("click", close);
  sayTyping(field, tell);
  new ResizeObserver(() => document.documentElement.style.setProperty("--dock", docked() ? `${section.offsetHeight}px` : "0px")).observe(section);
  shortcuts.register("$mod+Enter", text("keySend"), () => {});
  shortcuts.register("Escape", text("keyClose"), () => docked() && close());
}

const docked = () => section.classList.contains("reply-docked");

/** Dock the composer and go into it. */
export function open() {
  if (!docked()) opener = document.activeElement;
  section.classList.add("reply-docked");
  section.querySelector("[data-reply-close]").hidden = false;
  document.documentElement.style.setProperty("--dock", `${section.offsetHeight}px`);
  composer.field.focus({ preventScroll: true });
}

function close() {
  section.classList.remove("reply-docked");
  section.querySelector("[data-reply-close]").hidden = true;
  document.documentElement.style.setProperty("--dock", "0px");
  composer.drafts.flush();
  (opener?.isConnected ? opener : thread).focus?.({ preventScroll: true });
}

/** Write a comment on a post; a comment's comments join it below the same post. */
export function comment(article) {
  if (!article) return;
  aim(article.dataset.parent || article.dataset.post, article.dataset.author);
  open();
}

/** Quote a post, or the words selected in it, with its source and licence where it has them. */
export async function quote(article, words = "") {
  if (!article) return;
  open();
  try {
    const { markdown } = await post(`/forums/p/${article.dataset.post}/quote`, { text: words });
    insertBlock(composer.field, markdown);
  } catch (error) {
    complain(saying(error));
  }
}

// Whom the form answers: the topic, or a post.
function aim(parent = "", name = "") {
  const { form, drafts } = composer;
  form.elements.parent.value = parent;
  drafts.turnTo(parent ? `comment:${parent}` : `reply:${topic}`);
  const title = section.querySelector("[data-reply-title]");
  title.replaceChildren(parent ? text("commentOn", { name }) : text("yourReply"));
  form.querySelector("[data-submit] span").textContent = parent ? text("postComment") : text("postReply");
  title.nextElementSibling.matches("[data-reply-whole]") && title.nextElementSibling.remove();
  if (!parent) return;
  const whole = element("button", { type: "button", class: "btn btn-quiet btn-sm", "data-reply-whole": true }, text("yourReply"));
  whole.addEventListener("click", () => { aim(); composer.field.focus(); });
  title.after(whole);
}

function send(event) {
  if (event.defaultPrevented) return;
  event.preventDefault();
  const { form, field, drafts, previewOf } = composer;
  const words = field.value;
  if (!words.trim()) return complain(text("writeFirst"));
  const entry = { key: form.elements.key.value, text: words, parent: form.elements.parent.value, html: previewOf(words) };
  form.elements.key.value = crypto.getRandomValues(new Uint32Array(3)).join("-");
  drafts.sent();
  fill(field, "");
  drafts.sent();
  if (docked()) close();
  aim();
  submit(entry);
}

/** What did not go through comes back to be written again. */
export function writeAgain(entry) {
  aim(entry.parent, find(entry.parent)?.dataset.author ?? "");
  open();
  fill(composer.field, entry.text);
}
