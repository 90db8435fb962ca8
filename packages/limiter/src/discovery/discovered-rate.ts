import { DOUBLING_MS, grow } from "./growth.ts";
import type { Measured } from "./rate-measurement.ts";

/** Part of a measured rate to go on with, as the measured one was a little too much. */
const START = 0.97;
/** A measurement this long is remembered beyond an outage; each longer one takes off some of what is remembered. */
const MEMORABLE_MS = 10_000;
const MEMORY_DECAY = 0.7;
const MEMORY_SHARE = 0.8;
/** Twenty requests a second: a single early refusal does not lower the rate below this, as they are no burst. */
const LEAST_HELD = 0.02;
/** Later ones lower it to so many times what was let in since the one before, and to no less than this part. */
const HELD_TIMES = 2;
const LEAST_KEPT = 0.25;
/** The lowest and the highest rate, in requests per millisecond. */
export const MIN_PER_MS: number = 1 / 60_000;
const MAX_PER_MS = 1000;

/**
 * The rate that refusals have set, in requests per millisecond: a ceiling, and how far it has grown back to that; or,
 * while no ceiling is known, the rate at the last refusal, so that no burst of that size comes again.
 */
export class DiscoveredRate {
  /** Above this the server refuses; none before the first cut. */
  #ceiling: number | undefined;
  #start = 0;
  #isSound = false;
  /** Whether refusals come long after the rate became too high. */
  #isLate = false;
  /** Time spent growing since the rate was set. */
  #grownMs = 0;
  /** The highest ceiling that a sound measurement gave: the rate comes back to most of it after an outage. */
  #highest = 0;
  #held: number | undefined;

  get ceiling(): number | undefined {
    return this.#ceiling;
  }

  /** Whether the rate of a refusal without a cut still holds requests back. */
  get isHeld(): boolean {
    return this.#held !== undefined;
  }

  /** The rate at the last refusal, and what it has grown to since. */
  get held(): number {
    if (this.#held === undefined) return MAX_PER_MS;
    return Math.min(MAX_PER_MS, this.#held * 2 ** (this.#grownMs / DOUBLING_MS));
  }

  /** The rate below the ceiling or beyond it; none before the first cut. `known` is what known limits allow, or 0. */
  grown(known: number): number | undefined {
    const ceiling = this.#ceiling;
    if (ceiling === undefined) return undefined;
    const memory = MEMORY_SHARE * Math.max(this.#highest, known);
    const isHasty = !this.#isSound && ceiling < 0.5 * memory;
    const growth = { start: this.#start, ceiling, memory, isHasty, isLate: this.#isLate };
    return Math.min(MAX_PER_MS, grow(growth, this.#grownMs));
  }

  /** Milliseconds between two requests at a rate. */
  gapMs(rate: number): number {
    if (rate >= 0.5 * (this.#ceiling ?? 0)) return 1 / rate;
    // While the rate doubles, the next request need not wait as long as the present rate says.
    return Math.min(1 / rate, DOUBLING_MS * Math.log2(1 + Math.LN2 / (rate * DOUBLING_MS)));
  }

  /** Requests were waiting for so long. */
  grow(ms: number): void {
    this.#grownMs += ms;
  }

  /** Lets go of the rate of a refusal without a cut where it holds nothing back any more. */
  release(isKnown: boolean): void {
    if (isKnown || this.held === MAX_PER_MS) this.#held = undefined;
  }

  /** Starts from the present rate, which then doubles as long as nothing more is refused. */
  hold(current: number, letIn: number): void {
    // What was let in since the last refusal says more than the rate before it, however little it was.
    this.#held =
      this.#held === undefined
        ? Math.max(LEAST_HELD, current)
        : Math.max(LEAST_KEPT * this.held, Math.min(this.held, HELD_TIMES * letIn));
    this.#grownMs = 0;
  }

  /** Takes over what was measured. `isLate` says that refusals come long after the rate became too high. */
  cut({ rate, isSound, elapsedMs }: Measured, current: number, isLate: boolean): void {
    this.#held = undefined;
    this.#ceiling = clamp(isSound ? rate : Math.min(this.#ceiling ?? current, current));
    this.#isSound = isSound;
    this.#isLate = isLate;
    if (isSound && elapsedMs > MEMORABLE_MS) this.#highest = Math.max(MEMORY_DECAY * this.#highest, rate);
    this.#start = clamp(START * rate);
    this.#grownMs = 0;
  }

  /** Sets the rate of a window that was used up. */
  useUp(rate: number): void {
    this.#held = undefined;
    this.#set(rate, START * rate);
  }

  /** Raises the ceiling, and goes on from the present rate. */
  raise(factor: number, current: number): void {
    this.#set(Math.max(this.#ceiling ?? 0, current) * factor, current);
    this.#isLate = false;
  }

  forget(): void {
    this.#ceiling = undefined;
    this.#held = undefined;
  }

  /** Sets a rate that was measured well, and the rate to go on with. */
  #set(ceiling: number, start: number): void {
    this.#ceiling = clamp(ceiling);
    this.#start = clamp(start);
    this.#isSound = true;
    this.#grownMs = 0;
  }
}

function clamp(rate: number): number {
  return Math.min(MAX_PER_MS, Math.max(MIN_PER_MS, rate));
}
