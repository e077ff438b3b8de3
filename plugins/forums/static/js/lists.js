// Lists of topics: what moved waits behind a pill; j, k and n by keyboard.
import { counted, text } from "./texts.js";

const { actor, live, refreshTimes, shortcuts } = window.ecrm;
const news = document.querySelector("[data-list-channel]");
const moved = new Set();

if (actor()) document.cookie = "forums-reports-reading=1; path=/forums; max-age=31536000; samesite=lax";
if (news) follow();
prepareKeys();

async function follow() {
  const pill = news.querySelector(".pill-row");
  const { subscribe } = await live();
  subscribe(news.dataset.listChannel, {
    since: Number(news.dataset.seq),
    onEvent: ({ ref }) => { moved.add(ref); offer(pill, counted("newTopics", moved.size)); },
    onReset: () => offer(pill, text("outOfDate")),
  });
  pill.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    renew(pill);
  });
}

function offer(pill, words) {
  pill.querySelector("[data-pill-text]").textContent = words;
  pill.hidden = false;
}

// The page as it is now, put in place of the lists.
async function renew(pill) {
  const answer = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok) return location.reload();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector(".page-content");
  const old = document.querySelector(".page-content");
  for (const child of [...old.children]) if (child !== news) child.remove();
  const kept = [...fresh.children];
  const at = kept.findIndex((child) => child.matches("[data-list-channel]"));
  news.before(...kept.slice(0, at));
  news.after(...kept.slice(at + 1));
  for (const uid of moved) document.getElementById(`t-${uid}`)?.classList.add("topic-moved");
  moved.clear();
  pill.hidden = true;
  refreshTimes(old);
  document.getElementById("main").focus({ preventScroll: true });
}

function prepareKeys() {
  const links = () => [...document.querySelectorAll(".topic-title > a:not(.icon)")];
  const step = (by) => {
    const all = links();
    const at = all.indexOf(document.activeElement);
    all[at < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at + by))]?.focus();
  };
  shortcuts.register("j", text("keyNextTopic"), () => step(1));
  shortcuts.register("k", text("keyPreviousTopic"), () => step(-1));
  shortcuts.register("g l", text("keyLatest"), () => location.assign("/forums/latest"));
  const open = document.querySelector("[data-new-topic]");
  if (open) shortcuts.register("n", text("keyNewTopic"), () => location.assign(open.href));
}
