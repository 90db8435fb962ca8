import type { Dimension } from "./charge.ts";
import { Counting, type TimedRefusal } from "./counting.ts";
import { isSpread, type Limit } from "./rate-limits.ts";
import { WindowSum } from "../time/window-sum.ts";

/** How far ahead of the even pace a burst may run. */
const BURST_MS = 1000;
/** Requests take unequal times to the server, so that those of this much more than a window may come in one. */
const JITTER_MS = 100;
/** Requests that are further apart are not a burst that needs to be spread. */
const RAMPED_MS = 100;

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
  /** What was taken, as the server is thought to count it, except that all that is reserved counts in full. */
  readonly #taken: WindowSum;
  readonly #counting: Counting;
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
    this.isPaced = isSpread({ windowMs });
    this.#taken = new WindowSum(windowMs + Math.min(JITTER_MS, windowMs / 100));
    this.#counting = new Counting(this.#taken);
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
    return Math.max(0, this.#taken.sum(now) - this.#counting.spare);
  }

  /** When an amount may be taken; not after `now` where it may already. */
  readyAt(amount: number, now: number): number {
    const excess = this.#taken.sum(now) - this.#counting.spare + amount - this.#limit;
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
    const counted = this.#counting.reserve(amount);
    if (!this.isPaced) return 0;
    const even = counted * this.#msPerUnit();
    const cost = even < RAMPED_MS ? even * slowdown : even;
    // The first request starts with an empty bucket: nothing is saved up.
    if (this.#paidAt === undefined) this.#paidAt = now + Math.max(cost, BURST_MS);
    else this.#paidAt = Math.max(this.#paidAt, now) + cost;
    this.#move(this.#counting.loosen(this.#limit, now));
    return amount * this.#counting.meanShare * this.#msPerUnit();
  }

  /** A request that reserved an amount at `takenAt` was answered and took another. Returns whether something is given back. */
  settle(reserved: number, actual: number, takenAt: number, now: number): boolean {
    const { inWindow, owed } = this.#counting.settle(reserved, actual, takenAt, now);
    if (inWindow !== 0) this.#taken.add(inWindow, takenAt, now);
    this.#move(owed);
    return inWindow < 0;
  }

  /** Gives back what a request reserved that was not processed. */
  refund(reserved: number, takenAt: number, now: number): void {
    this.#taken.add(-reserved, takenAt, now);
    this.#move(this.#counting.refund(reserved));
  }

  /** Whether so much is taken that a refusal is no surprise. */
  isAtEdge(now: number): boolean {
    return this.#counting.isFull(this.taken(now), this.#limit);
  }

  /** Looks for a stricter way of counting that explains a refusal, and goes on with it. Returns whether there is one. */
  explain(refusal: TimedRefusal, now: number): boolean {
    if (!this.isPaced) return false;
    const owed = this.#counting.tighten(this.#limit, this.windowMs, refusal, now);
    if (owed === undefined) return false;
    this.#paidAt = Math.max(this.#paidAt ?? now, now) + owed * this.#msPerUnit();
    return true;
  }

  #move(owed: number): void {
    if (this.#paidAt !== undefined && owed !== 0) this.#paidAt += owed * this.#msPerUnit();
  }

  #msPerUnit(): number {
    return this.windowMs / (this.#limit * this.#margin);
  }

  #rescale(ratio: number, now: number): void {
    if (this.#paidAt !== undefined && this.#paidAt > now) this.#paidAt = now + (this.#paidAt - now) * ratio;
  }
}
