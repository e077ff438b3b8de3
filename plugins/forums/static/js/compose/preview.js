// What is written as it will look, by the server's own renderer: beside the field where there is room, else instead of it.
import { text } from "../texts.js";

const { post } = window.ecrm;
const PAUSE = 250;
const STORE = "forums-preview";

/** Prepare the preview of a form's text. Returns a function: words -> their HTML if it is shown just now, else "". */
export function preparePreview(form, field) {
  const pane = form.querySelector("[data-preview]");
  const button = form.querySelector("[data-preview-button]");
  const box = form.querySelector(".composer-panes");
  let timer = 0;
  let shown = null;
  let running = null;

  async function draw() {
    const words = field.value;
    if (pane.hidden || words === shown) return;
    running?.abort();
    running = new AbortController();
    try {
      const html = words.trim() ? await post("/forums/preview", { text: words }, { signal: running.signal }) : "";
      shown = words;
      if (html) pane.innerHTML = html;
      else pane.textContent = text("nothing");
    } catch (error) {
      if (error.name !== "AbortError") pane.textContent = text("noPreview");
    }
  }

  function toggle(open) {
    pane.hidden = !open;
    box.classList.toggle("composer-split", open);
    button.setAttribute("aria-pressed", String(open));
    draw();
  }

  field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(draw, PAUSE); });
  button.addEventListener("click", () => {
    toggle(pane.hidden);
    localStorage.setItem(STORE, pane.hidden ? "closed" : "open");
  });
  // Side by side it is in nobody's way, so it starts open there.
  const roomy = box.clientWidth >= 700;
  toggle(roomy && localStorage.getItem(STORE) !== "closed");
  return (words) => (words === shown && !pane.hidden ? pane.innerHTML : "");
}
