// A form in which somebody writes: everything that helps, by whatever the form has.
import { text } from "../texts.js";
import { Drafts } from "./drafts.js";
import { prepareMentions } from "./mentions.js";
import { preparePictures, uploads } from "./pictures.js";
import { preparePreview } from "./preview.js";
import { prepareSimilar } from "./similar.js";
import { prepareTags } from "./tags.js";

const { complain } = window.ecrm;

/** Prepare form[data-composer]. Returns { form, field, drafts, previewOf(words) }. */
export function prepareComposer(form) {
  const field = form.querySelector("[data-markdown]");
  const tags = form.querySelector("input[data-tags]");
  const redrawTags = tags ? prepareTags(tags) : () => {};
  const drafts = new Drafts(form, () => {
    redrawTags();
    field.dispatchEvent(new Event("input"));
  });
  const previewOf = preparePreview(form, field);
  prepareMentions(field);
  preparePictures(form, field);
  const title = form.querySelector("[data-similar]");
  if (title) prepareSimilar(title);
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    if (uploads()) {
      event.preventDefault();
      event.stopImmediatePropagation();
      complain(text("leave"));
    }
  });
  return { form, field, drafts, previewOf };
}
