// A person's initials on the colour that stays with the public id, as the server draws them (web/formatting.py).
const { element } = window.ecrm;
const COLOURS = 12;

/** An avatar; size as in the style sheet: 20, 24, 30, 40. */
export function avatar({ uid, name }, size = 24) {
  return element("span", { class: `avatar avatar-${size} avatar-c${colour(uid)}`, "aria-hidden": "true" }, initials(name));
}

/** One or two capital letters; "?" when the name has no letter or digit. */
export function initials(name) {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  if (!words.length) return "?";
  const first = [...words[0]][0];
  const alone = words.length === 1 || /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(first);
  return (alone ? first : first + [...words.at(-1)][0]).toUpperCase();
}

function colour(uid) {
  let sum = -1;
  for (const byte of new TextEncoder().encode(uid)) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (0xedb88320 & -(sum & 1));
  }
  return ((sum ^ -1) >>> 0) % COLOURS;
}
