import { pauseMs } from "./backoff.ts";
import { DOUBLING_MS, grow } from "./growth.ts";
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
const WINDOW_MEMORY_MS = 600_000;
/** Refused again this soon after a pause: still the same event. */
const EPISODE_MS = 1000;
const MAX_LEVEL = 3;
/** Requests let in, in a time, that make a measurement. */
const SOUND_COUNT = 30;
const SOUND_MS = 2000;
/** A whole turn of a window, about: what was let in since the last cut says more than what the window holds. */
const TURN_MS = 55_000;
const SOUND_SLOW_COUNT = 10;
const SOUND_SLOW_MS = 10_000;
/** Part of the time that requests must have been waiting for the rate to be the server's and not the caller's. */
const BUSY_SHARE = 0.8;
/** What one refusal may do to the rate without a measurement. */
const LEAST_CUT = 0.9;
const MOST_CUT = 0.5;
/** Part of a measured rate that is used: what was refused came from a little too much. */
const START = 0.97;
/** A refusal at nearly the known rate is chance, noise of time and tokens: so many of them, coming back one by one. */
const CHANCES = 3;
const CHANCE_MS = 20_000;
const CHANCE_SHARE = 0.9;
/** After a pause what was missed is caught up this much faster than known, not all at once. */
const CATCH_UP = 1.5;
const MIN_PER_MS = 1 / 60_000;
const MAX_PER_MS = 1000;

/**
 * Finds the rate that a server lets in from nothing but its refusals. Between two refusals a server that counts
 * continuously lets in exactly its rate, and one that counts windows lets in exactly its limit in the last
 * window: so the amount let in is a measurement, and one cut is enough to be close. Then the rate comes back to
 * just below the last ceiling at once, probes beyond it slowly, and grows fast where the ceiling has gone.
 */
export class RateDiscovery {
  readonly #random: () => number;
  readonly #history: WindowSum = new WindowSum(HISTORY_MS);
  /** Requests per millisecond that the server is known to refuse beyond; none before the first refusal. */
  #ceiling: number | undefined;
  #start = 0;
  #isSound = false;
  /** Whether refusals come late, as from a server that counts windows. */
  #isLate = false;
  /** The highest ceiling that was measured well: what to come back to after an outage. */
  #highest = 0;
  /** What the known limits allow; 0 where none is known. */
  #known = 0;
  /** Time spent growing since the last cut: only while requests were waiting. */
  #grownMs = 0;
  /** When everything sent so far is paid for. */
  #paidAt = 0;
  #resumeAt: number = Number.NEGATIVE_INFINITY;
  /** Until when missed requests are caught up. */
  #catchUpUntil: number = Number.NEGATIVE_INFINITY;
  /** Until when the server is taken for one that counts windows. */
  #windowUntil: number = Number.NEGATIVE_INFINITY;
  /** The first permit after the last refusal that counted. */
  #burstEnd = 0;
  /** Refusals in a row with next to nothing let in between. */
  #level = 0;
  /** The measurement that runs: since when, from which permit, how many of them were refused. */
  #since: number | undefined;
  #from = 0;
  #refusedSince = 0;
  #busyMs = 0;
  #lastSentAt: number | undefined;
  #startedAt: number | undefined;
  /** How long a refusal takes to come back. */
  #refusalMs = 100;
  #isProbing = false;
  #chances = CHANCES;
  #chanceAt = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Requests per minute allowed now; `undefined` while nothing was refused. */
  get perMinute(): number | undefined {
    return this.#ceiling === undefined ? undefined : this.#grownRate(this.#ceiling) * 60_000;
  }

  readyAt(now: number): number {
    if (now < this.#resumeAt) return this.#resumeAt;
    if (this.#isFree(now)) return now;
    return this.#paidAt - Math.max(BURST_MS - 1 / this.#rate(now), 0);
  }

  /**
   * A request is sent. `isBusy` says that it had to wait: the caller could send more than it may. `knownRate` is
   * what the known limits allow, 0 where there are none.
   */
  sent(now: number, isBusy: boolean, knownRate: number): void {
    const gap = now - (this.#lastSentAt ?? now);
    this.#lastSentAt = now;
    this.#startedAt ??= now;
    this.#known = knownRate;
    if (isBusy) this.#busyMs += gap;
    this.#history.add(1, now, now);
    if (this.#isFree(now)) return;
    if (isBusy) this.#grownMs += Math.min(gap, now - this.#resumeAt);
    const rate = this.#rate(now);
    // Where the rate doubles, the next request need not wait as long as the present rate says.
    const ms = Math.min(1 / rate, DOUBLING_MS * Math.log2(1 + Math.LN2 / (rate * DOUBLING_MS)));
    this.#paidAt = Math.max(this.#paidAt, now) + (rate < 0.5 * (this.#ceiling ?? 0) ? ms : 1 / rate);
    if (this.#isProbing) {
      // One request alone first: the others follow when it was not refused.
      this.#isProbing = false;
      this.#paidAt = Math.max(this.#paidAt, now + BURST_MS + Math.min(1000, 2 * this.#refusalMs));
    }
    if (knownRate > 0 && this.#ceiling !== undefined && rate > 4 * knownRate) this.#forget();
  }

  /** A request was given back without an answer. */
  returned(sentAt: number, now: number): void {
    this.#history.add(-1, sentAt, now);
  }

  /**
   * A request was refused for its rate; `next` is the number of the next permit. Returns whether the refusal is
   * taken for chance, at the edge of a known limit.
   */
  refused({ number, sentAt }: Refused, next: number, retryAfterMs: number | undefined, now: number): boolean {
    this.#history.add(-1, sentAt, now);
    if (number >= this.#from) this.#refusedSince += 1;
    if (number < this.#burstEnd) {
      // One cut for one burst; but the server's wish counts whoever hears it.
      if (retryAfterMs !== undefined) this.#pause(pauseMs(retryAfterMs, 0, 0, this.#random), now);
      return false;
    }
    let isChance = false;
    this.#refusalMs += 0.2 * (now - sentAt - this.#refusalMs);
    const letIn = number - this.#burstEnd;
    const isSameEpisode = letIn === 0 || (this.#level < MAX_LEVEL && now - this.#resumeAt < EPISODE_MS);
    if (isSameEpisode && this.#since !== undefined) { this.#level += 1; if (process.env["TRACE"]) console.log("  again", (now/1000).toFixed(2), letIn, this.#level); }
    else isChance = this.#cut(number, now);
    this.#burstEnd = next;
    const pause = pauseMs(retryAfterMs, this.#level, 1 / this.#rate(now), this.#random);
    this.#pause(pause, now);
    if (this.#known > 0) this.#catchUpUntil = this.#resumeAt + 2 * Math.min(pause, LONG_PAUSE_MS);
    this.#isProbing = this.#level > 1 || pause > LONG_PAUSE_MS;
    this.#paidAt = this.#resumeAt;
    return isChance;
  }

  /** Measures what was let in since the last cut, and lowers the rate to it. */
  #cut(number: number, now: number): boolean {
    const { rate, isSound } = this.#measure(number, now);
    const elapsed = now - (this.#since ?? Number.NEGATIVE_INFINITY);
    const isChance = this.#isChance(now);
    this.#level = 0;
    this.#since = now;
    this.#from = number + 1;
    this.#refusedSince = 0;
    this.#busyMs = 0;
    trace("cut", now, rate, isSound, isChance, this.#ceiling, this.#highest);
    if (isChance) return true;
    const { measured, current } = rate;
    const before = this.#ceiling ?? current;
    this.#ceiling = clamp(isSound ? measured : Math.min(before, current));
    this.#isSound = isSound;
    if (isSound && elapsed > SOUND_SLOW_MS) this.#highest = Math.max(0.7 * this.#highest, measured);
    this.#start = clamp(START * measured);
    this.#grownMs = 0;
    return false;
  }

  /** Whether a refusal says nothing against the known limit. */
  #isChance(now: number): boolean {
    const span = Math.min(HISTORY_MS, Math.max(1, now - (this.#startedAt ?? now)));
    if (!(this.#history.sum(now) / span >= CHANCE_SHARE * this.#known)) return false;
    if (this.#known === 0 || this.#ceiling !== undefined) return false;
    this.#chances = Math.min(CHANCES, this.#chances + (now - this.#chanceAt) / CHANCE_MS);
    this.#chanceAt = now;
    if (this.#chances < 1) return false;
    this.#chances -= 1;
    return true;
  }

  #measure(
    number: number,
    now: number,
  ): { readonly rate: { readonly measured: number; readonly current: number }; readonly isSound: boolean } {
    const window = this.#history.sum(now) / HISTORY_MS;
    const current = this.#currentRate(now);
    const since = this.#since;
    if (since === undefined) return { rate: { measured: Math.min(window, current), current }, isSound: false };
    const elapsed = Math.max(1, now - since);
    const accepted = number - this.#from - this.#refusedSince + 1;
    const cycle = accepted / elapsed;
    if (this.#resumeAt - since > LONG_PAUSE_MS) this.#windowUntil = now + WINDOW_MEMORY_MS;
    const isWindow = now < this.#windowUntil;
    this.#isLate = isWindow;
    const isBusy = this.#busyMs > BUSY_SHARE * elapsed;
    const isEnough =
      (accepted >= SOUND_COUNT && elapsed >= SOUND_MS) ||
      (accepted >= SOUND_SLOW_COUNT && elapsed >= SOUND_SLOW_MS);
    const isSound = isBusy && (isEnough || (isWindow && window * HISTORY_MS >= SOUND_SLOW_COUNT));
    const isTurn = isEnough && elapsed >= TURN_MS;
    // Over a turn, a pause that was too long makes the one too low, and two windows in one make the other too high.
    const turn = isWindow ? (cycle + Math.max(cycle, window)) / 2 : cycle;
    const seen = isTurn ? turn : isWindow || !isEnough ? Math.max(cycle, window) : cycle;
    const least = isSound ? 0 : MOST_CUT * current;
    // A full window says nothing about the present rate, only what the limit is.
    const most = isWindow && isBusy ? Number.POSITIVE_INFINITY : (isSound ? 1 : LEAST_CUT) * current;
    const measured = Math.min(Math.max(seen, least), most);
    return { rate: { measured, current }, isSound };
  }

  /** What is sent at present: by the pace where there is one, else as measured. */
  #currentRate(now: number): number {
    if (this.#ceiling !== undefined) {
      const rate = this.#grownRate(this.#ceiling);
      return this.#known > 0 ? Math.min(rate, this.#known) : rate;
    }
    if (this.#known > 0) return this.#known;
    const span = Math.min(2000, Math.max(100, now - (this.#startedAt ?? now)));
    return Math.max(MIN_PER_MS, this.#history.recent(span, now) / span);
  }

  #isFree(now: number): boolean {
    return this.#ceiling === undefined && now >= this.#catchUpUntil;
  }

  #pause(ms: number, now: number): void {
    if (now + ms <= this.#resumeAt) return;
    this.#resumeAt = now + ms;
    this.#paidAt = Math.max(this.#paidAt, this.#resumeAt);
  }

  #rate(now: number): number {
    const most = now < this.#catchUpUntil ? CATCH_UP * this.#known : MAX_PER_MS;
    return this.#ceiling === undefined ? most : Math.min(this.#grownRate(this.#ceiling), most);
  }

  #grownRate(ceiling: number): number {
    const memory = 0.8 * Math.max(this.#highest, this.#known);
    const isHasty = !this.#isSound && ceiling < 0.5 * memory;
    return Math.min(MAX_PER_MS, grow({ start: this.#start, ceiling, memory, isHasty, isLate: this.#isLate }, this.#grownMs));
  }

  #forget(): void {
    this.#ceiling = undefined;
    this.#since = undefined;
    this.#level = 0;
  }
}

function clamp(rate: number): number {
  return Math.min(MAX_PER_MS, Math.max(MIN_PER_MS, rate));
}

function trace(kind: string, now: number, rate: any, isSound: boolean, isChance: boolean, ceiling: number | undefined, high: number): void {
  if (process.env["TRACE"]) console.log(kind, (now / 1000).toFixed(2), "measured", (rate.measured * 6e4).toFixed(0), "current", (rate.current * 6e4).toFixed(0), isSound ? "sound" : "", isChance ? "chance" : "", "ceiling was", ceiling && (ceiling * 6e4).toFixed(0), "high", (high * 6e4).toFixed(0));
}
