// Words and drawings that the template forums/_texts.html gives to the scripts: no text stands in a module.
const words = document.getElementById("forums-texts")?.dataset ?? {};
const drawings = document.getElementById("forums-icons")?.content;
const format = new Intl.NumberFormat(document.documentElement.lang || "en");

/** A translated text by its data name in camel case; {placeholders} are filled from `values`. */
export const text = (name, values = {}) => (words[name] ?? "").replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);

/** The text for a number: `<name>One` for 1, else `<name>Many` with {n}. */
export const counted = (name, n) => text(n === 1 ? `${name}One` : `${name}Many`, { n: format.format(n) });

/** A number as the reader's language writes it. */
export const number = (n) => format.format(n);

/** A copy of one of the drawings of the template. */
export const icon = (name) => drawings?.querySelector(`[data-icon="${name}"] svg`)?.cloneNode(true) ?? "";

/** What went wrong, in the server's words where it said some. */
export const saying = (error) => error.body?.detail || error.message;
