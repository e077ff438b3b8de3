// The customer's page: when the timeline grew, a fresh first page of it takes the place of the old one. Older pages that
// were opened are kept by not refreshing any more: a pill could not say what is new in the middle of them.
const box = document.getElementById("timeline");
const PAUSE_MS = 400;
let timer = 0;

async function refresh() {
  const response = await fetch(box.dataset.refresh, { credentials: "same-origin" });
  if (!response.ok || box.querySelectorAll("ol.timeline").length > 1) return;
  box.innerHTML = await response.text();
  window.htmx?.process(box);
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(refresh, PAUSE_MS);
}

const { subscribe } = await window.ecrm.live();
subscribe(box.dataset.channel, { since: Number(box.dataset.since), onEvent: soon, onReset: soon });
