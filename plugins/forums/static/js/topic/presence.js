// Who is reading the topic now.
import { avatar } from "../person.js";
import { counted, text } from "../texts.js";

const { actor, element } = window.ecrm;
const SHOWN = 5;
const line = document.querySelector("[data-presence]");

/** Show the others: { members: [{ uid, name }], count, anonymous }. */
export function showReaders({ members, count, anonymous }) {
  const others = members.filter(({ uid }) => uid !== actor());
  const beyond = count - members.length + Math.max(0, others.length - SHOWN);
  const visitors = actor() ? anonymous : Math.max(0, anonymous - 1);
  line.hidden = !others.length && !visitors;
  if (line.hidden) return;
  const shown = others.slice(0, SHOWN);
  const words = [
    shown.map(({ name }) => name).join(", "),
    beyond > 0 ? text("andMore", { n: beyond }) : "",
    visitors > 0 ? counted("guests", visitors) : "",
  ].filter(Boolean);
  line.replaceChildren(
    element("span", { class: "presence-faces" }, ...shown.map((person) => avatar(person, 24))),
    element("span", {}, `${text("reading")}: ${words.join(", ")}`),
  );
}
