/** A job that was just made is looked at often, as a refusal shows soon; later the less often the longer it takes. */
const FIRST = { everyMs: 15_000, forMs: 120_000 };
const THEN_MS = 60_000;
const GROWTH = 1.3;
const MOST_MS = 300_000;
/** So much sooner or later, so that many jobs are not all looked at in one moment. */
const SPREAD = 0.1;

/** How long to wait until each next look at a job. */
export class LookPace {
  #waitedMs = 0;
  #nextMs = THEN_MS;

  next(): number {
    const ms = this.#waitedMs < FIRST.forMs ? FIRST.everyMs : this.#nextMs;
    if (this.#waitedMs >= FIRST.forMs) this.#nextMs = Math.min(MOST_MS, this.#nextMs * GROWTH);
    this.#waitedMs += ms;
    return ms * (1 + SPREAD * (2 * Math.random() - 1));
  }

  /** Looks often again, as something is about to happen. */
  restart(): void {
    this.#waitedMs = 0;
    this.#nextMs = THEN_MS;
  }
}
