// The form of one condition shows the fields that the chosen comparison takes; columns are put into an order.

const FIELDS = { nothing: [], one: ["value"], many: ["value"], pair: ["value", "second"], days: ["days"], days_pair: ["days", "daysSecond"] };
const PLACES = { value: "[data-value]", second: "[data-second]", days: "[data-days]", daysSecond: "[data-days-second]" };

/** Start; called once. */
export function prepareFilter(sheet) {
  const form = sheet.querySelector("[data-list-condition]");
  if (form) {
    form.elements.op.addEventListener("change", () => fit(form));
    fit(form);
  }
  sheet.querySelector("[data-list-columns]")?.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    const line = button.closest("li");
    if (button.dataset.move === "1") line.nextElementSibling?.after(line);
    else line.previousElementSibling?.before(line);
    button.focus();
  });
}

function fit(form) {
  const wanted = FIELDS[form.elements.op.selectedOptions[0].dataset.takes];
  for (const [name, place] of Object.entries(PLACES)) {
    const box = form.querySelector(place);
    if (!box) continue;
    box.hidden = !wanted.includes(name);
    // What is hidden must not be sent.
    for (const field of box.querySelectorAll("[name]")) field.disabled = box.hidden;
  }
}
