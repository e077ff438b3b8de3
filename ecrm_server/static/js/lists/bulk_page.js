// The page of one bulk action looks again until it ended.
import { getJson } from "../http.js";

const place = document.querySelector("[data-list-bulk]");
const OPEN = ["waiting", "running", "undoing"];

async function look() {
  const { state, done, total } = await getJson(place.dataset.listBulk, { headers: { "X-Piece": "1" } });
  if (state !== place.dataset.state && !OPEN.includes(state)) return location.reload();
  const bar = place.querySelector("progress");
  if (bar && total) Object.assign(bar, { max: total, value: done });
  return setTimeout(look, 700);
}
if (OPEN.includes(place.dataset.state)) setTimeout(look, 500);
