// Code blocks and tables of posts that scroll sideways can be reached and scrolled by keyboard (WCAG 2.1.1); the strip
// that an area's menu is on narrow screens shows the page one is on.

const SELECTOR = ".prose pre, .prose table";

function mark() {
  for (const box of document.querySelectorAll(SELECTOR)) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

/** Start; called once by app.js. */
export function keepScrollersReachable() {
  mark();
  // Beside the content the menu is no strip, and the page stays where it begins.
  const here = document.querySelector(".side-menu [aria-current]");
  const strip = here?.closest(".side-menu > ul");
  if (strip && strip.scrollWidth > strip.clientWidth) here.scrollIntoView({ block: "nearest", inline: "center" });
  addEventListener("resize", mark, { passive: true });
  document.addEventListener("htmx:after:swap", mark);
}
