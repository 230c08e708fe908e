// The live stream: resumed where it broke, tried again ever later, and known to be stale when nothing comes.

const STALE_MS = 3000;
const LONGEST_WAIT_MS = 20000;
const FIRST_WAIT_MS = 500;

export class LiveStream {
  /**
   * @param {(kind: "whole" | "step", parts: any) => void} onParts
   * @param {(state: "live" | "connecting" | "stale" | "lost" | "ended", sinceMs: number) => void} onState
   */
  constructor(onParts, onState) {
    this.onParts = onParts;
    this.onState = onState;
    this.seen = "";
    this.wait = FIRST_WAIT_MS;
    this.heardAt = performance.now();
    this.state = "";
    this.open();
    setInterval(() => this.watch(), 1000);
    document.addEventListener("visibilitychange", () => !document.hidden && !this.source && this.state !== "ended" && this.open());
  }

  open() {
    clearTimeout(this.timer);
    this.close();
    const source = new EventSource(`/api/v1/live?after=${encodeURIComponent(this.seen)}`);
    this.source = source;
    this.openedAt = performance.now();
    source.addEventListener("whole", (event) => this.take("whole", event));
    source.addEventListener("step", (event) => this.take("step", event));
    source.addEventListener("bye", () => this.end());
    source.addEventListener("error", () => this.broken());
  }

  take(kind, event) {
    this.seen = event.lastEventId;
    this.wait = FIRST_WAIT_MS;
    this.heardAt = performance.now();
    this.say("live");
    this.onParts(kind, JSON.parse(event.data));
  }

  /** The session is over: the page asks anew who we are. */
  end() {
    this.close();
    this.say("ended");
  }

  broken() {
    this.close();
    this.say(this.seen ? "lost" : "connecting");
    const jitter = 0.75 + Math.random() / 2;
    this.timer = setTimeout(() => this.open(), this.wait * jitter);
    this.wait = Math.min(LONGEST_WAIT_MS, this.wait * 2);
  }

  close() {
    if (this.source) this.source.close();
    this.source = null;
  }

  watch() {
    const silent = performance.now() - this.heardAt;
    if (silent > STALE_MS && this.state === "live") this.say("stale");
    else if (silent > STALE_MS && this.seen && this.state !== "ended") this.onState(this.state, silent);
    // A stream that is open and silent is dead: a proxy, a laptop that slept.
    if (this.source && silent > 4 * STALE_MS && performance.now() - this.openedAt > 4 * STALE_MS) this.broken();
  }

  say(state) {
    if (state === this.state) return;
    this.state = state;
    this.onState(state, performance.now() - this.heardAt);
  }
}
