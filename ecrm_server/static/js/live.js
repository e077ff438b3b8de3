// Live updates. A page subscribes to channels and hears that something happened, never what: it fetches the
// permission-checked fragment itself.
//
//   const { subscribe } = await window.ecrm.live();
//   const topic = subscribe("forums.topic:8fJk2LmN9pQr", { since: 17, onEvent, onReset, onStatus, onPresence });
//   topic.send("forums.typing", { on: true });
//   topic.leave();
//
// since       the channel's position that the server rendered the page from (data-seq or so); null: from now on
// onEvent     ({ channel, name, seq, at, ref }) in the order of seq, each once; typing and the like: seq null, with
//             data and actor
// onReset     (seq) too much was missed: fetch the state again
// onStatus    ("live" | "reconnecting" | "polling" | "offline" | "refused" | "closed")
// onPresence  ({ members: [{ uid, name }], count, anonymous })
//
// One socket serves all subscriptions of a page; it is opened by the first. Where websockets do not get through, the
// page asks every few seconds instead and says so.
import { actor } from "./client.js";
import { post } from "./http.js";
import { openLink } from "./live/link.js";
import { Room } from "./live/room.js";
import { showStatus } from "./live/status.js";

const rooms = new Map();
let link = null;
let status = "reconnecting";

/** Subscribe to a channel; see above. Returns { send(name, data), leave() }. */
export function subscribe(channel, handlers = {}) {
  if (!rooms.has(channel)) rooms.set(channel, new Room(channel, { rejoin: () => link?.join(rooms.get(channel)) }));
  const room = rooms.get(channel);
  const subscriber = room.add(handlers);
  link ??= openLink(rooms, setStatus);
  link.join(room);
  return {
    send: (name, data = {}) => send(channel, name, data),
    leave() {
      room.remove(subscriber);
      if (room.isEmpty) leave(channel);
    },
  };
}

/** Send a declared message to a channel that the page has joined; resolves to whether the server took it. */
export function send(channel, name, data = {}) {
  return link?.send(channel, name, data) ?? Promise.resolve(false);
}

/** End every subscription to a channel. */
export function leave(channel) {
  if (rooms.delete(channel)) link?.leave(channel);
}

/**
 * Send a test message through the whole chain (outbox, courier, hub, socket) and wait for it.
 * Resolves to { milliseconds, way } where way is "live" or "polling"; rejects after `timeout` milliseconds.
 */
export function selftest(timeout = 15000) {
  return new Promise((resolve, reject) => {
    let started = 0;
    const test = subscribe(`system.selftest:${actor()}`, {
      async onStatus(now) {
        if (now === "refused") finish(reject, new Error(now));
        if (started || !["live", "polling"].includes(now)) return;
        started = performance.now();
        await post("/live/selftest").catch((error) => finish(reject, error));
      },
      onEvent: () => finish(resolve, { milliseconds: Math.round(performance.now() - started), way: status }),
    });
    const timer = setTimeout(() => finish(reject, new Error("timeout")), timeout);
    function finish(settle, value) {
      clearTimeout(timer);
      test.leave();
      settle(value);
    }
  });
}

function setStatus(now) {
  if (now === status) return;
  status = now;
  showStatus(now);
  if (now !== "live") for (const room of rooms.values()) room.tell(now);
}
