// The health page's last row: whether live updates reach this very browser, and how fast.
import { selftest } from "./live.js";

const row = document.getElementById("selftest");

function show(state, detail, kind) {
  const badge = document.createElement("span");
  badge.className = `badge badge-${kind}`;
  badge.textContent = state;
  row.querySelector("[data-selftest-state]").replaceChildren(badge);
  row.querySelector("[data-selftest-detail]").textContent = detail;
}

if (row) {
  row.hidden = false;
  const words = row.dataset;
  show(words.running, "", "neutral");
  try {
    const { milliseconds, way } = await selftest();
    const slow = way === "polling";
    show(slow ? words.attention : words.well, `${slow ? words.polling : words.live} ${milliseconds} ms`, slow ? "warning" : "success");
  } catch {
    show(words.broken, words.failed, "danger");
  }
}
