import { pauseMs } from "./backoff.ts";
import { DOUBLING_MS, grow } from "./growth.ts";
import { RateMeasurement } from "./rate-measurement.ts";

/** What a refusal needs to know of the refused request. */
export interface Refused {
  /** Which permit it was, counted from 0. */
  readonly number: number;
  readonly sentAt: number;
}

/** How far ahead of the even pace the discovered rate may run. */
const BURST_MS = 250;
/** A refusal this soon after a pause belongs to the event before it, up to so many refusals in a row. */
const EPISODE_MS = 1000;
const EPISODE_LEVELS = 3;
/** After a longer pause, or the second in a row, one request goes alone first; the others wait at most so long for it. */
const PROBE_PAUSE_MS = 2000;
const MOST_PROBE_MS = 1000;
/** Part of a measured rate to go on with, as the measured one was a little too much. */
const START = 0.97;
/** A measurement this long is remembered beyond an outage; each longer one takes off some of what is remembered. */
const MEMORABLE_MS = 10_000;
const MEMORY_DECAY = 0.7;
const MEMORY_SHARE = 0.8;
/**
 * A refusal at nearly the known rate may be chance, as server and client count time and tokens a little differently. So
 * many are taken for chance; each comes back after the time below.
 */
const CHANCES = 3;
const CHANCE_MS = 20_000;
const CHANCE_SHARE = 0.9;
/**
 * For so long after the last cut, scattered refusals change nothing; up to the second duration they lower the rate a
 * little; after that they count as those of a limit.
 */
const SCATTERED_MS = 20_000;
const SCATTERED_MOST_MS = 30_000;
/** So many refusals of one burst, and more than answers, are not scattered. */
const BURST_COUNT = 10;
/** The pause after a scattered refusal, in requests at the present rate. */
const SCATTERED_GAPS = 5;
/** After so many scattered refusals in a row they are not about the rate, which then grows by the factor. */
const SCATTERED_TIMES = 2;
const SCATTERED_GROWTH = 1.3;
/** After a pause, what was missed is caught up at this many times the known rate, and not all at once. */
const CATCH_UP = 1.5;
/** While no rate is set, the rate of sending is that of so much time before. */
const RECENT_MS = 2000;
/** Twenty requests a second: a single early refusal does not lower the rate below this, as they are no burst. */
const LEAST_HELD = 0.02;
const MIN_PER_MS = 1 / 60_000;
const MAX_PER_MS = 1000;

/**
 * Finds the rate that a server lets in from nothing but its refusals. What was let in between two of them is a
 * measurement of the limit, so one cut is enough to be close. Then the rate comes back to just below the last
 * ceiling at once, probes beyond it slowly, and grows fast where the ceiling has gone.
 */
export class RateDiscovery {
  readonly #random: () => number;
  readonly #measurement: RateMeasurement = new RateMeasurement();
  /** Requests per millisecond above which the server refuses; none before the first refusal. */
  #ceiling: number | undefined;
  #start = 0;
  #isSound = false;
  /** Whether refusals come long after the rate became too high. */
  #isLate = false;
  /** Time spent growing since the last cut: only while requests were waiting. */
  #grownMs = 0;
  /** The highest ceiling that a sound measurement gave: the rate comes back to most of it after an outage. */
  #highest = 0;
  /** What the known limits allow; 0 where none is known. */
  #known = 0;
  /** When everything sent so far is paid for at the present rate. */
  #paidAt = 0;
  #resumeAt: number = Number.NEGATIVE_INFINITY;
  #catchUpUntil: number = Number.NEGATIVE_INFINITY;
  /** The first permit after the last refusal that counted. */
  #burstEnd = 0;
  /** Whether the last refusal led to no cut, and how many of the requests sent before it were refused and answered. */
  #isBorne = false;
  #burstRefused = 0;
  #burstAnswered = 0;
  /** Refusals in a row with next to nothing let in between. */
  #level = 0;
  /** How long a refusal takes to come back. */
  #refusalMs = 100;
  #isProbing = false;
  /** How often in a row refusals were scattered. */
  #scatteredTimes = 0;
  #chances: number = CHANCES;
  #chanceAt = 0;
  /** The rate at the last refusal without a cut, while no ceiling is known, so that no burst of that size comes again. */
  #held: number | undefined;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Requests per minute allowed now; `undefined` while nothing was refused. */
  get perMinute(): number | undefined {
    return this.#ceiling === undefined ? undefined : this.#grownRate(this.#ceiling) * 60_000;
  }

  /** Whether refusals have set a rate. */
  get isActive(): boolean {
    return this.#ceiling !== undefined;
  }

  /** Whether everything pauses after a refusal. */
  isPaused(now: number): boolean {
    return now < this.#resumeAt;
  }

  /** When a request may go; not after `now` where it may already. */
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
    const gap = this.#measurement.sent(isBusy, now);
    this.#known = knownRate;
    if (knownRate > 0 || this.#heldRate() === MAX_PER_MS) this.#held = undefined;
    if (this.#isFree(now)) return;
    if (isBusy) this.#grownMs += Math.min(gap, now - this.#resumeAt);
    const rate = this.#rate(now);
    this.#paidAt = Math.max(this.#paidAt, now) + this.#gapMs(rate);
    if (this.#isProbing) {
      this.#isProbing = false;
      this.#paidAt = Math.max(this.#paidAt, now + BURST_MS + Math.min(MOST_PROBE_MS, 2 * this.#refusalMs));
    }
    // A discovered rate far above the known limits adds nothing to them.
    if (knownRate > 0 && this.#ceiling !== undefined && rate > 4 * knownRate) this.#forget();
  }

  /** A request was answered. */
  answered(number: number): void {
    if (number < this.#burstEnd) this.#burstAnswered += 1;
  }

  /** A request was given back without having been processed. */
  returned(permit: Refused, now: number): void {
    this.#measurement.returned(permit, now);
  }

  /**
   * A request was refused for its rate; `next` is the number of the next permit. Returns whether the refusal is
   * taken for chance, at the edge of a known limit.
   */
  refused(permit: Refused, next: number, retryAfterMs: number | undefined, now: number): boolean {
    const { number, sentAt } = permit;
    this.#measurement.refused(permit, now);
    if (number < this.#burstEnd) {
      // One burst leads to one cut, but each of its refusals may ask for a longer wait.
      if (retryAfterMs !== undefined) this.#pause(pauseMs(retryAfterMs, 0, 0, this.#random), now);
      this.#burstRefused += 1;
      if (!this.#isBorne || this.#burstRefused < BURST_COUNT || this.#burstRefused < this.#burstAnswered)
        return false;
      // Most of the burst is refused, so that the refusals are not scattered.
      this.#isBorne = false;
      return this.#cut(number, now);
    }
    this.#refusalMs += 0.2 * (now - sentAt - this.#refusalMs);
    const isUnknown = this.#ceiling === undefined && this.#known === 0;
    const isFirstHeld = isUnknown && this.#held === undefined;
    if (isUnknown) this.#hold(now);
    const isNothingLetIn = number === this.#burstEnd;
    const isSoon =
      this.#measurement.isFresh(now) || (this.#level < EPISODE_LEVELS && now - this.#resumeAt < EPISODE_MS);
    const isScattered = !isNothingLetIn && this.#measurement.isScattered(number, now);
    const elapsedMs = this.#measurement.elapsedMs(now);
    let isChance = false;
    const isFirst = !this.#measurement.isRunning;
    this.#isBorne = true;
    this.#burstRefused = 0;
    this.#burstAnswered = 0;
    // Nothing was let in yet, as with a key whose limit others use up: the refusal tells a wait and no rate.
    const isBlind = isFirst && isUnknown && isNothingLetIn;
    if (isBlind || (isScattered && isFirst && this.#known === 0)) this.#measurement.restart(number, now);
    else if (isScattered && !isFirst && elapsedMs < SCATTERED_MS) this.#level = 0;
    else if (isScattered && !isFirst && elapsedMs < SCATTERED_MOST_MS) this.#bearScattered(number, now);
    else {
      this.#isBorne = false;
      if (isFirst || !(isNothingLetIn || isSoon)) isChance = this.#cut(number, now);
      else if (isNothingLetIn || !(this.#measurement.isFresh(now) && this.#measurement.isFew(number)))
        this.#level += 1;
      else this.#level = 0;
    }
    this.#burstEnd = next;
    const gapMs = 1 / this.#rate(now);
    const own = pauseMs(retryAfterMs, this.#level, gapMs, this.#random);
    const isShort = isScattered && retryAfterMs === undefined;
    // The first pause lasts at least as long as the other refusals of the burst need to come back.
    const short = Math.max(SCATTERED_GAPS * gapMs, isFirstHeld ? 2 * this.#refusalMs : 0);
    const pause = isShort ? Math.min(own, short) : own;
    this.#pause(pause, now);
    if (this.#known > 0) this.#catchUpUntil = this.#resumeAt + 2 * Math.min(pause, PROBE_PAUSE_MS);
    this.#isProbing = this.#level > 1 || pause > PROBE_PAUSE_MS;
    this.#paidAt = this.#resumeAt;
    return isChance;
  }

  /** Starts from the present rate, which then doubles as long as nothing more is refused. */
  #hold(now: number): void {
    const grown = this.#held === undefined ? LEAST_HELD : this.#heldRate();
    this.#held = Math.max(grown, this.#currentRate(now));
    this.#grownMs = 0;
  }

  /** Lowers the rate to what was let in, unless the refusal is chance. */
  #cut(number: number, now: number): boolean {
    const current = this.#currentRate(now);
    const { rate, isSound, elapsedMs } = this.#measurement.measure(number, current, this.#resumeAt, now);
    this.#measurement.restart(number, now);
    this.#level = 0;
    this.#scatteredTimes = 0;
    if (this.#isChance(now)) return true;
    this.#held = undefined;
    this.#ceiling = clamp(isSound ? rate : Math.min(this.#ceiling ?? current, current));
    this.#isSound = isSound;
    this.#isLate = this.#measurement.isWindow(now);
    if (isSound && elapsedMs > MEMORABLE_MS) this.#highest = Math.max(MEMORY_DECAY * this.#highest, rate);
    this.#start = clamp(START * rate);
    this.#grownMs = 0;
    return false;
  }

  /** Whether a refusal says nothing against the known limit. */
  #isChance(now: number): boolean {
    if (this.#known === 0 || this.#ceiling !== undefined) return false;
    if (this.#measurement.recent(Number.POSITIVE_INFINITY, now) < CHANCE_SHARE * this.#known) return false;
    this.#chances = Math.min(CHANCES, this.#chances + (now - this.#chanceAt) / CHANCE_MS);
    this.#chanceAt = now;
    if (this.#chances < 1) return false;
    this.#chances -= 1;
    return true;
  }

  /**
   * Refusals that go on at a lower rate, few and far between, are not about the rate. The rate is cut a little for the
   * first two in a row and raised from then on: a limit would refuse far more at that rate.
   */
  #bearScattered(number: number, now: number): void {
    const current = this.#currentRate(now);
    this.#measurement.restart(number, now);
    this.#level = 0;
    if (this.#ceiling === undefined) return;
    this.#scatteredTimes += 1;
    const isRegardless = this.#scatteredTimes > SCATTERED_TIMES;
    this.#ceiling = clamp(Math.max(this.#ceiling, current) * (isRegardless ? SCATTERED_GROWTH : 1));
    this.#start = isRegardless ? current : START * current;
    this.#isSound = true;
    this.#isLate = false;
    this.#grownMs = 0;
  }

  /** The rate of sending at present: the one that is set, or else the one that was measured. */
  #currentRate(now: number): number {
    if (this.#ceiling !== undefined) {
      const rate = this.#grownRate(this.#ceiling);
      return this.#known > 0 ? Math.min(rate, this.#known) : rate;
    }
    return this.#known > 0 ? this.#known : Math.max(MIN_PER_MS, this.#measurement.recent(RECENT_MS, now));
  }

  #isFree(now: number): boolean {
    return this.#ceiling === undefined && now >= this.#catchUpUntil && this.#held === undefined;
  }

  #pause(ms: number, now: number): void {
    if (now + ms <= this.#resumeAt) return;
    this.#measurement.paused(now + ms - Math.max(now, this.#resumeAt));
    this.#resumeAt = now + ms;
    this.#paidAt = Math.max(this.#paidAt, this.#resumeAt);
  }

  #gapMs(rate: number): number {
    if (rate >= 0.5 * (this.#ceiling ?? 0)) return 1 / rate;
    // While the rate doubles, the next request need not wait as long as the present rate says.
    return Math.min(1 / rate, DOUBLING_MS * Math.log2(1 + Math.LN2 / (rate * DOUBLING_MS)));
  }

  #rate(now: number): number {
    const most = now < this.#catchUpUntil ? CATCH_UP * this.#known : this.#heldRate();
    return this.#ceiling === undefined ? most : Math.min(this.#grownRate(this.#ceiling), most);
  }

  #heldRate(): number {
    if (this.#held === undefined) return MAX_PER_MS;
    return Math.min(MAX_PER_MS, this.#held * 2 ** (this.#grownMs / DOUBLING_MS));
  }

  #grownRate(ceiling: number): number {
    const memory = MEMORY_SHARE * Math.max(this.#highest, this.#known);
    const isHasty = !this.#isSound && ceiling < 0.5 * memory;
    const growth = { start: this.#start, ceiling, memory, isHasty, isLate: this.#isLate };
    return Math.min(MAX_PER_MS, grow(growth, this.#grownMs));
  }

  #forget(): void {
    this.#ceiling = undefined;
    this.#held = undefined;
    this.#measurement.stop();
    this.#level = 0;
  }
}

function clamp(rate: number): number {
  return Math.min(MAX_PER_MS, Math.max(MIN_PER_MS, rate));
}
