// Topics that may already answer, shown while a title is written.
const { getJson } = window.ecrm;
const PAUSE = 350;
const ENOUGH = 8;

/** Look while somebody writes in input[data-similar], whose value is the address to ask. */
export function prepareSimilar(input) {
  const place = document.getElementById("similar");
  let timer = 0;
  let asked = "";
  async function look() {
    asked = input.value.trim();
    const words = asked;
    const html = words.length < ENOUGH ? "" : await getJson(`${input.dataset.similar}?${new URLSearchParams({ q: words })}`, { headers: { Accept: "text/html" } }).catch(() => "");
    if (words === asked && place.innerHTML !== html) place.innerHTML = html;
  }
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, PAUSE); });
}
