// Pages with a form for a topic, an edit or a reply: the browser posts it, the composer helps.
import { prepareComposer } from "./compose/composer.js";
import { text } from "./texts.js";

const form = document.querySelector("form[data-composer]");
if (form) {
  const { drafts } = prepareComposer(form);
  form.addEventListener("submit", () => {
    drafts.leaving();
    // A second press would only be answered by the first one's result, but it need not be sent at all.
    const button = form.querySelector("[data-submit]");
    setTimeout(() => { button.disabled = true; });
    addEventListener("pageshow", () => { button.disabled = false; });
  });
  window.ecrm.shortcuts.register("$mod+Enter", text("keySend"), () => {});
}
