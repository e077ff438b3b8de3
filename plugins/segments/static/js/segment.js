// A segment's page follows its members; what is being read is not moved beyond the first page.
const { live, refreshTimes } = window.ecrm;
const place = document.querySelector("[data-segment]");
const PAUSE = 300;
let waiting = 0;

if (place && !new URLSearchParams(location.search).has("after")) {
  const { subscribe } = await live();
  subscribe(place.dataset.segment, { since: Number(place.dataset.seq), onEvent: soon, onReset: soon });
}

function soon() {
  clearTimeout(waiting);
  waiting = setTimeout(renew, PAUSE);
}

async function renew() {
  const answer = await fetch(place.dataset.fresh, { credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok) return;
  place.innerHTML = await answer.text();
  refreshTimes(place);
}
