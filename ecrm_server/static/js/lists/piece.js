// Pieces of a list's page from the server: the field of a cell, a drawn cell, the question before a bulk action.
import { csrfToken } from "../client.js";
import { complain, explain } from "../errors.js";

/**
 * Ask for a piece of HTML. body: FormData or null. Answers {status, text, version} (version: of the row, as text), or
 * null after a failure that was told in a toast; statuses named in `expected` are no failures.
 */
export async function piece(url, { method = "GET", body = null, expected = [] } = {}) {
  const headers = { "X-Piece": "1", Accept: "text/html", ...(method === "GET" ? {} : { "X-CSRFToken": csrfToken() }) };
  let response;
  try {
    response = await fetch(url, { method, headers, credentials: "same-origin", body: body && new URLSearchParams(body) });
  } catch {
    complain(explain(0));
    return null;
  }
  if (!response.ok && !expected.includes(response.status)) {
    complain(explain(response.status));
    return null;
  }
  return { status: response.status, text: await response.text(), version: response.headers.get("X-Version") };
}

/** The nodes of a piece. */
export function nodes(text) {
  const template = document.createElement("template");
  template.innerHTML = text;
  return template.content;
}

/** A word that the list's page carries for its scripts. */
export const word = (name) => document.querySelector("[data-list]").dataset[`word${name[0].toUpperCase()}${name.slice(1)}`];
