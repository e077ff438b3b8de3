// Cards of a board moved by the mouse and by touch, or with Shift and the arrow keys; each card's menu moves it too.
import { complain } from "../errors.js";
import { piece, word } from "./piece.js";

/** Start; called once on boards whose cards may be moved. */
export async function prepareBoard(board) {
  await import("../../vendor/sortablejs/sortable.min.js"); // a classic script: it puts itself into the window
  for (const lane of board.querySelectorAll("[data-lane]")) {
    window.Sortable.create(lane, {
      group: "lanes", draggable: ".list-card", filter: "a, summary, button, details", preventOnFilter: false,
      ghostClass: "list-card-ghost", animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120, delay: 120, delayOnTouchOnly: true,
      onEnd: ({ item, from, to, oldDraggableIndex }) => from !== to && moved(item, from, to, oldDraggableIndex),
    });
  }
  board.addEventListener("keydown", (event) => {
    const card = event.target.closest(".list-card");
    if (!card || event.target !== card || !event.shiftKey || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    event.preventDefault();
    const lanes = [...board.querySelectorAll("[data-lane]")];
    const forward = (event.key === "ArrowRight") === (document.documentElement.dir !== "rtl");
    const from = card.parentElement;
    const to = lanes[lanes.indexOf(from) + (forward ? 1 : -1)];
    if (!to) return;
    const index = [...from.children].indexOf(card);
    to.prepend(card);
    card.focus();
    moved(card, from, to, index);
  });
}

async function moved(card, from, to, index) {
  const body = new FormData();
  body.set("value", to.dataset.lane);
  body.set("version", card.dataset.version);
  recount(from, to);
  const answer = await piece(card.dataset.moveUrl, { method: "PATCH", body, expected: [409, 422] });
  if (answer?.status === 200) {
    card.dataset.version = answer.version;
    for (const field of card.querySelectorAll('[name="version"]')) field.value = answer.version;
    return;
  }
  from.insertBefore(card, from.children[index] ?? null);
  recount(from, to);
  if (answer?.status === 409) complain(word("conflict"));
  else if (answer) complain(new DOMParser().parseFromString(answer.text, "text/html").querySelector(".field-error")?.textContent.trim());
  if (answer?.status === 409) setTimeout(() => location.reload(), 1500);
}

function recount(...lanes) {
  for (const lane of lanes) {
    const told = lane.closest(".list-lane").querySelector(".list-count");
    if (!told.textContent.includes("+")) told.textContent = lane.querySelectorAll(".list-card").length;
  }
}
