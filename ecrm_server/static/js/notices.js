// The live bell: its number follows the server, and it opens the last notices in a menu. Without JavaScript it is a link.
import { actor, element } from "./client.js";
import { getJson } from "./http.js";
import { subscribe } from "./live.js";

const bell = document.querySelector("[data-bell]");
let menu = null;

if (bell && actor()) {
  subscribe(`notices.account:${actor()}`, { onEvent: look, onReset: look });
  bell.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    // The click that opens the menu must not reach menus.js, which closes menus at a click outside.
    event.stopPropagation();
    open();
  });
}

async function look() {
  const { count, text, label } = await getJson("/notices/count");
  const number = bell.querySelector("[data-bell-count]");
  number.hidden = !count;
  number.textContent = text;
  bell.setAttribute("aria-label", label);
  if (menu?.open) await fill();
}

async function open() {
  if (!menu) build();
  menu.open = !menu.open;
  bell.setAttribute("aria-expanded", String(menu.open));
  if (menu.open) await fill();
}

// A menu like the others (menus.js closes it), with the bell itself in front of it as the thing to press.
function build() {
  const panel = element("div", { class: "menu-panel" });
  menu = element("details", { class: "menu menu-end", "data-menu": true }, element("summary", { class: "visually-hidden", tabindex: "-1" }), panel);
  bell.after(menu);
  bell.setAttribute("aria-haspopup", "true");
  menu.addEventListener("toggle", () => bell.setAttribute("aria-expanded", String(menu.open)));
}

async function fill() {
  const panel = menu.querySelector(".menu-panel");
  try {
    const answer = await getJson("/notices/recent", { headers: { Accept: "text/html" } });
    panel.replaceChildren(...new DOMParser().parseFromString(answer, "text/html").body.childNodes);
    window.ecrm?.refreshTimes?.();
  } catch {
    location.assign(bell.href);
  }
}
