import { counted } from "@parallel-parrot/core";
import { HttpError } from "./http-error.ts";
import { LinkedList, ListItem } from "../waiting/linked-list.ts";
import type { Patience } from "../waiting/patience.ts";

/** A request in flight that can be ended early. */
export abstract class Endable extends ListItem<Endable> {
  /** When it was sent, by the process's monotonic clock, which all timeouts go by. */
  readonly sentAt: number = performance.now();
  /** How many requests had been answered by then. */
  answersBefore = 0;

  abstract stop(reason: unknown): void;
}

/** The requests in flight, grouped by the signal that ends them. */
export class InFlight {
  /** How long answers are waited for. It is to be told of each answer. */
  readonly patience: Patience;
  readonly #peers = new WeakMap<AbortSignal, Peers>();
  /** Those groups in which there are requests. */
  readonly #busy = new Set<Peers>();
  #last: { readonly signal: AbortSignal; readonly peers: Peers } | undefined;

  constructor(patience: Patience) {
    this.patience = patience;
  }

  /** The request that was sent first, and is not answered yet. */
  get oldest(): Endable | undefined {
    let oldest: Endable | undefined;
    for (const { first } of this.#busy)
      if (first !== undefined && first.sentAt < (oldest?.sentAt ?? Number.POSITIVE_INFINITY)) oldest = first;
    return oldest;
  }

  peersOf(signal: AbortSignal): Peers {
    if (this.#last?.signal === signal) return this.#last.peers;
    const peers = this.#peers.get(signal) ?? new Peers(signal, this.patience, this.#busy);
    this.#peers.set(signal, peers);
    this.#last = { signal, peers };
    return peers;
  }
}

/**
 * Requests that one signal ends. One listener serves them all, as adding and removing thousands of listeners on one
 * signal takes time that grows with their number. One timer serves them all, too: the first one sent is the first to be
 * late.
 */
export class Peers {
  readonly #patience: Patience;
  readonly #busy: Set<Peers>;
  /**
   * In the order in which they were sent. This is not a `Set`: V8 copies a `Set` every so often when items come and
   * go all the time, and each copy that was thrown away refers to the next one. Once one of them is old to the
   * garbage collector, all that follow become old too, with every answer in them, and collecting takes ten times as
   * long.
   */
  readonly #handlers = new LinkedList<Endable>();
  #timer: NodeJS.Timeout | undefined;

  /** @param busy the groups in which there are requests */
  constructor(signal: AbortSignal, patience: Patience, busy: Set<Peers>) {
    this.#patience = patience;
    this.#busy = busy;
    signal.addEventListener("abort", () => this.#stopAll(signal.reason), { once: true });
  }

  /** The request that was sent first. */
  get first(): Endable | undefined {
    return this.#handlers.first;
  }

  add(handler: Endable): void {
    handler.answersBefore = this.#patience.answers;
    this.#handlers.push(handler);
    if (this.#timer !== undefined) return;
    this.#busy.add(this);
    this.#setTimer(this.#patience.lookAfterMs(0));
  }

  delete(handler: Endable): void {
    this.#handlers.remove(handler);
    if (this.#handlers.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#busy.delete(this);
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
      const sinceMs = now - first.sentAt;
      const limitMs = this.#patience.limitMs(first.answersBefore);
      if (sinceMs < limitMs) {
        this.#setTimer(Math.min(limitMs - sinceMs, this.#patience.lookAfterMs(sinceMs)));
        return;
      }
      first.stop(new HttpError("TIMEOUT", this.#describeLate(limitMs)));
    }
  }

  #describeLate(limitMs: number): string {
    const { answers, slowestMs } = this.#patience;
    const others =
      answers === 0
        ? ""
        : `, while others took ${inSeconds(slowestMs)} at most (${counted(answers, "answer")} so far)`;
    return `No complete answer within ${inSeconds(limitMs)}${others}`;
  }
}

function inSeconds(ms: number): string {
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 1000)} s`;
}

/** Node.js lets a longer timer fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;
