// The form of a rule: its buttons redraw the rows without leaving the page, and the preview follows what is chosen.
const PAUSE = 250;
const { post } = window.ecrm;
const form = document.querySelector("[data-segment-form]");
const rows = form.querySelector("[data-builder]");
const seen = form.querySelector("[data-preview]");
let waiting = 0;
let asked = 0;

form.querySelector("[data-refresh]").hidden = true;

form.addEventListener("submit", (event) => {
  const wish = event.submitter?.name === "do" && event.submitter.value;
  if (!wish) return;
  event.preventDefault();
  redraw(wish);
});
form.addEventListener("change", ({ target }) => target.matches("[data-redraw]") && redraw(`look:${target.name}`));
form.addEventListener("input", ({ target }) => rows.contains(target) && !target.matches("[data-redraw]") && lookSoon());

// After another trait the focus stays where it was; after a new row it goes there.
async function redraw(wish) {
  const fields = new FormData(form);
  const [verb, ...place] = wish.split(":");
  fields.set("do", wish);
  const answer = await post("/segments/builder", fields).catch(() => null);
  if (answer === null) return form.requestSubmit(form.querySelector("[data-refresh]"));
  const typed = verb === "remove" ? [] : typedSince(fields);
  rows.innerHTML = answer;
  for (const [name, value] of typed) {
    const field = rows.querySelector(`[name="${CSS.escape(name)}"]:not([type="checkbox"])`);
    if (field) field.value = value;
  }
  if (verb === "look") rows.querySelector(`[name="${CSS.escape(place.join(":"))}"]`)?.focus();
  else if (verb === "remove") rows.querySelector("select")?.focus();
  else [...rows.querySelectorAll(`[name^="trait:${CSS.escape(place[0])}."], [name^="segment:${CSS.escape(place[0])}."]`)].at(-1)?.focus();
  lookSoon();
}

// What somebody went on typing while the rows were under way.
function typedSince(fields) {
  return [...new FormData(form)].filter(([name, value]) => name.startsWith("value:") && value !== fields.get(name));
}

function lookSoon() {
  clearTimeout(waiting);
  waiting = setTimeout(look, PAUSE);
}

// An answer that a later question has overtaken is dropped.
async function look() {
  const number = ++asked;
  const answer = await post("/segments/preview", new FormData(form)).catch(() => null);
  if (answer !== null && number === asked) seen.innerHTML = answer;
}
