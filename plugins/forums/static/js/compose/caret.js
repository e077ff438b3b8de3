// Where the caret of a text area stands in the window: found with an invisible copy of the text before it.
const COPIED = ["direction", "boxSizing", "width", "borderWidth", "borderStyle", "padding", "font", "letterSpacing", "lineHeight", "textAlign", "textIndent", "tabSize", "wordSpacing"];

/** { left, top, bottom } of the caret's line in the window. */
export function caret(field) {
  const copy = document.createElement("div");
  const style = getComputedStyle(field);
  for (const name of COPIED) copy.style[name] = style[name];
  Object.assign(copy.style, { position: "absolute", top: "0", left: "-9999px", visibility: "hidden", whiteSpace: "pre-wrap", overflowWrap: "break-word" });
  copy.textContent = field.value.slice(0, field.selectionStart);
  const mark = document.createElement("span");
  mark.textContent = "\u200b";
  copy.append(mark);
  document.body.append(copy);
  const box = field.getBoundingClientRect();
  const line = mark.getBoundingClientRect();
  const outer = copy.getBoundingClientRect();
  const left = box.left + line.left - outer.left;
  const top = Math.min(Math.max(box.top, box.top + line.top - outer.top - field.scrollTop), box.bottom - line.height);
  copy.remove();
  return { left, top, bottom: top + line.height };
}
