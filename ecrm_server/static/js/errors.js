// Says in words what went wrong with a request, in a toast, and never twice at once.
import { viewing, word } from "./client.js";
import { toast } from "./toast.js";

const REPEAT_MS = 3000;
let last = { text: "", at: 0 };

/** The sentence for an HTTP status; 0 stands for no connection. */
export function explain(status) {
  if (status === 0) return word("offline");
  if (status === 400) return word("expired");
  if (status === 403 && viewing()) return viewing();
  if (status === 401 || status === 403 || status === 404) return word("forbidden");
  if (status === 429) return word("tooMany");
  return word("failed");
}

/** Show an error toast, once in three seconds for the same text. */
export function complain(text) {
  const now = Date.now();
  if (text === last.text && now - last.at < REPEAT_MS) return;
  last = { text, at: now };
  toast(text, { kind: "danger" });
}
