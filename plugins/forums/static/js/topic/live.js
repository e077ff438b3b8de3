// A topic that is read stays up to date: new posts wait behind a pill, everything else changes in place.
import { counted, text } from "../texts.js";
import { hearPost, hearTyping } from "./typing.js";
import { showReaders } from "./presence.js";
import { catchUp, settled } from "./outbox.js";
import { articles, drawUnreadLine, find, isLastPage, numberOf, parsed, place, refresh, show, swap, take, thread, topic } from "./thread.js";

const { complain, getJson, live, refreshTimes } = window.ecrm;
const IN_PLACE = new Set(["post_edited", "post_deleted", "post_restored", "voted", "answer_accepted"]);
const COUNTED = new Set(["replied", "post_deleted", "post_restored"]);
const AROUND = new Set(["answer_accepted", "tagged", "topic_moved", "topic_closed", "topic_deleted", "topic_restored"]);
const MOST_AT_ONCE = 100; // what the server gives in one answer
const PAUSE = 120;

const pill = document.getElementById("new-posts");
let waiting = []; // posts that came, fetched but not shown
let last = Number(thread.dataset.last);
let channel = null;

/** Subscribe; called once by topic.js. Returns a function that sends a message to the others in the topic. */
export async function follow() {
  const { subscribe } = await live();
  channel = subscribe(thread.dataset.channel, {
    since: Number(thread.dataset.seq),
    onEvent: (event) => (event.name === "typing" ? hearTyping(event.actor) : hear(event)),
    onReset: () => sync().then(fetchNew),
    onPresence: showReaders,
    onStatus: (status) => ["live", "polling"].includes(status) && catchUp(),
  });
  pill.addEventListener("click", showWaiting);
}

/** Tell the others in the topic something. */
export const tell = (name) => channel?.send(name);

function hear({ name, ref }) {
  const what = name.replace("forums.", "");
  if (COUNTED.has(what)) later("new", fetchNew);
  if (IN_PLACE.has(what)) later(ref, () => (find(ref) ? refresh(ref) : what === "post_restored" && sync()));
  if (what === "answer_accepted") {
    for (const other of thread.querySelectorAll(".post-accepted")) later(other.dataset.post, () => refresh(other.dataset.post));
  }
  if (AROUND.has(what) || (what === "post_edited" && find(ref)?.dataset.number === "1")) later("around", refreshAround);
}

// What happens several times within a moment is looked at once.
const timers = new Map();
function later(key, work) {
  if (timers.has(key)) return;
  timers.set(key, setTimeout(() => {
    timers.delete(key);
    Promise.resolve(work()).catch((error) => error.status || complain(error.message));
  }, PAUSE * (0.5 + Math.random())));
}

// One's own reply is put in by the outbox; the event of it may come before the answer does.
async function fetchNew() {
  await settled();
  for (let full = true; full; ) {
    const answer = parsed(await getJson(`/forums/t/${topic}/posts?after=${last}`));
    document.querySelector("#topic-header [data-replies]").textContent = answer.querySelector("[data-replies]").textContent;
    const found = [...answer.querySelectorAll("article[data-post]")];
    for (const article of found) {
      last = Math.max(last, numberOf(article));
      hearPost(article.dataset.author);
      if (!find(article.dataset.post)) waiting.push(article);
    }
    full = found.length >= MOST_AT_ONCE;
  }
  showPill();
}

function showPill() {
  waiting = waiting.filter((article) => !find(article.dataset.post));
  pill.hidden = !waiting.length;
  pill.querySelector("[data-pill-text]").textContent = counted("newPosts", waiting.length);
}

function showWaiting(event) {
  const here = waiting.filter((article) => isLastPage || (article.dataset.parent && find(article.dataset.parent)));
  // What belongs to another page is reached by the link.
  if (!here.length || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  waiting = waiting.filter((article) => !here.includes(article));
  const placed = here.map(place).filter(Boolean);
  for (const article of placed) article.parentElement.classList.add("thread-unread", "thread-new");
  showPill();
  if (!placed.length) return;
  const first = placed.find((article) => !article.dataset.parent);
  if (first) drawUnreadLine(first);
  show(first ?? placed[0]);
  thread.dispatchEvent(new CustomEvent("forums:placed", { bubbles: true }));
}

async function fresh() {
  const answer = await fetch(location.pathname + location.search, { credentials: "same-origin" });
  if (answer.status === 404) complain(text("topicDeleted"));
  if (!answer.ok) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

// The title, tags and state of the topic; the posts stay.
async function refreshAround() {
  const page = await fresh();
  const header = page?.getElementById("topic-header");
  if (!header) return;
  document.getElementById("topic-header").replaceWith(header);
  refreshTimes(header);
}

// Too much was missed to follow event by event: compare the whole page.
async function sync() {
  const page = await fresh();
  if (!page) return;
  for (const article of articles()) {
    const other = page.getElementById(article.id);
    if (other) swap(article, document.importNode(other, true));
    else if (numberOf(article) <= last) take(article);
  }
  refreshTimes(thread);
}
