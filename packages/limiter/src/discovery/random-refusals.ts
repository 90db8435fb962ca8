/** After so many cuts in a row that were each followed by refusals at a lower rate, a higher rate is tried. */
const FUTILE_CUTS = 2;
/** By how much it is raised in one step. */
export const RANDOM_STEP = 1.5;
/** No more than this part may be refused, and at least that part is assumed to be. */
const MOST_SHARE = 0.35;
const LEAST_SHARE = 0.08;
/** How many times likelier a limit must be for the try to end, and how many times less likely for the next step. */
const LIMIT_ODDS = Math.log(100);
const RANDOM_ODDS = Math.log(20);
/** What the steps before count for in later ones, at most. */
const MOST_TRUST = 4 * RANDOM_ODDS;
/** How long no such try is made after one that a limit ended, doubled each time. */
const WAIT_MS = 10_000;
const MOST_WAIT_MS = 320_000;
/** So many requests without a refusal end it. */
const QUIET_COUNT = 300;

/**
 * Tells refusals that come whatever the rate from those of a limit. A limit refuses next to nothing below the rate that
 * it was measured to let in, and all that is above it. An overloaded server may refuse the same part at any rate, and a
 * cut for each would bring the rate to nothing. So after some cuts in vain the rate is raised, and both explanations are
 * weighed by what is refused then.
 */
export class RandomRefusals {
  #futileCuts = 0;
  #isOn = false;
  /** All that was sent and refused since it is on, and since the last step. */
  #sent = 0;
  #refused = 0;
  #stepSent = 0;
  #stepRefused = 0;
  /** The part that was refused before the step. */
  #share = LEAST_SHARE;
  /** What the steps so far have shown. */
  #trust = 0;
  #notBefore: number = Number.NEGATIVE_INFINITY;
  #waitMs: number = WAIT_MS;

  /** Whether refusals are taken to come whatever the rate. */
  get isOn(): boolean {
    return this.#isOn;
  }

  /** A request is sent. */
  sent(): void {
    if (!this.#isOn) return;
    this.#stepSent += 1;
    if (this.#stepRefused === 0 && this.#stepSent > QUIET_COUNT) this.end();
  }

  /**
   * A refusal leads to a cut. `isBelow` says that the rate was below the one that was measured; `share` is the part that
   * was refused since then. Returns whether to raise the rate instead.
   */
  begins(isBelow: boolean, share: number, now: number): boolean {
    this.#futileCuts = isBelow ? this.#futileCuts + 1 : 0;
    if (this.#futileCuts <= FUTILE_CUTS || share > MOST_SHARE || now < this.#notBefore) return false;
    this.#isOn = true;
    this.#trust = 0;
    this.#sent = 0;
    this.#refused = 0;
    this.#step(share);
    return true;
  }

  /** A request was refused meanwhile. Returns the factor for the rate; `undefined` where it was a limit after all. */
  refused(now: number): number | undefined {
    this.#stepRefused += 1;
    const odds = this.#odds();
    if (odds > LIMIT_ODDS + this.#trust) {
      this.end();
      this.#notBefore = now + this.#waitMs;
      this.#waitMs = Math.min(MOST_WAIT_MS, this.#waitMs * 2);
      return undefined;
    }
    if (odds > -RANDOM_ODDS) return 1;
    this.#sent += this.#stepSent;
    this.#refused += this.#stepRefused;
    this.#trust = Math.min(MOST_TRUST, this.#trust + RANDOM_ODDS);
    this.#step(this.#refused / this.#sent);
    return RANDOM_STEP;
  }

  /** Goes back to taking refusals for those of a limit. */
  end(): void {
    this.#isOn = false;
    this.#futileCuts = 0;
  }

  /** The logarithm of how many times likelier it is that a limit refuses what goes beyond the rate before the step. */
  #odds(): number {
    const random = this.#share;
    const limit = 1 - (1 - random) / RANDOM_STEP;
    const letIn = Math.max(0, this.#stepSent - this.#stepRefused);
    return this.#stepRefused * Math.log(limit / random) + letIn * Math.log((1 - limit) / (1 - random));
  }

  #step(share: number): void {
    this.#share = Math.min(MOST_SHARE, Math.max(LEAST_SHARE, share));
    this.#stepSent = 0;
    this.#stepRefused = 0;
  }
}
