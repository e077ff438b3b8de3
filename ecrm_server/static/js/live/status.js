// The line below the top bar that says when a page is not live.
import { word } from "../client.js";

const GRACE = 3000; // a reconnection that takes no longer than this is nobody's concern
let offline = null;
let timer = null;

/** Show or hide the line for a status of live.js. */
export function showStatus(status) {
  clearTimeout(timer);
  const text = document.querySelector("#connection [data-connection-text]");
  if (!text) return;
  offline ??= text.textContent;
  if (status === "reconnecting") timer = setTimeout(() => write(text, word("liveLost")), GRACE);
  else if (status === "polling") write(text, word("livePolling"));
  else if (status === "offline") write(text, offline);
  else document.getElementById("connection").hidden = true;
}

function write(text, sentence) {
  text.textContent = sentence;
  document.getElementById("connection").hidden = !sentence;
}
