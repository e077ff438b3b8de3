// How far the reader is: what stood on the screen is read, and told to the server now and then.
import { articles, numberOf, thread, topic } from "./thread.js";

const { actor, post } = window.ecrm;
const TELL_AFTER = 1500;
const ENOUGH = 0.5; // of the post, or of the window by a long post
const seen = new Set();
let told = Number(thread?.dataset.lastRead ?? 0);
let timer = 0;

/** Start; called once by topic.js. The cookie tells the server that a page shown is not yet a page read. */
export function reportReading() {
  if (!actor()) return;
  document.cookie = "forums-reports-reading=1; path=/forums; max-age=31536000; samesite=lax";
  const observer = new IntersectionObserver(look, { threshold: [0, 0.25, 0.5, 0.75, 1] });
  const watchAll = () => articles().forEach((article) => observer.observe(article));
  watchAll();
  new MutationObserver(watchAll).observe(thread, { childList: true, subtree: true });
  document.addEventListener("visibilitychange", () => (document.hidden ? tell() : watchAgain(observer)));
  addEventListener("pagehide", tell);
}

function watchAgain(observer) {
  observer.disconnect();
  articles().forEach((article) => observer.observe(article));
}

function look(entries) {
  if (document.hidden) return;
  for (const { target, intersectionRatio, intersectionRect } of entries) {
    if (intersectionRatio >= ENOUGH || intersectionRect.height >= ENOUGH * innerHeight) seen.add(target.id);
  }
  if (!timer && readUpTo() > told) timer = setTimeout(tell, TELL_AFTER);
}

// A post that was seen stands for all before it; comments, which may be newer than what follows, only for themselves.
function readUpTo() {
  const all = articles();
  if (all.every(({ id }) => seen.has(id))) return Math.max(Number(thread.dataset.seen), ...all.map(numberOf));
  let upTo = Math.max(0, ...all.filter(({ id, dataset }) => seen.has(id) && !dataset.parent).map(numberOf));
  for (const article of all.toSorted((one, other) => numberOf(one) - numberOf(other))) {
    if (numberOf(article) <= upTo) continue;
    if (!seen.has(article.id)) break;
    upTo = numberOf(article);
  }
  return upTo;
}

function tell() {
  clearTimeout(timer);
  timer = 0;
  const number = readUpTo();
  if (number <= told) return;
  told = number;
  // What cannot be told now is told with the next post that is seen.
  post(`/forums/t/${topic}/read`, { number }, { keepalive: true }).catch(() => { told = 0; });
}
