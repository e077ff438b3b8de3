// The notice for visitors, and the recording of pages for those who agreed. Nothing is sent before a yes.
const campaign = ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"];
const elsewhere = () => (document.referrer && new URL(document.referrer).origin !== location.origin ? document.referrer : "");

// Where the visitor came from goes along with a yes, for the page that follows does not know it any more.
document.querySelector("form[data-consent]")?.addEventListener("submit", (event) => {
  if (event.submitter?.value === "yes") event.target.elements.referrer.value = elsewhere();
});

const recording = document.querySelector("template[data-visit]");
if (recording) {
  const fields = new URLSearchParams({ path: location.pathname, referrer: elsewhere() });
  const query = new URLSearchParams(location.search);
  for (const name of campaign) if (query.has(name)) fields.set(name, query.get(name));
  const token = recording.dataset.csrf;
  if (token) fields.set("csrf_token", token);
  // Whether it was recorded is no business of the visitor's page: it works the same without.
  fetch("/visits", { method: "POST", body: fields, credentials: "same-origin", keepalive: true }).catch(() => {});
}
