// The way to the server: a websocket, or asking every few seconds where websockets do not get through.
import { getJson } from "../http.js";

const FAILURES_BEFORE_POLLING = 3;
const POLL_SECONDS = [5, 10];
const CHANNELS_PER_QUESTION = 20;

const path = () => document.querySelector('meta[name="ecrm-socket"]')?.content ?? "/socket.io";
const between = (low, high) => low + Math.random() * (high - low);

/** Open the link for the rooms of a page; onStatus hears "live", "reconnecting", "polling" and "offline". */
export function openLink(rooms, onStatus) {
  const link = new Link(rooms, onStatus);
  link.open();
  return link;
}

class Link {
  constructor(rooms, onStatus) {
    this.rooms = rooms;
    this.onStatus = onStatus;
    this.socket = null;
    this.failures = 0;
    this.pause = null;
    this.timer = null;
  }

  async open() {
    const { io } = await import("../../vendor/socket.io-client/socket.io.esm.min.js");
    this.socket = io({
      path: path(), transports: ["websocket"], reconnectionDelay: 500, reconnectionDelayMax: 10000,
      randomizationFactor: 0.5, timeout: 8000,
    });
    this.socket.on("connect", () => this.connected());
    this.socket.on("connect_error", () => this.failed());
    this.socket.on("disconnect", (reason) => this.disconnected(reason));
    this.socket.on("event", (event) => this.received(event));
    addEventListener("offline", () => this.onStatus("offline"));
    addEventListener("online", () => this.reconnect());
    addEventListener("pagehide", () => this.socket.disconnect());
    addEventListener("pageshow", ({ persisted }) => persisted && this.socket.connect());
  }

  connected() {
    this.failures = 0;
    this.pause = null;
    clearTimeout(this.timer);
    this.timer = null;
    this.onStatus("live");
    for (const room of this.rooms.values()) {
      room.joining = room.over = false;
      this.join(room);
    }
  }

  failed() {
    this.failures += 1;
    if (!navigator.onLine) this.onStatus("offline");
    else if (this.failures >= FAILURES_BEFORE_POLLING) this.poll();
    else this.onStatus("reconnecting");
    // A handshake that the server refuses ends the library's own attempts.
    if (!this.socket.active) setTimeout(() => this.socket.connect(), between(2000, 6000));
  }

  disconnected(reason) {
    this.onStatus(navigator.onLine ? "reconnecting" : "offline");
    if (reason === "io server disconnect") setTimeout(() => this.socket.connect(), between(200, this.pause ?? 1000));
  }

  reconnect() {
    this.onStatus("reconnecting");
    if (!this.socket.connected) this.socket.connect();
  }

  received(event) {
    if (event.name === "disconnected") this.pause = event.data.within ?? null;
    else this.rooms.get(event.channel)?.take(event);
  }

  /** Join or join again from where the page is; without a socket the next connection does it. */
  async join(room) {
    if (!this.socket?.connected || room.joining) return;
    room.joining = true;
    const again = () => setTimeout(() => this.rooms.get(room.channel) === room && this.join(room), between(2000, 5000));
    try {
      const question = { channel: room.channel, since: room.since };
      const answer = await this.socket.timeout(10000).emitWithAck("join", question);
      if (!room.answered(answer, "live")) again();
    } catch {
      room.joining = false;
      again();
    }
  }

  leave(channel) {
    if (this.socket?.connected) this.socket.emit("leave", { channel });
  }

  async send(channel, name, data) {
    if (!this.socket?.connected) return false;
    try {
      return (await this.socket.timeout(5000).emitWithAck("send", { channel, name, data })).ok;
    } catch {
      return false;
    }
  }

  poll() {
    if (this.timer !== null) return;
    this.timer = setTimeout(() => this.ask(), 0);
  }

  async ask() {
    const open = [...this.rooms.values()].filter((room) => !room.over);
    try {
      for (let start = 0; start < open.length; start += CHANNELS_PER_QUESTION) {
        await this.askFor(open.slice(start, start + CHANNELS_PER_QUESTION));
      }
      if (!this.socket.connected) this.onStatus("polling");
    } catch {
      this.onStatus(navigator.onLine ? "reconnecting" : "offline");
    }
    if (this.timer !== null) this.timer = setTimeout(() => this.ask(), 1000 * between(...POLL_SECONDS));
  }

  async askFor(rooms) {
    const channels = rooms.map((room) => `${room.channel}:${room.since ?? ""}`).join(",");
    const answers = (await getJson(`/live?${new URLSearchParams({ channels })}`)).channels;
    if (this.socket.connected) return;
    for (const room of rooms) if (answers[room.channel]) room.answered(answers[room.channel], "polling");
  }
}
