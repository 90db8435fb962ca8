import { WindowSum } from "../time/window-sum.ts";

/** What was let in between two refusals. */
export interface Measured {
  /** Requests per millisecond. */
  readonly rate: number;
  /** Whether it comes from enough requests to be the server's rate. */
  readonly isSound: boolean;
  /** Milliseconds that were measured. */
  readonly elapsedMs: number;
}

const HISTORY_MS = 60_000;
const LEAST_SPAN_MS = 100;
/** If a server needs a longer pause, it counts in windows: a bucket lets requests in again soon. */
const LONG_PAUSE_MS = 2000;
/** A new window lets in at least this part of what the last one held, or the server is out. */
const REFILLED_SHARE = 0.3;
/** If the last minute holds so many times what it held at the refusal before, it is no window that slides. */
const REFUTED = 1.04;
/** How long a server is taken for one that counts windows after it has shown so. */
const WINDOW_MEMORY_MS = 600_000;
/** A measurement is sound with so many requests let in: many in a short time, or few in a long one, at a rate as low. */
const SOUND_COUNT = 15;
const SOUND_MS = 2000;
const SOUND_SLOW_COUNT = 10;
const SOUND_SLOW_MS = 10_000;
const SOUND_SLOWEST_COUNT = 5;
const SOUND_SLOWEST_MS = 15_000;
const SOUND_SLOWEST_SHARE = 0.6;
/** About a whole window of a minute. After this time, what was let in since the last cut counts half. */
const TURN_MS = 55_000;
/** Refusals are scattered if they are this part of at least so many requests, and pauses took no more time than this. */
const SCATTERED_COUNT = 10;
const SCATTERED_SHARE = 0.15;
const SCATTERED_PAUSED = 0.25;
const SCATTERED_PAUSED_MS = 500;
/** The rate of the last seconds counts for this part, as a bucket may have let in what it had saved up. */
const LATE_MS = 10_000;
const LATE_SHARE = 0.87;
const LATE_CUT = 0.7;
/** Requests must have waited for this part of the time, or the rate measured is that of the caller. */
const BUSY_SHARE = 0.8;
/** Without a sound measurement, a refusal cuts the rate to between these parts of it. */
const LEAST_CUT = 0.9;
const MOST_CUT = 0.5;
/** The first refusal cuts the rate to no less than this part: the rate had doubled until then, and tells little yet. */
const FIRST_CUT = 0.5;

/**
 * Measures what a server lets in. Between two refusals a server that counts continuously lets in exactly its
 * rate; one that counts windows lets in exactly its limit in the last window.
 */
export class RateMeasurement {
  /** Requests that were let in in the last minute. */
  readonly history: WindowSum = new WindowSum(HISTORY_MS);
  /** When the measurement began, with which permit, and how many permits since then were given back and refused. */
  #since: number | undefined;
  #from = 0;
  #returned = 0;
  #refused = 0;
  /** Requests that were let in in the minute before the measurement began. */
  #windowBefore = 0;
  /** The rate of sending when it began. */
  #startRate = 0;
  #busyMs = 0;
  #pausedMs = 0;
  #startedAt: number | undefined;
  #lastSentAt: number | undefined;
  /** Until when the server is taken for one that counts windows. */
  #windowUntil: number = Number.NEGATIVE_INFINITY;

  /** Whether a refusal began a measurement. */
  get isRunning(): boolean {
    return this.#since !== undefined;
  }

  /** Whether the measurement has only just begun. */
  isFresh(now: number): boolean {
    return this.#since !== undefined && now - this.#since < SOUND_MS;
  }

  /** The part that was refused since the measurement began, up to permit `number`. */
  share(number: number): number {
    return this.#refused / Math.max(1, number - this.#from + 1);
  }

  /** Requests per millisecond that were let in since the measurement began, up to permit `number`. */
  letIn(number: number, now: number): number {
    const count = number - this.#from - this.#returned + 1;
    return Math.max(0, count) / Math.max(1, this.elapsedMs(now));
  }

  /** Whether few of many requests were refused since the measurement began, up to permit `number`. */
  isFew(number: number): boolean {
    const sent = number - this.#from + 1;
    return sent - this.#returned >= SCATTERED_COUNT && this.#refused <= SCATTERED_SHARE * sent;
  }

  /** Whether those refusals were few and far between. A limit that is exceeded refuses more, or none at a lower rate. */
  isScattered(number: number, now: number): boolean {
    if (this.isWindow(now) || !this.isFew(number)) return false;
    // If pauses take much of the time, they are why there are few refusals.
    const elapsedMs = now - (this.#since ?? this.#startedAt ?? now);
    return this.#pausedMs <= Math.max(SCATTERED_PAUSED_MS, SCATTERED_PAUSED * elapsedMs);
  }

  /** Milliseconds since the measurement began; 0 where it has not. */
  elapsedMs(now: number): number {
    return now - (this.#since ?? now);
  }

  /** Whether the server is taken for one that counts windows, so that refusals come late. */
  isWindow(now: number): boolean {
    return now < this.#windowUntil;
  }

  /** A request is sent; returns the milliseconds since the one before. */
  sent(isBusy: boolean, now: number): number {
    const gap = now - (this.#lastSentAt ?? now);
    this.#lastSentAt = now;
    this.#startedAt ??= now;
    if (isBusy) this.#busyMs += gap;
    this.history.add(1, now, now);
    return gap;
  }

  /** Notes that nothing is sent for so long. */
  paused(ms: number): void {
    this.#pausedMs += ms;
  }

  /** A request was not let in. */
  returned(permit: { readonly number: number; readonly sentAt: number }, now: number): void {
    this.history.add(-1, permit.sentAt, now);
    if (permit.number >= this.#from) this.#returned += 1;
  }

  /** A request was refused: not let in, and for its rate. */
  refused(permit: { readonly number: number; readonly sentAt: number }, now: number): void {
    this.returned(permit, now);
    if (permit.number >= this.#from) this.#refused += 1;
  }

  /** Requests per millisecond in the last `ms`, or since the start. */
  recent(ms: number, now: number): number {
    const span = Math.min(ms, HISTORY_MS, Math.max(LEAST_SPAN_MS, now - (this.#startedAt ?? now)));
    return this.history.recent(span, now) / span;
  }

  /**
   * What was let in since the last restart until permit `number` was refused.
   *
   * @param current the rate of sending at present
   * @param blockedMs how long nothing was let in after the refusal before
   */
  measure(number: number, current: number, blockedMs: number, now: number): Measured {
    const window = this.history.sum(now) / HISTORY_MS;
    const since = this.#since;
    if (since === undefined) {
      return {
        rate: Math.max(Math.min(window, current), FIRST_CUT * current),
        isSound: false,
        elapsedMs: Number.POSITIVE_INFINITY,
      };
    }
    const elapsedMs = Math.max(1, now - since);
    const accepted = number - this.#from - this.#returned + 1;
    if (blockedMs > LONG_PAUSE_MS && this.#windowBefore >= SOUND_SLOW_COUNT) {
      // Both a full window and an outage pause for long. A window then lets in as much again, and an outage does not.
      const isOutage = elapsedMs >= TURN_MS && accepted < REFILLED_SHARE * this.#windowBefore;
      this.#windowUntil = isOutage ? Number.NEGATIVE_INFINITY : now + WINDOW_MEMORY_MS;
    } else if (this.#windowUntil > now) {
      // A window that slides lets in as much as has left it.
      const isRefuted = window * HISTORY_MS > REFUTED * this.#windowBefore;
      this.#windowUntil = isRefuted ? Number.NEGATIVE_INFINITY : now + WINDOW_MEMORY_MS;
    }
    const isWindow = this.isWindow(now);
    const isBusy = this.#busyMs > BUSY_SHARE * elapsedMs;
    const isEnough =
      (accepted >= SOUND_COUNT && elapsedMs >= SOUND_MS) ||
      (accepted >= SOUND_SLOW_COUNT && elapsedMs >= SOUND_SLOW_MS) ||
      (accepted >= SOUND_SLOWEST_COUNT &&
        elapsedMs >= SOUND_SLOWEST_MS &&
        accepted >= SOUND_SLOWEST_SHARE * current * elapsedMs);
    const isSound = isBusy && (isEnough || (isWindow && window * HISTORY_MS >= SOUND_SLOW_COUNT));
    const cycle = combine(accepted / elapsedMs, window, { isWindow, isEnough, elapsedMs });
    // If the rate has grown, it was below what much of the time the server would have let in.
    const late = Math.min(LATE_SHARE * this.recent(LATE_MS, now), LATE_CUT * current);
    const hasGrown = this.#startRate < LATE_CUT * current;
    const seen = hasGrown && !isWindow && cycle < LATE_CUT * current ? Math.max(cycle, late) : cycle;
    // A full window tells the limit, which may be above the present rate.
    const most = isWindow && isBusy ? Number.POSITIVE_INFINITY : (isSound ? 1 : LEAST_CUT) * current;
    const least = isSound ? 0 : MOST_CUT * current;
    return { rate: Math.min(Math.max(seen, least), most), isSound, elapsedMs };
  }

  /** Measures anew from the permit after `number`. */
  restart(number: number, rate: number, now: number): void {
    this.#startRate = rate;
    this.#windowBefore = this.history.sum(now);
    this.skip(number, now);
  }

  /** Measures anew, as nothing was let in until now. */
  skip(number: number, now: number): void {
    this.#since = now;
    this.#from = number + 1;
    this.#returned = 0;
    this.#refused = 0;
    this.#busyMs = 0;
    this.#pausedMs = 0;
  }

  /** Forgets that there were refusals. */
  stop(): void {
    this.#since = undefined;
  }
}

/** The rate from what was let in since the last refusal (`cycle`) and in the last minute (`window`). */
function combine(
  cycle: number,
  window: number,
  { isWindow, isEnough, elapsedMs }: { isWindow: boolean; isEnough: boolean; elapsedMs: number },
): number {
  if (isEnough && !isWindow) return cycle;
  const more = Math.max(cycle, window);
  // Where one window ends and the next begins, both are wrong: a pause that was too long makes `cycle` too low, and
  // requests of two windows in one minute make `window` too high.
  return isEnough && elapsedMs >= TURN_MS ? (cycle + more) / 2 : more;
}
