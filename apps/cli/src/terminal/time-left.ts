/** The pace is that of the last minute. */
const WINDOW_MS = 60_000;
/** Sooner than that it says nothing. */
const LEAST_MS = 3000;
const SAMPLE_EVERY_MS = 1000;

interface Sample {
  readonly at: number;
  readonly asked: number;
}

/**
 * How long a run will still take, by the pace of the rows that were asked. Rows whose answer was there already are no
 * measure of that: thousands of them take no time.
 */
export class TimeLeft {
  readonly #samples: Sample[] = [];

  /** Notes how many rows have been asked and are done. @param now milliseconds by a clock that only goes forward */
  note(asked: number, now: number): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && now - last.at < SAMPLE_EVERY_MS) return;
    this.#samples.push({ at: now, asked });
    while ((this.#samples[1]?.at ?? now) <= now - WINDOW_MS) this.#samples.shift();
  }

  /** Milliseconds for so many more rows; `undefined` where the pace is not known. */
  for(rows: number): number | undefined {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined) return undefined;
    const [ms, asked] = [last.at - first.at, last.asked - first.asked];
    return ms < LEAST_MS || asked === 0 ? undefined : (rows / asked) * ms;
  }
}
