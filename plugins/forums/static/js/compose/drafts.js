// What is written is kept: in this browser with every pause, on the server a little later, and put back after a reload.
import { text } from "../texts.js";

const { actor, post } = window.ecrm;
const KEEP_AFTER = 300;
const SEND_AFTER = 1500;
const FIELDS = ["title", "text", "category", "tags", "reason"];

/** The drafts of a form; data-composer names its place. onRestore() is called after fields were filled. */
export class Drafts {
  constructor(form, onRestore = () => {}) {
    this.form = form;
    this.onRestore = onRestore;
    this.context = form.dataset.composer;
    this.note = form.querySelector("[data-draft-note]");
    this.state = form.querySelector("[data-draft-state]");
    this.timers = [];
    this.dirty = false;
    this.restore();
    form.addEventListener("input", () => this.changed());
    form.addEventListener("change", () => this.changed());
    this.note?.querySelector("[data-draft-discard]").addEventListener("click", () => this.discard());
    addEventListener("pagehide", () => this.flush());
  }

  get key() {
    return `forums-draft:${actor()}:${this.context}`;
  }

  values() {
    const found = FIELDS.map((name) => [name, this.form.elements[name]?.value]).filter(([, value]) => value !== undefined);
    return Object.fromEntries(found);
  }

  local() {
    try {
      return JSON.parse(localStorage.getItem(this.key));
    } catch {
      return null;
    }
  }

  // A form sent back with errors shows what was sent; else the newer of the two drafts counts.
  restore() {
    if ("errors" in this.form.dataset) return;
    const sent = sessionStorage.getItem(`sent:${this.key}`);
    sessionStorage.removeItem(`sent:${this.key}`);
    if (sent) localStorage.removeItem(this.key);
    const atServer = Number(this.form.dataset.draftAt || 0);
    const local = this.local();
    const newer = local && local.at >= atServer && (local.fields.text || local.fields.title);
    const field = this.form.elements.text;
    if (field.value !== field.defaultValue) return this.changed(); // somebody writes already
    if (newer) this.fill(local.fields);
    if (this.note) this.note.hidden = !newer && !atServer;
  }

  fill(fields) {
    for (const [name, value] of Object.entries(fields)) if (this.form.elements[name]) this.form.elements[name].value = value;
    this.onRestore();
  }

  changed() {
    this.dirty = true;
    this.stop();
    this.timers = [setTimeout(() => this.keep(), KEEP_AFTER), setTimeout(() => this.send(), SEND_AFTER)];
  }

  keep() {
    const fields = this.values();
    try {
      if (fields.text?.trim() || fields.title?.trim()) localStorage.setItem(this.key, JSON.stringify({ at: Date.now(), fields }));
      else localStorage.removeItem(this.key);
    } catch {
      // A full or forbidden storage leaves the server's copy.
    }
  }

  async send(options = {}) {
    if (!this.dirty) return;
    this.dirty = false;
    const { title = "", text: words = "" } = this.values();
    this.running = new AbortController();
    try {
      const { saved_at: at } = await post("/forums/drafts", { context: this.context, title, text: words }, { signal: this.running.signal, ...options });
      this.say(at ? text("saved") : "");
    } catch (error) {
      if (error.name !== "AbortError") this.say(text("savedHere"));
    }
  }

  say(words) {
    if (this.state) this.state.textContent = words;
  }

  stop() {
    this.timers.forEach(clearTimeout);
    this.timers = [];
  }

  /** Keep everything now: the page is left. */
  flush() {
    if (!this.dirty) return;
    this.stop();
    this.keep();
    this.send({ keepalive: true, signal: undefined });
  }

  /** The text is on its way by other means: forget the copy here; the server forgets its own when it has the text. */
  sent() {
    this.stop();
    this.running?.abort();
    this.dirty = false;
    localStorage.removeItem(this.key);
    this.say("");
    if (this.note) this.note.hidden = true;
  }

  /** The form is posted by the browser itself: whether that works shows when the page is next opened. */
  leaving() {
    this.flush();
    sessionStorage.setItem(`sent:${this.key}`, "1");
  }

  /** Throw the draft away; an edit begins again from the stored text. */
  async discard() {
    this.stop();
    localStorage.removeItem(this.key);
    this.dirty = false;
    this.note.hidden = true;
    await post("/forums/drafts", { context: this.context, title: "", text: "" }).catch(() => {});
    if (this.context.startsWith("edit:")) return location.reload();
    this.fill({ title: "", text: "", tags: "" });
    this.form.elements.text.focus();
  }

  /** Write for another place with the same form: keep what is there, and bring what was written for the other. */
  turnTo(context) {
    if (context === this.context) return;
    this.flush();
    this.context = context;
    this.say("");
    const local = this.local();
    this.fill({ text: local?.fields.text ?? "" });
    this.note.hidden = !local;
  }
}
