// "Ada is writing": said to the others now and then, and shown for a few seconds after each word of theirs.
import { text } from "../texts.js";

const SAY_EVERY = 2500;
const SHOWN_FOR = 5000;
const CROWD = 3;
const line = document.querySelector("[data-typing]");
const list = new Intl.ListFormat(document.documentElement.lang || "en", { type: "conjunction" });
const writing = new Map();

/** Somebody wrote: { uid, name }. */
export function hearTyping({ uid, name }) {
  clearTimeout(writing.get(uid)?.timer);
  writing.set(uid, { name, timer: setTimeout(() => { writing.delete(uid); draw(); }, SHOWN_FOR) });
  draw();
}

/** Somebody's post came: they no longer write it. */
export function hearPost(author) {
  for (const [uid, { name, timer }] of writing) {
    if (name !== author) continue;
    clearTimeout(timer);
    writing.delete(uid);
  }
  draw();
}

function draw() {
  const names = [...writing.values()].map(({ name }) => name);
  if (names.length > CROWD) line.textContent = text("typingCrowd");
  else line.textContent = names.length ? text(names.length > 1 ? "typingMany" : "typingOne", { names: list.format(names) }) : "";
}

/** Say so when somebody writes in the field, at most every few seconds. */
export function sayTyping(field, tell) {
  let said = 0;
  field.addEventListener("input", (event) => {
    if (!event.isTrusted || !field.value.trim() || Date.now() - said < SAY_EVERY) return;
    said = Date.now();
    tell("typing");
  });
}
