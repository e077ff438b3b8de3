// Votes, accepted answers, deleting and restoring without loading the page again. What fails is taken back and said.
import { number, saying, text } from "../texts.js";
import { parsed, refresh, swap, thread } from "./thread.js";

const { complain, post, toast } = window.ecrm;

/** Start; called once by topic.js. */
export function prepareActions() {
  thread.addEventListener("click", (event) => {
    const button = event.target.closest("button.vote, button[data-act]");
    if (!button) return;
    event.preventDefault();
    if (button.matches(".vote")) vote(button);
    else act(button);
  });
}

// ---- votes: shown at once, sent one after the other

const running = new WeakMap();

function vote(button) {
  const box = button.closest(".votes");
  const value = Number(button.value);
  const before = state(box);
  draw(box, { mine: value, score: before.score + value - before.mine });
  const turn = (running.get(box) ?? Promise.resolve()).then(() => send(box, button.formAction, value, before));
  running.set(box, turn);
}

async function send(box, url, value, before) {
  try {
    const fresh = parsed((await post(url, { value })).html).querySelector(".votes");
    draw(box, state(fresh));
  } catch (error) {
    draw(box, before);
    complain(saying(error));
  }
}

const pressed = (button) => button?.getAttribute("aria-pressed") === "true";

function state(box) {
  const [up, down] = box.querySelectorAll(".vote");
  return { mine: pressed(up) ? 1 : pressed(down) ? -1 : 0, score: Number(box.dataset.score) };
}

function draw(box, { mine, score }) {
  const [up, down] = box.querySelectorAll(".vote");
  up.setAttribute("aria-pressed", String(mine === 1));
  up.value = mine === 1 ? 0 : 1;
  down.setAttribute("aria-pressed", String(mine === -1));
  down.value = mine === -1 ? 0 : -1;
  box.dataset.score = score;
  box.querySelector("[data-vote-score]").textContent = number(score);
}

// ---- the rest: the post comes back drawn anew

async function act(button) {
  const article = button.closest("article");
  const url = button.formAction;
  button.disabled = true;
  try {
    const answer = await post(url, button.name ? { [button.name]: button.value } : {});
    if (answer.url && !answer.html) return location.assign(answer.url);
    const others = url.endsWith("/accept") ? [...thread.querySelectorAll(".post-accepted")] : [];
    swap(article, parsed(answer.html).firstElementChild);
    for (const other of others) if (other !== article) refresh(other.dataset.post);
    if (url.endsWith("/delete")) toast(text("deleted"), { undo: () => restore(article.dataset.post, url) });
  } catch (error) {
    button.disabled = false;
    complain(saying(error));
  }
}

async function restore(uid, url) {
  await post(url.replace(/delete$/, "restore"));
  await refresh(uid);
}
