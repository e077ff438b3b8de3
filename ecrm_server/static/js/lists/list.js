// The entry module of a list's page.
import { prepareEditing } from "./edit.js";
import { prepareFilter } from "./filter.js";
import { prepareKeys } from "./keys.js";
import { preparePicking } from "./pick.js";

const sheet = document.querySelector("[data-list]");
prepareEditing(sheet);
prepareFilter(sheet);
prepareKeys(sheet);
preparePicking(sheet);

// What was asked for is on its way: the rows that will go are dimmed, unless the answer comes at once.
const leave = () => sheet.setAttribute("aria-busy", "true");
sheet.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  const here = link?.pathname === location.pathname && !link.hash;
  if (here && !event.defaultPrevented && !event.button && !(event.ctrlKey || event.metaKey || event.shiftKey)) leave();
});
sheet.addEventListener("submit", (event) => event.defaultPrevented || event.target.method === "get" && leave());
addEventListener("pageshow", () => sheet.removeAttribute("aria-busy"));

const board = sheet.querySelector("[data-list-board][data-movable]");
if (board) import("./board.js").then(({ prepareBoard }) => prepareBoard(board));
