// The entry module of every page. Modules of plugins run after it and find what they may use in window.ecrm:
//   const { toast, shortcuts, post } = window.ecrm;
import { actor, csrfToken, drawing, element, word } from "./client.js";
import { prepareAppearance, setTheme, toggleDensity } from "./appearance.js";
import { complain } from "./errors.js";
import { getJson, post, prepareHtmx, RequestError } from "./http.js";
import { prepareMenus } from "./menus.js";
import { keepScrollersReachable } from "./scrollers.js";
import { register, showHelp } from "./shortcuts.js";
import { ago, keepTimes, refreshTimes } from "./times.js";
import { toast } from "./toast.js";

// Fetched once the page is at rest, so that the first key after Ctrl+K already lands in the palette.
let palette = null;
const loadPalette = () => (palette ??= import("./palette.js"));
const openPalette = async () => (await loadPalette()).openPalette();

window.ecrm = Object.freeze({
  actor, ago, complain, csrfToken, drawing, element, getJson, live: () => import("./live.js"), openPalette, post,
  refreshTimes, RequestError, setTheme, shortcuts: Object.freeze({ register, showHelp }), toast, toggleDensity, word,
});

prepareHtmx();
prepareAppearance();
prepareMenus();
keepTimes();
keepScrollersReachable();
for (const field of document.querySelectorAll("input[data-timezone]")) {
  field.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-shortcuts-help]")) showHelp();
  if (event.target.closest("[data-palette]") && !(event.ctrlKey || event.metaKey || event.shiftKey || event.button)) {
    event.preventDefault();
    openPalette();
  }
});
addEventListener("load", () => setTimeout(loadPalette, 1000));
register("$mod+k", word("openSearch"), openPalette);
register("/", word("openSearch"), openPalette);
register("g h", word("goHome"), () => location.assign("/"));
register("?", word("showHelp"), showHelp);
