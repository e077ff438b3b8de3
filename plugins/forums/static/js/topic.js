// The page of a topic. It reads well without this; with it, it is live.
import { text } from "./texts.js";
import { prepareActions } from "./topic/acting.js";
import { canReply, load, watchDoor } from "./topic/door.js";
import { keepJump } from "./topic/jump.js";
import { prepareKeys } from "./topic/keys.js";
import { follow } from "./topic/live.js";
import { openOutbox } from "./topic/outbox.js";
import { prepareQuote } from "./topic/quote.js";
import { reportReading } from "./topic/reading.js";
import { isLastPage } from "./topic/thread.js";

prepareActions();
keepJump();
watchDoor();
prepareQuote();
prepareKeys();
reportReading();
follow();
if (canReply()) openOutbox({ edit: async (entry) => (await load()).writeAgain(entry), sent: leadToReply });
const tags = document.querySelector(".page-aside input[data-tags]");
if (tags) import("./compose/tags.js").then(({ prepareTags }) => prepareTags(tags));

// A reply belongs at the end of the topic, which may be another page.
function leadToReply(answer, placed) {
  if (isLastPage || placed?.dataset.parent) return;
  window.ecrm.toast(text("posted"), { kind: "success" });
  location.assign(answer.url);
}
