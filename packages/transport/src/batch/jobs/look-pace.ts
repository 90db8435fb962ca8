/** A job that was just made is looked at within seconds, as a refusal shows soon and a small server is done soon. */
const FIRST_MS = 2000;
/** It is looked at the less often the longer it takes, and for the first two minutes at least this often. */
const OFTEN = { everyMs: 15_000, forMs: 120_000 };
const GROWTH = { often: 1.5, later: 1.3 };
const LATER_MS = 60_000;
const MOST_MS = 300_000;
/** So much sooner or later, so that many jobs are not all looked at in one moment. */
const SPREAD = 0.1;

/** How long to wait until each next look at a job. */
export class LookPace {
  #waitedMs = 0;
  #nextMs = FIRST_MS;

  next(): number {
    const ms = this.#nextMs;
    this.#waitedMs += ms;
    this.#nextMs =
      this.#waitedMs < OFTEN.forMs
        ? Math.min(OFTEN.everyMs, ms * GROWTH.often)
        : Math.min(MOST_MS, Math.max(LATER_MS, ms * GROWTH.later));
    return ms * (1 + SPREAD * (2 * Math.random() - 1));
  }

  /** Looks often again, as something is about to happen. */
  restart(): void {
    this.#waitedMs = 0;
    this.#nextMs = FIRST_MS;
  }
}
