// One channel on the client: puts events in order, drops what came twice, notices gaps.

/** hooks.rejoin() is called when events are missing and the channel must be joined again. */
export class Room {
  constructor(channel, hooks) {
    this.channel = channel;
    this.hooks = hooks;
    this.subscribers = new Set();
    this.seq = null;
    this.joining = false;
    this.over = false;
    this.early = [];
  }

  get isEmpty() {
    return this.subscribers.size === 0;
  }

  add(handlers) {
    const subscriber = { seq: handlers.since ?? null, handlers };
    this.subscribers.add(subscriber);
    return subscriber;
  }

  remove(subscriber) {
    this.subscribers.delete(subscriber);
  }

  /** The position to join from: that of the subscriber who knows least; null when nobody wants the past. */
  get since() {
    const known = [...this.subscribers].map(({ seq }) => seq).filter((seq) => seq !== null);
    return known.length ? Math.min(...known) : null;
  }

  /** The server's answer to a join or to a catch-up request; false when it asks to try again later. */
  answered(answer, status) {
    this.joining = false;
    if (!answer.ok) {
      this.early = [];
      if (answer.error !== "refused") return false;
      this.over = true;
      this.tell("refused");
      return true;
    }
    for (const subscriber of this.subscribers) subscriber.seq ??= answer.seq;
    if (answer.missed.reset) this.reset(answer.seq);
    else for (const event of answer.missed) this.pass(event);
    this.seq = answer.seq;
    if (answer.presence) this.call("onPresence", answer.presence);
    this.tell(status);
    for (const event of this.early.splice(0)) this.take(event);
    return true;
  }

  /** An event from the socket. */
  take(event) {
    if (event.name === "presence") this.call("onPresence", event.data);
    else if (event.name === "closed") this.close();
    else if (event.seq === null) this.call("onEvent", event);
    else if (this.joining) this.early.push(event);
    else if (event.name === "reset") this.reset(event.seq);
    else if (event.seq > this.seq + 1) this.hooks.rejoin();
    else if (event.seq > this.seq) {
      this.seq = event.seq;
      this.pass(event);
    }
  }

  pass(event) {
    for (const subscriber of this.subscribers) {
      if (event.seq <= subscriber.seq) continue;
      subscriber.seq = event.seq;
      run(subscriber.handlers.onEvent, event);
    }
  }

  reset(seq) {
    this.seq = seq;
    for (const subscriber of this.subscribers) {
      if (subscriber.seq === seq) continue;
      subscriber.seq = seq;
      run(subscriber.handlers.onReset, seq);
    }
  }

  close() {
    this.over = true;
    this.tell("closed");
  }

  tell(status) {
    this.call("onStatus", status);
  }

  call(handler, value) {
    for (const { handlers } of this.subscribers) run(handlers[handler], value);
  }
}

// One subscriber's fault must not keep the others from hearing.
function run(handler, value) {
  try {
    handler?.(value);
  } catch (error) {
    reportError(error);
  }
}
