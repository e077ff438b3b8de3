// Theme and density: kept in cookies (pages cached for everybody read them in theme.js) and, for a signed-in person,
// sent to the server where the page names a place for it: <meta name="ecrm-appearance" content="/url">.
import { post } from "./http.js";

const YEAR = 31536000;
const root = document.documentElement;

const current = () => root.dataset.theme ?? "system";

function keep(name, value) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `ecrm-${name}=${value}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
}

function remember(name, value) {
  keep(name, value);
  const place = document.querySelector('meta[name="ecrm-appearance"]')?.content;
  // The cookie is what this browser shows; a failure to store it on the server costs nothing here.
  if (place) post(place, { [name]: value }).catch(() => {});
}

/** Choose "light", "dark" or "system". */
export function setTheme(theme) {
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  remember("theme", theme);
  mark();
}

/** Switch between comfortable and compact. */
export function toggleDensity() {
  const compact = root.dataset.density !== "compact";
  if (compact) root.dataset.density = "compact";
  else delete root.dataset.density;
  remember("density", compact ? "compact" : "comfortable");
  mark();
}

function mark() {
  for (const button of document.querySelectorAll("[data-set-theme]")) {
    button.setAttribute("aria-pressed", String(button.dataset.setTheme === current()));
  }
  for (const button of document.querySelectorAll("[data-density-toggle]")) {
    button.setAttribute("aria-pressed", String(root.dataset.density === "compact"));
  }
}

/** A form of preferences with both fields is a choice for this browser too. */
function adopt({ target: { elements } }) {
  const [theme, density] = [elements?.theme?.value, elements?.density?.value];
  if (theme === undefined || density === undefined) return;
  keep("theme", theme || "system");
  keep("density", density || "comfortable");
}

/** Start; called once by app.js. */
export function prepareAppearance() {
  mark();
  document.addEventListener("submit", adopt);
  document.addEventListener("click", ({ target }) => {
    const choice = target.closest("[data-set-theme]");
    if (choice) setTheme(choice.dataset.setTheme);
    else if (target.closest("[data-density-toggle]")) toggleDensity();
    else if (target.closest("[data-theme-toggle]")) setTheme(isDark() ? "light" : "dark");
  });
}

const isDark = () => current() === "dark" || (current() === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
