import { HttpError } from "./http-error.ts";
import { LinkedList, ListItem } from "../waiting/linked-list.ts";

/** A request that can be ended early. */
export abstract class Endable extends ListItem<Endable> {
  /** By the process's monotonic clock, as all timeouts are. */
  readonly sentAt: number = performance.now();

  abstract stop(reason: unknown): void;
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
  /**
   * In the order in which they were sent. Not a `Set`: one that items come to and go from all the time is copied
   * every so often, and each copy that was thrown away refers to the next one. Once one of them has become old to
   * the garbage collector, all that follow do, with every answer in them, and collecting takes ten times as long.
   */
  readonly #handlers = new LinkedList<Endable>();
  #timer: NodeJS.Timeout | undefined;

  constructor(signal: AbortSignal, timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    signal.addEventListener("abort", () => this.#stopAll(signal.reason), { once: true });
  }

  add(handler: Endable): void {
    this.#handlers.push(handler);
    if (this.#timer === undefined) this.#setTimer(this.#timeoutMs);
  }

  delete(handler: Endable): void {
    this.#handlers.remove(handler);
    if (this.#handlers.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Each one takes itself out. */
  #stopAll(reason: unknown): void {
    for (let { first } = this.#handlers; first !== undefined; first = this.#handlers.first)
      first.stop(reason);
  }

  #setTimer(ms: number): void {
    this.#timer = setTimeout(() => this.#endLate(), Math.min(Math.ceil(ms), MAX_TIMER_MS));
  }

  #endLate(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (let { first } = this.#handlers; first !== undefined; first = this.#handlers.first) {
      const leftMs = first.sentAt + this.#timeoutMs - now;
      if (leftMs > 0) {
        this.#setTimer(leftMs);
        return;
      }
      first.stop(new HttpError("TIMEOUT", `No complete answer within ${this.#timeoutMs} ms`));
    }
  }
}

/** Node takes a longer timer for none. */
const MAX_TIMER_MS = 2 ** 31 - 1;
