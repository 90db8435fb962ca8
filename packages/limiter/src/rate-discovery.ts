import { pauseMs } from "./backoff.ts";
import { WindowSum } from "./window-sum.ts";

/** What a refusal needs to know of the refused request. */
export interface Refused {
  /** Which permit it was, counted from 0. */
  readonly number: number;
  readonly sentAt: number;
}

const HISTORY_MS = 60_000;
/** How far ahead of the even pace the discovered rate may run. */
const BURST_MS = 250;
/** A pause longer than this shows a server that counts windows; a bucket lets in again at once. */
const LONG_PAUSE_MS = 2000;
/** Requests let in between two refusals that make their rate a measurement. */
const SOUND_COUNT = 30;
/** Part of the time that requests must have been waiting for the rate to be the server's and not the caller's. */
const BUSY_SHARE = 0.8;
/** One refusal never lowers the rate below this part of it, unless a long pause gave the window's sum. */
const MAX_CUT = 0.5;
const MIN_PER_MS = 1 / 60_000;
const MAX_PER_MS = 1000;

/** Growth after a cut, as parts of the ceiling over time. */
const START = 0.97;
const REACH_MS = 15_000;
const PROBE_MS = 25_000;
const PROBE = 0.08;
const DOUBLING_MS = 8000;
const FAST_DOUBLING_MS = 2000;
const HASTE = 4;

/**
 * Finds the rate that a server lets in from nothing but its refusals. Between two refusals a server that
 * counts continuously lets in exactly its rate, and one that counts windows lets in exactly its limit in the
 * last window: so the amount let in is a measurement, and one cut is enough to be close. Then the rate comes
 * back to just below the last ceiling at once, probes beyond it slowly, and grows fast where the ceiling has
 * gone.
 */
export class RateDiscovery {
  readonly #random: () => number;
  readonly #history: WindowSum = new WindowSum(HISTORY_MS);
  /** Requests per millisecond that the server is known to refuse beyond; none before the first refusal. */
  #ceiling: number | undefined;
  /** Whether the ceiling was measured over enough requests. */
  #isSound = false;
  /** The highest ceiling that was measured soundly: what to come back to after an outage. */
  #highest = 0;
  /** What the known limits allow. */
  #known = 0;
  /** Rate right after the last cut. */
  #startRate = 0;
  /** Time spent growing since the last cut: only while requests were waiting. */
  #grownMs = 0;
  #paidAt = 0;
  #resumeAt: number = Number.NEGATIVE_INFINITY;
  /** The first permit after the last cut. */
  #cutNumber = 0;
  /** Cuts in a row with nothing let in between. */
  #level = 0;
  /** When the first of them was. */
  #chainAt: number | undefined;
  #chainNumber = 0;
  #refusedInChain = 0;
  #busyMs = 0;
  #lastSentAt: number | undefined;
  #startedAt: number | undefined;
  /** How long a refusal takes to come back. */
  #refusalMs = 100;
  #isProbing = false;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Whether a refusal has been seen that still counts. */
  get isActive(): boolean {
    return this.#ceiling !== undefined;
  }

  /** Requests per minute allowed now; `undefined` while nothing was refused. */
  get perMinute(): number | undefined {
    return this.#ceiling === undefined ? undefined : this.#rate() * 60_000;
  }

  /** Until when nothing is sent. */
  get pausedUntil(): number {
    return this.#resumeAt;
  }

  /** Requests let in, in the last minute. */
  accepted(now: number): number {
    return this.#history.sum(now);
  }

  readyAt(now: number): number {
    if (now < this.#resumeAt) return this.#resumeAt;
    if (this.#ceiling === undefined) return now;
    return this.#paidAt - Math.max(BURST_MS - 1 / this.#rate(), 0);
  }

  /** A request is sent. `isBusy` says that it had to wait: the caller could send more than it may. */
  sent(now: number, isBusy: boolean, knownRate: number): void {
    const gap = now - (this.#lastSentAt ?? now);
    this.#lastSentAt = now;
    this.#startedAt ??= now;
    if (isBusy) this.#busyMs += gap;
    this.#history.add(1, now, now);
    if (this.#ceiling === undefined) return;
    if (isBusy) this.#grownMs += Math.min(gap, now - this.#resumeAt);
    const rate = this.#rate();
    this.#paidAt = Math.max(this.#paidAt, now) + 1 / rate;
    if (this.#isProbing) {
      // One request alone first: the others follow when it was not refused.
      this.#isProbing = false;
      this.#paidAt = now + BURST_MS + Math.min(1000, 2 * this.#refusalMs);
    }
    this.#known = knownRate < MAX_PER_MS ? knownRate : 0;
    if (rate > 4 * Math.min(knownRate, MAX_PER_MS)) this.#forget();
  }

  /** A request was given back without an answer. */
  returned(sentAt: number, now: number): void {
    this.#history.add(-1, sentAt, now);
  }

  /** A request was refused for its rate. Returns whether it is the first of its burst. */
  refused({ number, sentAt }: Refused, next: number, retryAfterMs: number | undefined, now: number): boolean {
    this.#history.add(-1, sentAt, now);
    this.#refusedInChain += 1;
    if (number < this.#cutNumber) {
      if (retryAfterMs !== undefined) this.#pause(pauseMs(retryAfterMs, 0, this.#random), now);
      return false;
    }
    this.#refusalMs += 0.2 * (now - sentAt - this.#refusalMs);
    // The first one sent since the last cut is refused again: nothing was let in between.
    if (number === this.#cutNumber && this.#chainAt !== undefined) this.#level += 1;
    else this.#cut(number, now);
    this.#cutNumber = next;
    const pause = pauseMs(retryAfterMs, this.#level, this.#random);
    this.#pause(pause, now);
    this.#isProbing = this.#level > 0 || pause > 1000;
    this.#paidAt = this.#resumeAt;
    return true;
  }

  /** Measures what was let in since the last cut, and lowers the rate to it. */
  #cut(number: number, now: number): void {
    const current = this.#currentRate(now);
    const since = this.#chainAt;
    const accepted = number - this.#chainNumber - this.#refusedInChain;
    const isLong = since !== undefined && this.#resumeAt - since > LONG_PAUSE_MS;
    const cycle = since === undefined ? 0 : accepted / Math.max(1, now - since);
    const isBusy = since !== undefined && this.#busyMs > BUSY_SHARE * (now - since);
    const window = this.#history.sum(now) / HISTORY_MS;
    let measured = current * (this.#ceiling === undefined ? 1 : 0.9);
    if (isBusy) measured = isLong ? Math.max(cycle, window) : Math.max(cycle, MAX_CUT * current);
    const isSound = isBusy && (accepted >= SOUND_COUNT || isLong);
    const rate = clamp(Math.min(measured, current));
    const before = this.#ceiling;
    this.#isSound = isSound;
    this.#ceiling = isSound || before === undefined ? rate : Math.max(rate, Math.sqrt(rate * before));
    if (accepted >= SOUND_COUNT) this.#highest = Math.max(0.7 * this.#highest, this.#ceiling);
    this.#startRate = START * rate;
    this.#grownMs = 0;
    this.#level = 0;
    this.#chainAt = now;
    this.#chainNumber = number;
    this.#refusedInChain = 0;
    this.#busyMs = 0;
  }

  /** What was sent lately, by the pace or as measured where there is none. */
  #currentRate(now: number): number {
    const span = this.#ceiling === undefined ? 2000 : 15_000;
    const elapsed = Math.min(span, Math.max(100, now - (this.#startedAt ?? now)));
    const recent = this.#history.recent(elapsed, now) / elapsed;
    return this.#ceiling === undefined ? recent : Math.min(this.#rate(), Math.max(recent, MIN_PER_MS));
  }

  #pause(ms: number, now: number): void {
    if (now + ms <= this.#resumeAt) return;
    this.#resumeAt = now + ms;
    this.#paidAt = Math.max(this.#paidAt, this.#resumeAt);
  }

  #rate(): number {
    const ceiling = this.#ceiling ?? MAX_PER_MS;
    const start = this.#startRate * 2 ** (this.#grownMs / FAST_DOUBLING_MS);
    return Math.min(start, ceiling * this.#growth(ceiling), MAX_PER_MS);
  }

  #growth(ceiling: number): number {
    const highest = 0.8 * Math.max(this.#highest, this.#known);
    // A low ceiling from a few requests was rather an outage than a limit.
    const grown = this.#grownMs * (!this.#isSound && ceiling < 0.5 * highest ? HASTE : 1);
    if (grown < REACH_MS) return START + ((1 - START) * grown) / REACH_MS;
    if (grown < REACH_MS + PROBE_MS) return 1 + (PROBE * (grown - REACH_MS)) / PROBE_MS;
    const beyond = grown - REACH_MS - PROBE_MS;
    // Below what once was measured, the ceiling was an outage.
    const memory = Math.max(1 + PROBE, highest / ceiling);
    const fast = Math.min((1 + PROBE) * 2 ** (beyond / FAST_DOUBLING_MS), memory);
    return Math.max(fast, (1 + PROBE) * 2 ** (beyond / DOUBLING_MS));
  }

  #forget(): void {
    this.#ceiling = undefined;
    this.#chainAt = undefined;
    this.#level = 0;
  }
}

function clamp(rate: number): number {
  return Math.min(MAX_PER_MS, Math.max(MIN_PER_MS, rate));
}
