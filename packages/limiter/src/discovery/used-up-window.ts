import type { WindowSum } from "../time/window-sum.ts";

/** A window that slides has let go of everything after this time. */
const LONGEST_MS = 60_000;
/** The last minute is as full as that minute was if it holds at least this part of it. */
const FULL_SHARE = 0.97;
/** After so many round trips of a refusal, a request that was sent alone was let in; at least after this time. */
const LET_IN_TIMES = 3;
const LEAST_LET_IN_MS = 500;
/** A pause is only cut short to no less than this. */
const LEAST_PAUSE_MS = 1000;

/**
 * A minute that was used up: nothing more is let in for seconds. If it slides, there is room as soon as what was sent
 * first is a minute old, and no sooner. If a request is let in before, the window does not slide, and nothing of this
 * holds any more.
 */
export class UsedUpWindow {
  /** Requests that were let in in the last minute. */
  readonly #history: WindowSum;
  /** What the minute held; `undefined` where none is used up. */
  #held: number | undefined;
  #until: number = Number.NEGATIVE_INFINITY;
  /** When a request that was sent alone must have been let in. */
  #letInAt: number | undefined;

  constructor(history: WindowSum) {
    this.#history = history;
  }

  begin(now: number): void {
    this.#held = this.#history.sum(now);
    this.#until = now + LONGEST_MS;
    this.#letInAt = undefined;
  }

  /** When it has room if it slides; not after `now` where it may have some already. */
  roomAt(now: number): number {
    if (this.#held === undefined) return now;
    const isLetIn = this.#letInAt !== undefined && now >= this.#letInAt;
    if (isLetIn || now >= this.#until) {
      this.#held = undefined;
      return now;
    }
    const excess = this.#history.sum(now) + 1 - this.#held;
    if (excess <= 1e-6) return now;
    return Math.min(this.#history.freedAt(excess, now), this.#letInAt ?? Number.POSITIVE_INFINITY);
  }

  /** Cuts a pause to the time when there is room. */
  shorten(pauseMs: number, now: number): number {
    const roomMs = this.roomAt(now) - now;
    return roomMs > LEAST_PAUSE_MS ? Math.min(pauseMs, roomMs) : pauseMs;
  }

  /** A request is sent alone to see whether it is let in. */
  probed(refusalMs: number, now: number): void {
    if (this.#held === undefined || this.#history.sum(now) < FULL_SHARE * this.#held) return;
    this.#letInAt = now + Math.max(LEAST_LET_IN_MS, LET_IN_TIMES * refusalMs);
  }

  /** A request was refused. */
  refused(): void {
    this.#letInAt = undefined;
  }
}
