// Links [data-flag] to /flag/<kind>/<uid> open the form in a dialog; without this module they open its page.
const headers = { "HX-Request": "true" };

async function open(link) {
  const response = await fetch(link.href, { headers, credentials: "same-origin" });
  if (!response.ok) return location.assign(link.href);
  const { element } = window.ecrm;
  const content = element("div", { class: "dialog-content" });
  content.innerHTML = await response.text();
  const dialog = element("dialog", { class: "dialog", "aria-labelledby": "flag-title" }, content);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("submit", (event) => send(event, dialog, content));
  document.body.append(dialog);
  dialog.showModal();
}

async function send(event, dialog, content) {
  if (!event.target.matches("[data-flag-form]")) return;
  event.preventDefault();
  const { complain, csrfToken, toast, word } = window.ecrm;
  const body = new FormData(event.target);
  const response = await fetch(event.target.action, {
    method: "POST", body, credentials: "same-origin", headers: { ...headers, "X-CSRFToken": csrfToken() },
  }).catch(() => null);
  if (!response || (!response.ok && response.status !== 422)) return complain(word("failed"));
  content.innerHTML = await response.text();
  if (response.ok) {
    toast(content.textContent.trim(), { kind: "success" });
    dialog.close();
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-flag]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  open(link);
});
