// Menus (<details data-menu>) close on Esc, on a click outside and when another opens; [data-dialog] opens a
// native dialog by id, [data-close-dialog] closes the one it stands in.

/** Start; called once by app.js. */
export function prepareMenus() {
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      const chosen = menu.contains(event.target) && event.target.closest(".menu-item");
      if (!menu.contains(event.target) || (chosen && !event.target.closest("form"))) menu.open = false;
    }
    const opener = event.target.closest("[data-dialog]");
    if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
    if (event.target.closest("[data-close-dialog]")) event.target.closest("dialog")?.close();
    // A click on the backdrop has the dialog itself as its target.
    if (event.target.matches("dialog[open]") && outside(event)) event.target.close();
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.("details[data-menu][open]") ?? document.querySelector("details[data-menu][open]");
    if (!menu) return;
    if (event.key === "Escape") {
      menu.open = false;
      menu.querySelector("summary").focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      move(menu, event);
    }
  });
  document.addEventListener("focusout", (event) => {
    const menu = event.target.closest?.("details[data-menu][open]");
    if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });
  // "toggle" does not bubble, so it is caught on its way down.
  document.addEventListener("toggle", ({ target }) => target.matches("details[data-menu][open]") && keepInside(target), true);
  // A form sent back with errors takes the reader to them.
  document.querySelector("[data-focus]")?.focus();
}

function move(menu, event) {
  const items = [...menu.querySelectorAll(".menu-item, .segment")].filter((item) => item.offsetParent);
  if (!items.length) return;
  event.preventDefault();
  const step = event.key === "ArrowDown" ? 1 : -1;
  const at = items.indexOf(document.activeElement);
  items[at < 0 ? (step > 0 ? 0 : items.length - 1) : (at + step + items.length) % items.length].focus();
}

const MARGIN = 8;

/** Push an open menu back into the window where it would stick out on either side. */
function keepInside(menu) {
  const panel = menu.querySelector(".menu-panel");
  panel.style.translate = "";
  const { left, right } = panel.getBoundingClientRect();
  const width = document.documentElement.clientWidth;
  const shift = left < MARGIN ? MARGIN - left : Math.min(0, width - MARGIN - right);
  if (shift) panel.style.translate = `${shift}px`;
}

function outside({ target, clientX, clientY }) {
  const box = target.getBoundingClientRect();
  return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom;
}
