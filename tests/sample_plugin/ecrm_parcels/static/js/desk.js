// The desk's list, fetched again when a parcel arrives.
const list = document.getElementById("parcels");

async function refresh() {
  const answer = await fetch(list.dataset.list);
  if (answer.ok) list.innerHTML = await answer.text();
}

const { subscribe } = await window.ecrm.live();
subscribe(list.dataset.room, {
  since: Number(list.dataset.position),
  onEvent: refresh,
  onReset: refresh,
  onStatus: (status) => (list.dataset.status = status),
});
