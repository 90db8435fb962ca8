import type { Explanation } from "../quota/quotas.ts";
import { pauseMs } from "./backoff.ts";
import { DiscoveredRate, MIN_PER_MS } from "./discovered-rate.ts";
import { RANDOM_STEP, RandomRefusals } from "./random-refusals.ts";
import { RateMeasurement } from "./rate-measurement.ts";
import { UsedUpWindow } from "./used-up-window.ts";

/** What a refusal needs to know of the refused request. */
export interface Refused {
  /** Which permit it was, counted from 0. */
  readonly number: number;
  readonly sentAt: number;
}

/** How a request was refused. */
export interface RefusedHow {
  /** Number of the next permit. */
  readonly next: number;
  readonly retryAfterMs: number | undefined;
  /** What the known limits say to it. */
  readonly explanation: Explanation;
}

/** What a refusal is judged by. */
interface Judged {
  readonly number: number;
  readonly retryAfterMs: number | undefined;
  readonly isNothingLetIn: boolean;
  readonly isScattered: boolean;
  readonly isUnknown: boolean;
}

/** What the pause after a refusal follows from. */
interface Paused {
  readonly retryAfterMs: number | undefined;
  readonly isScattered: boolean;
  /** Whether it is the first refusal, and nothing is known. */
  readonly isFirstHeld: boolean;
}

/** How far ahead of the even pace the discovered rate may run. */
const BURST_MS = 250;
/** A refusal this soon after a pause belongs to the event before it, up to so many refusals in a row. */
const EPISODE_MS = 1000;
const EPISODE_LEVELS = 3;
/**
 * After a longer pause, or this many refusals in a row, one request goes alone first; the others wait at most so long
 * for it. At the edge of a known limit a single refusal more says little.
 */
const PROBE_PAUSE_MS = 2000;
const PROBED_LEVEL = 1;
const PROBED_KNOWN_LEVEL = 2;
const MOST_PROBE_MS = 1000;
/**
 * A refusal at nearly the known rate may be chance, as server and client count time and tokens a little differently. So
 * many are taken for chance; each comes back after the time below.
 */
const CHANCES = 3;
const CHANCE_MS = 20_000;
const CHANCE_SHARE = 0.9;
const EDGE_GAP_MS = 500;
/** So many refusals of one burst, and more than answers, are not scattered. */
const BURST_COUNT = 10;

/** The pause after a scattered refusal, in requests at the present rate. */
const SCATTERED_GAPS = 5;
/** After a pause, what was missed is caught up at this many times the known rate, and not all at once. */
const CATCH_UP = 1.5;
/** With fewer requests, a minute says nothing. */
const LEAST_MINUTE = 10;
/** If nothing is let in for so many times as long as between two requests of the last minute, it is used up. */
const USED_UP_GAPS = 4;
const MINUTE_MS = 60_000;
/** If the rate is more than so many times what is let in, something else than the rate holds the requests back. */
const MOST_IDLE = 2;
/** While no rate is set, the rate of sending is that of so much time before. */
const RECENT_MS = 2000;

/**
 * Finds the rate that a server lets in from nothing but its refusals. What was let in between two of them is a
 * measurement of the limit, so one cut is enough to be close. Then the rate comes back to just below the last
 * ceiling at once, probes beyond it slowly, and grows fast where the ceiling has gone.
 */
export class RateDiscovery {
  readonly #random: () => number;
  readonly #measurement: RateMeasurement = new RateMeasurement();
  readonly #discovered: DiscoveredRate = new DiscoveredRate();
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
  /** Since when nothing is let in, as far as refusals tell. */
  #blockedFrom = 0;
  /** The longest time since the last cut in which nothing was let in. */
  #blockedMs = 0;
  /** Whether nothing being let in has been taken for a minute that is used up. */
  #isUsedUp = false;
  /** Whether the last refusal came at the edge of a known limit. */
  #isAtEdge = false;
  #isProbing = false;
  readonly #randomRefusals: RandomRefusals = new RandomRefusals();
  readonly #window: UsedUpWindow;
  #chances: number = CHANCES;
  #chanceAt = 0;

  constructor(random: () => number) {
    this.#random = random;
    this.#window = new UsedUpWindow(this.#measurement.history);
  }

  /** Requests per minute allowed now; `undefined` while nothing was refused. */
  get perMinute(): number | undefined {
    const grown = this.#discovered.grown(this.#known);
    return grown === undefined ? undefined : grown * MINUTE_MS;
  }

  /** Whether refusals have set a rate. */
  get isActive(): boolean {
    return this.#discovered.ceiling !== undefined;
  }

  /** Whether everything pauses after a refusal. */
  isPaused(now: number): boolean {
    return now < this.#resumeAt;
  }

  /** When a request may go; not after `now` where it may already. */
  readyAt(now: number): number {
    if (now < this.#resumeAt) return this.#resumeAt;
    if (this.#isFree(now)) return now;
    const pacedAt = this.#paidAt - Math.max(BURST_MS - 1 / this.#rate(now), 0);
    // A probe may go whatever the window is thought to hold.
    return this.#isProbing ? pacedAt : Math.max(pacedAt, this.#window.roomAt(now));
  }

  /**
   * A request is sent. `isBusy` says that it had to wait: the caller could send more than it may. `knownRate` is
   * what the known limits allow, 0 where there are none.
   */
  sent(now: number, isBusy: boolean, knownRate: number): void {
    const gap = this.#measurement.sent(isBusy, now);
    this.#randomRefusals.sent();
    this.#known = knownRate;
    this.#discovered.release(knownRate > 0);
    if (this.#isFree(now)) return;
    if (isBusy) this.#discovered.grow(Math.min(gap, now - this.#resumeAt));
    const rate = this.#rate(now);
    this.#paidAt = Math.max(this.#paidAt, now) + this.#discovered.gapMs(rate);
    if (this.#isProbing) {
      this.#isProbing = false;
      this.#window.probed(this.#refusalMs, now);
      this.#paidAt = Math.max(this.#paidAt, now + BURST_MS + Math.min(MOST_PROBE_MS, 2 * this.#refusalMs));
    }
    // A discovered rate far above the known limits adds nothing to them.
    if (knownRate > 0 && this.isActive && rate > 4 * knownRate) this.#forget();
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
   * A request was refused for its rate. Returns whether the refusal is taken for chance, at the edge of a known limit.
   */
  refused(permit: Refused, { next, retryAfterMs, explanation }: RefusedHow, now: number): boolean {
    const { number, sentAt } = permit;
    this.#measurement.refused(permit, now);
    this.#window.refused();
    this.#isAtEdge = explanation === "edge";
    if (explanation === "stricter") {
      // The limit is right, and more is known of it now: the rate follows from it again.
      this.#forget();
      this.#burstEnd = next;
      this.#pauseAfter({ retryAfterMs, isScattered: false, isFirstHeld: false }, now);
      return false;
    }
    if (this.#isRandom(number, retryAfterMs, now)) {
      this.#burstEnd = next;
      return false;
    }
    if (number < this.#burstEnd) return this.#refusedInBurst(number, retryAfterMs, now);
    this.#refusalMs += 0.2 * (now - sentAt - this.#refusalMs);
    const isUnknown = !this.isActive && this.#known === 0;
    const isFirstHeld = isUnknown && !this.#discovered.isHeld;
    if (isUnknown) this.#discovered.hold(this.#currentRate(now), this.#measurement.letIn(number, now));
    const isNothingLetIn = number === this.#burstEnd;
    this.#blockedMs = Math.max(this.#blockedMs, this.#resumeAt - this.#blockedFrom);
    if (!isNothingLetIn) {
      this.#blockedFrom = now;
      this.#isUsedUp = false;
    }
    const isScattered = !isNothingLetIn && this.#measurement.isScattered(number, now);
    const isChance = this.#judge({ number, retryAfterMs, isNothingLetIn, isScattered, isUnknown }, now);
    this.#lookForUsedUp(number, isNothingLetIn, retryAfterMs, now);
    this.#burstEnd = next;
    this.#pauseAfter({ retryAfterMs, isScattered, isFirstHeld }, now);
    return isChance;
  }

  /** Whether refusals are known to come whatever the rate; then the rate may be raised, and nothing pauses. */
  #isRandom(number: number, retryAfterMs: number | undefined, now: number): boolean {
    if (!this.#randomRefusals.isOn) return false;
    // A server that names a time has a limit.
    if (retryAfterMs !== undefined) {
      this.#randomRefusals.end();
      return false;
    }
    const factor = this.#randomRefusals.refused(now);
    if (factor === undefined) return false;
    if (factor > 1) this.#raise(factor, number, now);
    return true;
  }

  /** One burst leads to one cut, but each of its refusals may ask for a longer wait. */
  #refusedInBurst(number: number, retryAfterMs: number | undefined, now: number): boolean {
    if (retryAfterMs !== undefined) this.#pause(pauseMs(retryAfterMs, 0, 0, this.#random), now);
    this.#burstRefused += 1;
    if (!this.#isBorne || this.#burstRefused < BURST_COUNT || this.#burstRefused < this.#burstAnswered)
      return false;
    // Most of the burst is refused, so that the refusals are not scattered.
    this.#isBorne = false;
    return this.#cut(number, now);
  }

  /** Draws the conclusion from a refusal: none, a cut, or a longer pause. Returns whether it is taken for chance. */
  #judge(refusal: Judged, now: number): boolean {
    const { number, retryAfterMs, isNothingLetIn, isScattered, isUnknown } = refusal;
    const isSoon =
      this.#measurement.isFresh(now) || (this.#level < EPISODE_LEVELS && now - this.#resumeAt < EPISODE_MS);
    const isFirst = !this.#measurement.isRunning;
    this.#burstRefused = 0;
    this.#burstAnswered = 0;
    // Nothing was let in yet, as with a key whose limit others use up: the refusal tells a wait and no rate.
    const isBlind = isFirst && isUnknown && isNothingLetIn;
    this.#isBorne = isBlind || (isScattered && isFirst && this.#known === 0);
    if (this.#isBorne) {
      this.#restart(number, now);
      return false;
    }
    if (isFirst || !(isNothingLetIn || isSoon)) {
      if (retryAfterMs === undefined && this.#startsRandom(number, now)) return false;
      return this.#cut(number, now);
    }
    const isFew = this.#measurement.isFresh(now) && this.#measurement.isFew(number);
    this.#level = isNothingLetIn || !isFew ? this.#level + 1 : 0;
    return false;
  }

  /** Where nothing was let in for long, or will not be, what was let in before is what a whole window holds. */
  #lookForUsedUp(
    number: number,
    isNothingLetIn: boolean,
    retryAfterMs: number | undefined,
    now: number,
  ): void {
    // A bucket that lets in few lets in none for a while, too.
    const gapMs = MINUTE_MS / Math.max(1, this.#measurement.history.sum(now));
    const longMs = Math.max(PROBE_PAUSE_MS, USED_UP_GAPS * gapMs);
    const isLong = isNothingLetIn && !this.#isBorne && now - this.#blockedFrom > longMs;
    if (!isLong && (retryAfterMs ?? 0) <= longMs) return;
    // A known limit has a window already.
    const isKnown = this.#known > 0 && !this.isActive;
    if (!this.#isUsedUp && !isKnown) this.#useUp(now);
    if (isLong) this.#measurement.skip(number, now);
  }

  #pauseAfter({ retryAfterMs, isScattered, isFirstHeld }: Paused, now: number): void {
    const rate = this.#rate(now);
    const gapMs = 1 / (this.#known > 0 ? Math.min(rate, this.#known) : rate);
    const own = pauseMs(retryAfterMs, this.#level, gapMs, this.#random);
    const isShort = isScattered && retryAfterMs === undefined;
    // The first pause lasts at least as long as the other refusals of the burst need to come back.
    const short = Math.max(SCATTERED_GAPS * gapMs, isFirstHeld ? 2 * this.#refusalMs : 0);
    const pause = this.#window.shorten(isShort ? Math.min(own, short) : own, now);
    this.#pause(pause, now);
    if (this.#known > 0) this.#catchUpUntil = this.#resumeAt + 2 * Math.min(pause, PROBE_PAUSE_MS);
    const probedFrom = this.#known > 0 ? PROBED_KNOWN_LEVEL : PROBED_LEVEL;
    this.#isProbing = this.#level >= probedFrom || isFirstHeld || pause > PROBE_PAUSE_MS;
    this.#paidAt = this.#resumeAt;
  }

  /** A minute is used up: what it held is the limit of a window, and more than a bucket lets in. */
  #useUp(now: number): void {
    this.#isUsedUp = true;
    const count = this.#measurement.history.sum(now);
    if (count < LEAST_MINUTE) return;
    this.#window.begin(now);
    const rate = count / MINUTE_MS;
    if (this.isActive && rate >= this.#currentRate(now)) return;
    this.#discovered.useUp(rate);
  }

  /** Lowers the rate to what was let in, unless the refusal is chance. */
  #cut(number: number, now: number): boolean {
    const current = this.#currentRate(now);
    const measured = this.#measurement.measure(number, current, this.#blockedMs, now);
    this.#blockedMs = 0;
    this.#restart(number, now);
    this.#level = 0;
    if (this.#isChance(now)) return true;
    this.#discovered.cut(measured, current, this.#measurement.isWindow(now));
    return false;
  }

  /** Whether a refusal says nothing against the known limit. */
  #isChance(now: number): boolean {
    if (this.#known === 0 || this.isActive) return false;
    // Where one request is a good part of a short bucket, the bucket may be at its edge while the minute is not.
    if (!this.#isAtEdge && 1 / this.#known < EDGE_GAP_MS) return false;
    if (this.#measurement.recent(Number.POSITIVE_INFINITY, now) < CHANCE_SHARE * this.#known) return false;
    this.#chances = Math.min(CHANCES, this.#chances + (now - this.#chanceAt) / CHANCE_MS);
    this.#chanceAt = now;
    if (this.#chances < 1) return false;
    this.#chances -= 1;
    return true;
  }

  /** Whether to raise the rate after a refusal, to see whether refusals come whatever it is. */
  #startsRandom(number: number, now: number): boolean {
    const { ceiling } = this.#discovered;
    const grown = this.#discovered.grown(this.#known);
    if (ceiling === undefined || grown === undefined) return false;
    const isBelow = grown < ceiling;
    if (!this.#randomRefusals.begins(isBelow, this.#measurement.share(number), now)) return false;
    this.#raise(RANDOM_STEP, number, now);
    return true;
  }

  #raise(factor: number, number: number, now: number): void {
    const current = this.#currentRate(now);
    this.#restart(number, now);
    this.#level = 0;
    // Where something else holds the requests back, a higher rate would show nothing.
    if (current > MOST_IDLE * this.#measurement.recent(RECENT_MS, now)) return;
    this.#discovered.raise(factor, current);
  }

  #restart(number: number, now: number): void {
    this.#measurement.restart(number, this.#currentRate(now), now);
  }

  /** The rate of sending at present: the one that is set, or else the one that was measured. */
  #currentRate(now: number): number {
    const grown = this.#discovered.grown(this.#known);
    if (grown !== undefined) return this.#known > 0 ? Math.min(grown, this.#known) : grown;
    return this.#known > 0 ? this.#known : Math.max(MIN_PER_MS, this.#measurement.recent(RECENT_MS, now));
  }

  #isFree(now: number): boolean {
    return !this.isActive && now >= this.#catchUpUntil && !this.#discovered.isHeld;
  }

  #pause(ms: number, now: number): void {
    if (now + ms <= this.#resumeAt) return;
    this.#measurement.paused(now + ms - Math.max(now, this.#resumeAt));
    this.#resumeAt = now + ms;
    this.#paidAt = Math.max(this.#paidAt, this.#resumeAt);
  }

  #rate(now: number): number {
    const most = now < this.#catchUpUntil ? CATCH_UP * this.#known : this.#discovered.held;
    return Math.min(this.#discovered.grown(this.#known) ?? most, most);
  }

  #forget(): void {
    this.#discovered.forget();
    this.#measurement.stop();
    this.#level = 0;
  }
}
