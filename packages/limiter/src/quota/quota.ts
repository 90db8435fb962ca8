import type { Dimension } from "./charge.ts";
import type { Limit } from "./rate-limits.ts";
import { WindowSum } from "../time/window-sum.ts";

/** How far ahead of the even pace a burst may run. */
const BURST_MS = 1000;
/** Requests take unequal times to the server, so that those of this much more than a window may come in one. */
const JITTER_MS = 100;
/** Requests that are further apart are not a burst that needs to be spread. */
const RAMPED_MS = 100;
/** The limit of a longer window is spent as it is needed and not spread over the window. */
const LONGEST_PACED_MS = 600_000;

/**
 * One limit and what was taken of it, by two rules at once: the generic cell rate algorithm spreads requests
 * evenly (what short buckets want), and the sum over the last window never exceeds the limit (what windows
 * want).
 */
export class Quota {
  readonly dimension: Dimension;
  readonly windowMs: number;
  /** Permits before this number were given when the limit was not known, and took nothing of it. */
  readonly firstPermit: number;
  /** Whether the limit is spread over its window, rather than spent as it is needed. */
  readonly isPaced: boolean;
  readonly #taken: WindowSum;
  #limit: number;
  /** Part of the limit that the pace uses. */
  #margin: number;
  /** Theoretical arrival time: when everything taken so far is paid for. Not set before the first request. */
  #paidAt: number | undefined;

  constructor({ dimension, windowMs, limit }: Limit, margin: number, firstPermit: number) {
    this.dimension = dimension;
    this.windowMs = windowMs;
    this.firstPermit = firstPermit;
    this.#limit = limit;
    this.#margin = margin;
    this.isPaced = windowMs <= LONGEST_PACED_MS;
    this.#taken = new WindowSum(windowMs + Math.min(JITTER_MS, windowMs / 100));
  }

  get limit(): number {
    return this.#limit;
  }

  /** Replaces the limit; what is owed stays owed, at the new pace. */
  setLimit(limit: number, now: number): void {
    this.#rescale(this.#limit / limit, now);
    this.#limit = limit;
  }

  setMargin(margin: number, now: number): void {
    this.#rescale(this.#margin / margin, now);
    this.#margin = margin;
  }

  /** What was taken in the last window. */
  taken(now: number): number {
    return this.#taken.sum(now);
  }

  /** When an amount may be taken; not after `now` where it may already. */
  readyAt(amount: number, now: number): number {
    const excess = this.#taken.sum(now) + amount - this.#limit;
    // A sum of fractions may miss by a rounding error.
    const roomAt = excess > 1e-6 ? this.#taken.freedAt(excess, now) : now;
    if (!this.isPaced || this.#paidAt === undefined) return roomAt;
    // A request that is larger than a burst may go once nothing is owed.
    const pacedAt = this.#paidAt - Math.max(BURST_MS - amount * this.#msPerUnit(), 0);
    return Math.max(roomAt, pacedAt);
  }

  /** Takes an amount and returns its milliseconds at the pace; `slowdown` above 1 makes the next wait longer. */
  take(amount: number, now: number, slowdown: number): number {
    this.#taken.add(amount, now, now);
    if (!this.isPaced) return 0;
    const even = amount * this.#msPerUnit();
    const cost = even < RAMPED_MS ? even * slowdown : even;
    // The first request starts with an empty bucket: nothing is saved up.
    if (this.#paidAt === undefined) this.#paidAt = now + Math.max(cost, BURST_MS);
    else this.#paidAt = Math.max(this.#paidAt, now) + cost;
    return even;
  }

  /** Corrects what was taken at `takenAt`. */
  correct(change: number, takenAt: number, now: number): void {
    if (change === 0) return;
    this.#taken.add(change, takenAt, now);
    if (this.#paidAt !== undefined) this.#paidAt += change * this.#msPerUnit();
  }

  #msPerUnit(): number {
    return this.windowMs / (this.#limit * this.#margin);
  }

  #rescale(ratio: number, now: number): void {
    if (this.#paidAt !== undefined && this.#paidAt > now) this.#paidAt = now + (this.#paidAt - now) * ratio;
  }
}
