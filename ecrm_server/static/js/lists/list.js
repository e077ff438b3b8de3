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
const board = sheet.querySelector("[data-list-board][data-movable]");
if (board) import("./board.js").then(({ prepareBoard }) => prepareBoard(board));
