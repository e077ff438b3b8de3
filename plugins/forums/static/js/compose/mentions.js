// People's names after an @.
import { avatar } from "../person.js";
import { text } from "../texts.js";
import { caret } from "./caret.js";
import { Choices } from "./choices.js";
import { insert } from "./insert.js";

const { element, getJson } = window.ecrm;
const PAUSE = 120;
const BEGUN = /(^|[\s(])@([\p{L}\p{N}_.-]{1,30})$/u;

/** Offer names in a text field. */
export function prepareMentions(field) {
  const choices = new Choices(field, {
    label: text("people"),
    at: () => caret(field),
    draw: (person) => [face(person), element("span", { class: "choice-name" }, person.name), element("span", { class: "choice-hint" }, `@${person.handle}`)],
    take: (person) => {
      const start = field.selectionStart - (begun(field)?.length ?? 0) - 1;
      field.setSelectionRange(start, field.selectionStart);
      insert(field, `@${person.handle} `);
    },
  });
  let timer = 0;
  let asked = "";
  field.addEventListener("input", () => {
    clearTimeout(timer);
    const start = begun(field);
    if (!start) return choices.close();
    timer = setTimeout(async () => {
      asked = start;
      const found = await getJson(`/forums/mentions?${new URLSearchParams({ q: start })}`).catch(() => []);
      if (asked === start && begun(field) === start) choices.show(found);
    }, PAUSE);
  });
}

const begun = (field) => BEGUN.exec(field.value.slice(0, field.selectionStart))?.[2];

function face({ avatar_url: url, uid, name }) {
  return url ? element("img", { class: "avatar avatar-24", src: url, alt: "", width: 24, height: 24 }) : avatar({ uid, name }, 24);
}
