import type { Charge, LimitReading } from "./charge.ts";
import type { TimedRefusal } from "./counting.ts";
import type { LimitState } from "./limit-state.ts";
import { Quota } from "./quota.ts";
import { NeverFitsError } from "./never-fits-error.ts";
import { listLimits, type Limit, type RateLimits } from "./rate-limits.ts";

/** Part of a limit that the pace uses: server and client count time and tokens a little differently. */
const MARGIN = 0.995;
/** A refusal near the limit takes this much from that part, and more if a request takes long at the pace. */
const TIGHTER = 0.001;
const TIGHTER_MS = 200;
const LEAST_MARGIN = 0.96;
/** How fast that part grows again. */
const LOOSER_PER_MS = 0.0001 / 60_000;

/** A limit that holds a request back. */
export interface Binding {
  /** When the request may go. */
  readonly at: number;
  readonly limit: Limit;
  readonly source: "told" | "learned";
}

/**
 * What the known limits say to a refusal: it is at the `edge` of one of them; the server counts `stricter` than was
 * thought; or `none` explains it.
 */
export type Explanation = "edge" | "stricter" | "none";

/** A permit, as far as limits are concerned. */
interface Taken {
  readonly charge: Charge;
  readonly number: number;
  readonly sentAt: number;
}

/** All known limits of one limiter. */
export class Quotas {
  /** What the user told: the server's word can only lower it. */
  readonly #told: readonly Limit[];
  readonly #quotas: Quota[] = [];
  #isPaced: boolean;
  #margin: number = MARGIN;
  #marginAt = 0;

  constructor(limits: RateLimits) {
    this.#told = listLimits(limits);
    for (const limit of this.#told) this.#quotas.push(new Quota(limit, MARGIN, 0));
    this.#isPaced = this.#quotas.some((quota) => quota.isPaced);
  }

  /** Whether a limit is known that spreads requests over time. */
  get isPaced(): boolean {
    return this.#isPaced;
  }

  /** When a charge may go; not after `now` where it may already. */
  readyAt(charge: Charge, now: number): number {
    let at = now;
    for (const quota of this.#quotas) {
      const amount = charge[quota.dimension];
      if (amount === undefined || amount <= 0) continue;
      const ready = quota.readyAt(amount, now);
      if (ready > at) at = ready;
    }
    return at;
  }

  /** The limit that holds a charge back longest; `undefined` where it may go. */
  binding(charge: Charge, now: number): Binding | undefined {
    let at = now;
    let longest: Quota | undefined;
    for (const quota of this.#quotas) {
      const amount = charge[quota.dimension] ?? 0;
      const ready = amount > 0 ? quota.readyAt(amount, now) : now;
      if (ready <= at) continue;
      at = ready;
      longest = quota;
    }
    if (longest === undefined) return undefined;
    const { dimension, windowMs, limit } = longest;
    const isTold = this.#told.some(
      (told) => told.dimension === dimension && told.windowMs === windowMs && told.limit === limit,
    );
    return { at, limit: { dimension, windowMs, limit }, source: isTold ? "told" : "learned" };
  }

  /** Takes a charge; returns the milliseconds it takes at the pace of the limit that binds. */
  take(charge: Charge, now: number, slowdown: number): number {
    let longest = 0;
    for (const quota of this.#quotas) {
      const amount = charge[quota.dimension];
      if (amount === undefined || amount <= 0) continue;
      longest = Math.max(longest, quota.take(amount, now, slowdown));
    }
    return longest;
  }

  /** Puts `actual` in the place of what was reserved. Returns whether something was given back. */
  settle(permit: Taken, actual: Charge, now: number): boolean {
    let isLess = false;
    for (const quota of this.#quotas) {
      const reserved = permit.charge[quota.dimension] ?? 0;
      const took = actual[quota.dimension] ?? 0;
      if (permit.number < quota.firstPermit || (reserved === 0 && took === 0)) continue;
      const isGiven = quota.settle(reserved, took, permit.sentAt, now);
      isLess ||= isGiven;
    }
    return isLess;
  }

  /** Gives back what was reserved. */
  refund(permit: Taken, now: number): void {
    for (const quota of this.#quotas) {
      const reserved = permit.charge[quota.dimension] ?? 0;
      if (permit.number >= quota.firstPermit && reserved > 0) quota.refund(reserved, permit.sentAt, now);
    }
  }

  /** How a refusal is explained by the limits that are known. */
  explain(refusal: TimedRefusal, now: number): Explanation {
    const isAtEdge = this.#quotas.some((quota) => quota.isAtEdge(now));
    // One server counts all its limits in the same way, so that all go over.
    const explained = this.#quotas.filter((quota) => quota.explain(refusal, now));
    if (explained.length > 0) return "stricter";
    return isAtEdge ? "edge" : "none";
  }

  /** Takes over what a response told. Returns whether a limit has changed. */
  learn(readings: readonly LimitReading[], nextPermit: number, now: number): boolean {
    let isChanged = false;
    for (const { dimension, windowMs, limit } of readings) {
      if (limit === undefined || !(limit > 0)) continue;
      const told = this.#told.find((known) => known.dimension === dimension && known.windowMs === windowMs);
      const lower = Math.min(limit, told?.limit ?? Number.POSITIVE_INFINITY);
      const quota = this.#quotas.find(
        (known) => known.dimension === dimension && known.windowMs === windowMs,
      );
      if (quota?.limit === lower) continue;
      isChanged = true;
      if (quota === undefined)
        this.#quotas.push(new Quota({ dimension, windowMs, limit: lower }, this.#margin, nextPermit));
      else quota.setLimit(lower, now);
    }
    this.#isPaced = this.#quotas.some((quota) => quota.isPaced);
    return isChanged;
  }

  /** A refusal at the edge of the limits: leaves a little more room. `costMs` is what a request takes at the pace. */
  tighten(costMs: number, now: number): void {
    const looser = Math.min(MARGIN, this.#margin + (now - this.#marginAt) * LOOSER_PER_MS);
    this.#margin = Math.max(LEAST_MARGIN, looser - TIGHTER * (1 + costMs / TIGHTER_MS));
    this.#marginAt = now;
    for (const quota of this.#quotas) quota.setMargin(this.#margin, now);
  }

  neverFits(charge: Charge): NeverFitsError | undefined {
    for (const { dimension, limit } of this.#quotas) {
      const amount = charge[dimension] ?? 0;
      if (amount > limit) return new NeverFitsError(dimension, amount, limit);
    }
    return undefined;
  }

  state(now: number): readonly LimitState[] {
    return this.#quotas.map((quota) => {
      const { dimension, windowMs, limit } = quota;
      return { dimension, windowMs, limit, use: Math.max(0, quota.taken(now) / limit) };
    });
  }
}
