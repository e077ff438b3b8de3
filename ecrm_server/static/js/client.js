// What the page gives its scripts: translated words, drawings, the CSRF token. No text stands in a module.
const words = document.getElementById("client-texts")?.dataset ?? {};
const drawings = document.getElementById("client-icons")?.content;

/** A translated word of templates/layout/client.html, by its data name in camel case; "" when there is none. */
export const word = (name) => words[name] ?? "";

/** A copy of a drawing of templates/layout/client.html; undefined names give the drawing "file-text". */
export function drawing(name) {
  const found = drawings?.querySelector(`[data-icon="${CSS.escape(name ?? "")}"] svg`);
  return (found ?? drawings?.querySelector('[data-icon="file-text"] svg'))?.cloneNode(true) ?? "";
}

/** The CSRF token, or "" for a visitor who is not signed in. */
export const csrfToken = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

/** The public id of the signed-in person, or "". */
export const actor = () => document.body.dataset.actor ?? "";

/** What to say when a change is asked for while the site is seen as somebody else; "" for everybody who is themselves. */
export const viewing = () => document.querySelector("[data-viewing]")?.dataset.viewing ?? "";

/** Make an element: tag, attributes (true gives a bare one, false and null none), children (nodes or text). */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value != null) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}
