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
/** A pause longer than this shows a server that counts windows; a bucket lets in again at once. */
const LONG_PAUSE_MS = 2000;
/** Part of what a window held that is let in once it has turned. */
const REFILLED_SHARE = 0.3;
const WINDOW_MEMORY_MS = 600_000;
/** Requests let in, in a time, that make a measurement: many in little, or few in much. */
const SOUND_COUNT = 30;
const SOUND_MS = 2000;
const SOUND_SLOW_COUNT = 10;
const SOUND_SLOW_MS = 10_000;
/** A whole turn of a window, about: what was let in since the last cut says more than what the window holds. */
const TURN_MS = 55_000;
/** Refusals that are so few are scattered. */
const SCATTERED_COUNT = 10;
const SCATTERED_SHARE = 0.15;
const SCATTERED_PAUSED = 0.25;
const SCATTERED_PAUSED_MS = 500;
/** What the last seconds say of the rate, less what a bucket had saved up. */
const LATE_MS = 10_000;
const LATE_SHARE = 0.87;
const LATE_CUT = 0.7;
/** Part of the time that requests must have been waiting for the rate to be the server's and not the caller's. */
const BUSY_SHARE = 0.8;
/** What one refusal may do to the rate without a sound measurement. */
const LEAST_CUT = 0.9;
const MOST_CUT = 0.5;
/** The first refusal comes from a rate that has doubled and doubled: it may be anything. */
const FIRST_CUT = 0.5;

/**
 * Measures what a server lets in. Between two refusals a server that counts continuously lets in exactly its
 * rate; one that counts windows lets in exactly its limit in the last window.
 */
export class RateMeasurement {
  readonly #history: WindowSum = new WindowSum(HISTORY_MS);
  /** Since when, from which permit, and how many of them were refused or given back. */
  #since: number | undefined;
  #from = 0;
  #returned = 0;
  #refused = 0;
  /** What the last minute held when the measurement began. */
  #windowBefore = 0;
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

  /** Whether it began a moment ago only. */
  isFresh(now: number): boolean {
    return this.#since !== undefined && now - this.#since < SOUND_MS;
  }

  /** Whether refusals since the measurement began, until that of permit `number`, were few of many. */
  isFew(number: number): boolean {
    const sent = number - this.#from + 1;
    return sent - this.#returned >= SCATTERED_COUNT && this.#refused <= SCATTERED_SHARE * sent;
  }

  /** Whether they were few and far between: a limit that is exceeded refuses more, or stops at a lower rate. */
  isScattered(number: number, now: number): boolean {
    if (this.isWindow(now) || !this.isFew(number)) return false;
    // Where pauses take much of the time, refusals are few because of them.
    const elapsedMs = now - (this.#since ?? this.#startedAt ?? now);
    return this.#pausedMs <= Math.max(SCATTERED_PAUSED_MS, SCATTERED_PAUSED * elapsedMs);
  }

  /** Milliseconds since it began; 0 where it has not. */
  elapsedMs(now: number): number {
    return now - (this.#since ?? now);
  }

  /** Whether the server counts windows, as far as is known: then refusals come late. */
  isWindow(now: number): boolean {
    return now < this.#windowUntil;
  }

  /** A request is sent; returns the milliseconds since the one before. */
  sent(isBusy: boolean, now: number): number {
    const gap = now - (this.#lastSentAt ?? now);
    this.#lastSentAt = now;
    this.#startedAt ??= now;
    if (isBusy) this.#busyMs += gap;
    this.#history.add(1, now, now);
    return gap;
  }

  /** Nothing is sent for so long. */
  paused(ms: number): void {
    this.#pausedMs += ms;
  }

  /** A request was not let in. */
  returned(permit: { readonly number: number; readonly sentAt: number }, now: number): void {
    this.#history.add(-1, permit.sentAt, now);
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
    return this.#history.recent(span, now) / span;
  }

  /**
   * What was let in since the last restart until permit `number` was refused.
   *
   * @param current the rate of sending at present
   * @param pausedUntil when sending went on after the last refusal
   */
  measure(number: number, current: number, pausedUntil: number, now: number): Measured {
    const window = this.#history.sum(now) / HISTORY_MS;
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
    if (pausedUntil - since > LONG_PAUSE_MS && this.#windowBefore >= SOUND_SLOW_COUNT) {
      // A window lets in as much again once it has turned; an outage pauses for long too, and does not.
      const isOutage = elapsedMs >= TURN_MS && accepted < REFILLED_SHARE * this.#windowBefore;
      this.#windowUntil = isOutage ? Number.NEGATIVE_INFINITY : now + WINDOW_MEMORY_MS;
    }
    const isWindow = this.isWindow(now);
    const isBusy = this.#busyMs > BUSY_SHARE * elapsedMs;
    const isEnough =
      (accepted >= SOUND_COUNT && elapsedMs >= SOUND_MS) ||
      (accepted >= SOUND_SLOW_COUNT && elapsedMs >= SOUND_SLOW_MS);
    const isSound = isBusy && (isEnough || (isWindow && window * HISTORY_MS >= SOUND_SLOW_COUNT));
    const cycle = combine(accepted / elapsedMs, window, { isWindow, isEnough, elapsedMs });
    // Most of the time may have been spent growing, below what the server would have let in.
    const late = Math.min(LATE_SHARE * this.recent(LATE_MS, now), LATE_CUT * current);
    const seen = !isWindow && cycle < LATE_CUT * current ? Math.max(cycle, late) : cycle;
    // A full window says nothing about the present rate, only what the limit is.
    const most = isWindow && isBusy ? Number.POSITIVE_INFINITY : (isSound ? 1 : LEAST_CUT) * current;
    const least = isSound ? 0 : MOST_CUT * current;
    return { rate: Math.min(Math.max(seen, least), most), isSound, elapsedMs };
  }

  /** Measures anew from the permit after `number`. */
  restart(number: number, now: number): void {
    this.#since = now;
    this.#windowBefore = this.#history.sum(now);
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
  // Across the turn of a window both are off: a pause that was too long makes the first too low, and two windows
  // in one stretch make the second too high.
  return isEnough && elapsedMs >= TURN_MS ? (cycle + more) / 2 : more;
}
