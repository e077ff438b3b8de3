// Keeps relative times true, and shows exact ones in the visitor's own zone: a cached page knows neither.
import { word } from "./client.js";

const REFRESH_MS = 30000;
const NOW_MS = 45000;
const RELATIVE_MS = 30 * 86400000;
const UNITS = [["day", 86400000], ["hour", 3600000], ["minute", 60000]];
const language = document.documentElement.lang || "en";
const relative = new Intl.RelativeTimeFormat(language, { style: "narrow", numeric: "always" });
const day = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
const exact = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });

/** The text of a moment (milliseconds), as the server's filter `ago` writes it. */
export function ago(ms, now = Date.now()) {
  const passed = now - ms;
  const distance = Math.abs(passed);
  if (distance < NOW_MS) return word("now");
  if (distance >= RELATIVE_MS) return day.format(ms);
  const [unit, length] = UNITS.find((pair) => distance >= pair[1]) ?? UNITS[2];
  return relative.format(-Math.sign(passed) * Math.max(1, Math.floor(distance / length)), unit);
}

/** Refresh every <time title> below `root`. */
export function refreshTimes(root = document) {
  for (const time of root.querySelectorAll("time[datetime][title]")) {
    const ms = Date.parse(time.dateTime);
    if (Number.isNaN(ms)) continue;
    const text = ago(ms);
    if (time.textContent !== text) time.textContent = text;
    if (!time.dataset.local) {
      time.title = exact.format(ms);
      time.dataset.local = "1";
    }
  }
}

/** Start the refresher; called once by app.js. */
export function keepTimes() {
  refreshTimes();
  setInterval(() => document.hidden || refreshTimes(), REFRESH_MS);
  document.addEventListener("htmx:after:swap", () => refreshTimes());
}
