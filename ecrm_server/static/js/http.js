// Requests of our own modules, and the manners of htmx: CSRF token on every change, a toast when one fails.
import { csrfToken, viewing } from "./client.js";
import { complain, explain } from "./errors.js";

/** A request that was answered with an error status (0: not at all). `body` holds the parsed JSON answer, if any. */
export class RequestError extends Error {
  constructor(status, body) {
    super(explain(status));
    this.status = status;
    this.body = body;
  }
}

/** GET a URL of this site as JSON; throws RequestError. options are those of fetch (signal). */
export const getJson = (url, options = {}) => request(url, options);

/** POST fields (an object, FormData or URLSearchParams) to a URL of this site; answers parsed JSON or text. */
export async function post(url, fields = {}, options = {}) {
  if (viewing()) throw new RequestError(403, null); // the server would refuse it as well
  const body = fields instanceof FormData ? fields : new URLSearchParams(fields);
  return request(url, { ...options, method: "POST", body, headers: { "X-CSRFToken": csrfToken(), ...options.headers } });
}

async function request(url, options) {
  let response;
  try {
    response = await fetch(url, {
      ...options, credentials: "same-origin", headers: { Accept: "application/json", ...options.headers },
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new RequestError(0, null);
  }
  const json = response.headers.get("Content-Type")?.includes("json");
  const body = await (json ? response.json() : response.text());
  if (!response.ok) throw new RequestError(response.status, json ? body : null);
  return body;
}

/** Teach htmx our manners; called once by app.js. */
export function prepareHtmx() {
  document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
    if (ctx.request.method !== "GET" && csrfToken()) ctx.request.headers["X-CSRFToken"] = csrfToken();
  });
  // 422 carries the form with its errors and is swapped in; everything else above 400 is told in a toast.
  document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
    if (ctx.response.status !== 422) complain(explain(ctx.response.status));
  });
  document.addEventListener("htmx:error", () => complain(explain(0)));
}
