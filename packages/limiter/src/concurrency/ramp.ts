/** The pace rises to the limit over this time at the start, from a part of it. */
const RAMP_MS = 2000;
const START = 0.25;

/** Raises the pace slowly at the start, as some servers refuse a rate that jumps. It costs less than a second of sending. */
export class Ramp {
  #from: number | undefined;
  #isOver = false;

  /** How much longer than at the full pace a request takes now; the first call starts the ramp. */
  slowdown(now: number): number {
    if (this.#isOver) return 1;
    this.#from ??= now;
    const part = (now - this.#from) / RAMP_MS;
    this.#isOver = part >= 1;
    return 1 / Math.min(1, START + (1 - START) * part);
  }
}
