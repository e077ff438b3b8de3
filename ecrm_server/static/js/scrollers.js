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
  document.querySelector(".side-menu [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  addEventListener("resize", mark, { passive: true });
  document.addEventListener("htmx:after:swap", mark);
}
