import { HttpError } from "./http-error.ts";

/** A request that can be ended early. */
export interface Endable {
  /** By the process's monotonic clock. */
  readonly sentAt: number;
  stop(reason: unknown): void;
}

/** The requests in flight, by the signal that ends them. */
export class InFlight {
  readonly #timeoutMs: number;
  readonly #peers = new WeakMap<AbortSignal, Peers>();
  #last: { readonly signal: AbortSignal; readonly peers: Peers } | undefined;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  peersOf(signal: AbortSignal): Peers {
    if (this.#last?.signal === signal) return this.#last.peers;
    const peers = this.#peers.get(signal) ?? new Peers(signal, this.#timeoutMs);
    this.#peers.set(signal, peers);
    this.#last = { signal, peers };
    return peers;
  }
}

/**
 * Requests that one signal ends. One listener and one timer serve them all: adding and removing thousands of
 * listeners on one signal takes time that grows with their number, and as all have the same time, the first
 * one sent is the first to be late.
 */
export class Peers {
  readonly #timeoutMs: number;
  /** In the order in which they were sent. */
  readonly #handlers = new Set<Endable>();
  #timer: NodeJS.Timeout | undefined;

  constructor(signal: AbortSignal, timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    signal.addEventListener("abort", () => this.#handlers.forEach((each) => each.stop(signal.reason)), {
      once: true,
    });
  }

  add(handler: Endable): void {
    this.#handlers.add(handler);
    if (this.#timer === undefined) this.#setTimer(this.#timeoutMs);
  }

  delete(handler: Endable): void {
    this.#handlers.delete(handler);
    if (this.#handlers.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #setTimer(ms: number): void {
    this.#timer = setTimeout(() => this.#endLate(), Math.min(Math.ceil(ms), MAX_TIMER_MS));
  }

  #endLate(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const handler of this.#handlers) {
      const leftMs = handler.sentAt + this.#timeoutMs - now;
      if (leftMs > 0) {
        this.#setTimer(leftMs);
        return;
      }
      handler.stop(new HttpError("TIMEOUT", `No complete answer within ${this.#timeoutMs} ms`));
    }
  }
}

/** Node takes a longer timer for none. */
const MAX_TIMER_MS = 2 ** 31 - 1;
