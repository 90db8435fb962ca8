import { HttpError } from "./http-error.ts";
import { LinkedList, ListItem } from "../waiting/linked-list.ts";

/** A request in flight that can be ended early. */
export abstract class Endable extends ListItem<Endable> {
  /** When it was sent, by the process's monotonic clock, which all timeouts go by. */
  readonly sentAt: number = performance.now();

  abstract stop(reason: unknown): void;
}

/** The requests in flight, grouped by the signal that ends them. */
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
 * Requests that one signal ends. One listener serves them all, as adding and removing thousands of listeners on one
 * signal takes time that grows with their number. One timer serves them all, too: each has the same time, so that
 * the first one sent is the first to be late.
 */
export class Peers {
  readonly #timeoutMs: number;
  /**
   * In the order in which they were sent. This is not a `Set`: V8 copies a `Set` every so often when items come and
   * go all the time, and each copy that was thrown away refers to the next one. Once one of them is old to the
   * garbage collector, all that follow become old too, with every answer in them, and collecting takes ten times as
   * long.
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

  /** Each request takes itself out of the list when it is stopped. */
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

/** Node.js lets a longer timer fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;
