// The topic by keyboard.
import { text } from "../texts.js";
import { canReply, load } from "./door.js";
import { target } from "./jump.js";
import { articles, show, thread } from "./thread.js";

const { shortcuts } = window.ecrm;

/** Start; called once by topic.js. */
export function prepareKeys() {
  shortcuts.register("j", text("keyNext"), () => step(1));
  shortcuts.register("k", text("keyPrevious"), () => step(-1));
  shortcuts.register("g u", text("keyUnread"), () => jump("unread"));
  shortcuts.register("g e", text("keyEnd"), () => jump("end"));
  if (!canReply()) return;
  shortcuts.register("r", text("keyReply"), async () => (await load()).open());
  shortcuts.register("c", text("keyComment"), async () => (await load()).comment(current()));
  shortcuts.register("q", text("keyQuote"), async () => (await load()).quote(current()));
  shortcuts.register("v", text("keyVote"), () => current()?.querySelector(".vote")?.click());
}

// The post that is focused, else the first one on the screen.
function current() {
  const focused = document.activeElement?.closest?.("article[data-post]");
  return focused ?? articles().find((article) => article.getBoundingClientRect().bottom > innerHeight * 0.2);
}

function step(by) {
  const all = articles();
  const focused = all.indexOf(document.activeElement?.closest?.("article[data-post]"));
  const at = focused >= 0 ? focused + by : all.indexOf(current()) + (by > 0 ? 0 : -1);
  const next = all[Math.max(0, Math.min(all.length - 1, at))];
  if (next) show(next);
}

function jump(way) {
  const found = target(way);
  if (found) show(found);
  else location.assign(`${thread.dataset.url}?to=${way}`);
}
