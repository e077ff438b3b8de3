// A colour picker beside each text field for a colour; the text stays what is sent, and may be empty.
for (const field of document.querySelectorAll("input[data-colour]")) {
  const picker = document.createElement("input");
  picker.type = "color";
  picker.className = "form-control form-control-color";
  picker.value = field.value || field.placeholder;
  picker.setAttribute("aria-label", field.labels[0]?.textContent.trim() ?? "");
  picker.addEventListener("input", () => (field.value = picker.value));
  field.addEventListener("input", () => /^#[0-9a-f]{6}$/i.test(field.value) && (picker.value = field.value));
  const pair = document.createElement("div");
  pair.className = "colour-pair";
  field.replaceWith(pair);
  pair.append(field, picker);
}
