// The way to the composer. It is fetched when somebody comes near it or wants it, and at the latest when the page is at rest:
// whoever only reads does not wait for it.
const FIRST = 600; // milliseconds that belong to the page itself
const AT_REST = 1500; // by then it comes even to a page that is busy
const { complain, word } = window.ecrm;
const section = document.querySelector("[data-reply]");
let composer = null;
let ready = false;

/** Whether the reader may reply here. */
export const canReply = () => section !== null;
/** The module reply.js, prepared. */
export const load = () => (composer ??= import("./reply.js").then((reply) => {
  reply.prepareReply();
  ready = true;
  return reply;
}, (error) => {
  composer = null; // the next one who wants it tries again
  throw error;
}));
const early = () => load().catch(() => {});

/** Start; called once by topic.js. */
export function watchDoor() {
  if (!section) return;
  const near = new IntersectionObserver((entries) => entries.some(({ isIntersecting }) => isIntersecting) && early(), { rootMargin: "200px" });
  near.observe(section);
  section.addEventListener("focusin", early);
  addEventListener("online", early);
  section.querySelector("form").addEventListener("submit", sendWhenReady);
  // Soon, when nothing else is to be done: a connection that breaks early must not take the composer along.
  const atRest = window.requestIdleCallback ?? ((work) => setTimeout(work, 200));
  addEventListener("load", () => setTimeout(() => atRest(early, { timeout: AT_REST }), FIRST));
  document.addEventListener("click", openByLink);
}

// Who is quicker than the composer comes with it: sent by the browser itself the text would be lost without a connection.
function sendWhenReady(event) {
  if (ready) return;
  event.preventDefault();
  const { target: form, submitter } = event;
  load().then(() => form.requestSubmit(submitter), () => (navigator.onLine ? form.submit() : complain(word("offline"))));
}

async function openByLink(event) {
  const link = event.target.closest("[data-reply-open], [data-comment], [data-quote]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const article = link.closest("article[data-post]");
  const reply = await load().catch(() => complain(word("offline")));
  if (!reply) return;
  if (link.matches("[data-comment]")) reply.comment(article);
  else if (link.matches("[data-quote]")) reply.quote(article);
  else reply.open();
}
