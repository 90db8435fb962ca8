/** Requests in a round trip, as a multiple of the number in flight. A number that grows fourfold evenly needs 1.85. */
const TIMES = 2;
/** How many may go together: so many, or this part of the number in flight, as timers are late on a busy machine. */
const AT_ONCE = 16;
const AT_ONCE_SHARE = 1 / 8;
/** Shorter round trips are those of this process rather than of the server, and set no pace. */
const LEAST_ROUND_TRIP_MS = 50;

/**
 * Spreads requests over the round trip while the number in flight grows. Answers that come together would otherwise bring
 * several times as many requests together; and a limit that is used up by then refuses all of them before the first
 * refusal is back.
 */
export class GrowthPace {
  /** The shortest round trip so far, as longer ones may show load; none before one was measured. */
  #roundTripMs: number | undefined;
  /** When everything sent so far is paid for at the pace. */
  #paidAt: number = Number.NEGATIVE_INFINITY;

  measured(roundTripMs: number): void {
    this.#roundTripMs = Math.min(this.#roundTripMs ?? roundTripMs, roundTripMs);
  }

  /** When a request may go; not after `now` where it may already. `window` is the number allowed in flight. */
  readyAt(window: number, now: number): number {
    const atOnce = Math.max(AT_ONCE, AT_ONCE_SHARE * window);
    return Math.max(now, this.#paidAt - (atOnce - 1) * this.#gapMs(window));
  }

  sent(window: number, now: number): void {
    this.#paidAt = Math.max(this.#paidAt, now) + this.#gapMs(window);
  }

  #gapMs(window: number): number {
    if (this.#roundTripMs === undefined || this.#roundTripMs < LEAST_ROUND_TRIP_MS) return 0;
    return this.#roundTripMs / (TIMES * window);
  }
}
