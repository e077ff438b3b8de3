// Shows what a subscription hears, for the tests of the live client.
const show = (id, text) => (document.getElementById(id).textContent = text);
const lines = document.getElementById("lines");
const { selftest, subscribe } = await window.ecrm.live();

window.room = subscribe(lines.dataset.channel, {
  since: Number(lines.dataset.seq),
  onEvent({ seq, ref, name, actor }) {
    const item = document.createElement("li");
    item.textContent = seq === null ? `${actor.name} ${name}` : `${seq} ${ref}`;
    lines.append(item);
  },
  onReset: (seq) => lines.replaceChildren(`reset ${seq}`),
  onStatus: (status) => show("status", status),
  onPresence: ({ members, anonymous }) => show("people", `${members.map(({ name }) => name)} ${anonymous}`),
});
window.selftest = () => selftest().then(({ way }) => show("result", way), (error) => show("result", error.message));
