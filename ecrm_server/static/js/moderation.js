// The moderators' keys: j and k walk through the queue, marked buttons and fields ([data-key], [data-key-focus]) have
// a letter of their own. The keys are listed under "?".
const { shortcuts } = window.ecrm;
const links = [...document.querySelectorAll("[data-review-item]")];

function walk(step) {
  const at = links.indexOf(document.activeElement);
  links[Math.max(0, Math.min(links.length - 1, at + step))]?.focus();
}

if (links.length) {
  const list = document.querySelector("[data-review-list]").dataset;
  shortcuts.register("j", list.nextLabel, () => walk(1));
  shortcuts.register("k", list.previousLabel, () => walk(-1));
}
for (const button of document.querySelectorAll("[data-key]")) {
  shortcuts.register(button.dataset.key, button.textContent.trim(), () => button.click());
}
for (const field of document.querySelectorAll("[data-key-focus]")) {
  shortcuts.register(field.dataset.keyFocus, field.labels[0]?.textContent.trim() ?? "", () => field.focus());
}

const pill = document.querySelector("[data-channel][data-count]");
if (pill) {
  const { subscribe } = await window.ecrm.live();
  const changed = async () => {
    const { text } = await window.ecrm.getJson(pill.dataset.count);
    pill.querySelector("[data-pill-text]").textContent = text;
    pill.parentElement.hidden = false;
  };
  subscribe(pill.dataset.channel, { since: Number(pill.dataset.since), onEvent: changed, onReset: changed });
}
