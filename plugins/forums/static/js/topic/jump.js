// "12 / 40": where the reader is in the topic, and ways to go elsewhere in it without loading the page again.
import { number } from "../texts.js";
import { isLastPage, show, thread, topPosts } from "./thread.js";

const menu = document.querySelector("[data-jump]");
let waiting = false;

/** Start; called once by topic.js. */
export function keepJump() {
  if (!menu) return;
  for (const event of ["scroll", "resize"]) addEventListener(event, ask, { passive: true });
  thread.addEventListener("forums:placed", ask);
  menu.addEventListener("click", go);
  menu.querySelector("[data-jump-form]").addEventListener("submit", goToNumber);
  draw();
}

function ask() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(draw);
}

function draw() {
  waiting = false;
  const posts = topPosts();
  const line = innerHeight * 0.4;
  const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 4;
  const above = posts.filter((post) => post.getBoundingClientRect().top <= line);
  const current = (atEnd ? posts.at(-1) : above.at(-1)) ?? posts[0];
  if (!current) return;
  const bar = menu.querySelector("[data-jump-bar]");
  // What comes last may be hidden from this reader, so the last page tells how many there are.
  const total = Number(isLastPage ? posts.at(-1).dataset.position : bar.max);
  menu.querySelector("[data-jump-at]").textContent = number(Number(current.dataset.position));
  menu.querySelector("[data-jump-of]").textContent = number(total);
  bar.max = total;
  bar.value = Number(current.dataset.position);
}

/** The post for a way of jumping, if it is on this page. */
export function target(way) {
  if (way === "start") return topPosts().find(({ dataset }) => dataset.position === "1");
  if (way === "end") return isLastPage ? topPosts().at(-1) : undefined;
  if (way === "answer") return thread.querySelector(".post-accepted");
  return thread.querySelector("[data-unread-line] + .thread-item > .post") ?? undefined;
}

function go(event) {
  const way = event.target.closest("[data-jump-to]")?.dataset.jumpTo;
  const found = way && target(way);
  if (!found || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(found);
}

function goToNumber(event) {
  const wanted = new FormData(event.target).get("post");
  const found = topPosts().find(({ dataset }) => dataset.position === wanted);
  if (!found) return;
  event.preventDefault();
  menu.open = false;
  show(found);
}
