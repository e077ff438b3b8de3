// Putting text into a field so that the browser's own undo takes it back.

/** Replace the selection. */
export function insert(field, words) {
  field.focus();
  // The only way of writing that keeps the undo history; setRangeText where a browser lacks it.
  if (!document.execCommand("insertText", false, words)) {
    field.setRangeText(words, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/** Insert as a paragraph of its own, with blank lines around it. */
export function insertBlock(field, words) {
  const before = field.value.slice(0, field.selectionStart);
  const gap = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  insert(field, `${gap}${words.trim()}\n\n`);
}

/** Replace a piece of text wherever it stands now, leaving the caret where it is. */
export function exchange(field, old, words) {
  const at = field.value.indexOf(old);
  if (at < 0) return false;
  field.setRangeText(words, at, at + old.length, "preserve");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  return true;
}

/** Write the whole of a field anew. */
export function fill(field, words) {
  field.value = words;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
