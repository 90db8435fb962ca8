import type { RunSource } from "../run-source.ts";
import { IndexedRun } from "./indexed-run.ts";

/** Runs whose rows are at hand at once. */
const MOST_RUNS = 6;
/** A run that goes on is read anew no sooner than this, nor than so many times as long as reading it took. */
const LEAST_AGE_MS = 2000;
const AGE_FACTOR = 5;

interface Shown {
  /** What is shown. */
  current: IndexedRun;
  /** The same read anew, to be shown once it is whole. */
  next: IndexedRun | undefined;
  /** When the journal was last written to by the run, as it was read. */
  touchedAt: number;
  readAt: number;
}

/** The runs that somebody looks at. Their rows are read when they are first asked for, one run after the other. */
export class IndexedRuns {
  readonly #source: RunSource;
  /** In the order in which they were last asked for. */
  readonly #shown = new Map<number, Shown>();
  #turn: Promise<void> = Promise.resolve();
  #versions = 0;

  constructor(source: RunSource) {
    this.#source = source;
  }

  /** The rows of a run. @param touchedAt when it was last written to: where that is later than was read, it is read anew */
  of(id: number, touchedAt: number): IndexedRun {
    const known = this.#shown.get(id);
    this.#shown.delete(id);
    const shown = known ?? { current: this.#begin(id), next: undefined, touchedAt, readAt: Date.now() };
    this.#shown.set(id, shown);
    if (known !== undefined) this.#renew(id, shown, touchedAt);
    for (const [oldest, { current, next }] of this.#shown) {
      if (this.#shown.size <= MOST_RUNS) break;
      current.close();
      next?.close();
      this.#shown.delete(oldest);
    }
    return shown.current;
  }

  close(): void {
    for (const { current, next } of this.#shown.values()) {
      current.close();
      next?.close();
    }
    this.#shown.clear();
  }

  /** A source may change the current folder while it reads, so one run is read at a time. */
  #begin(id: number): IndexedRun {
    const before = this.#turn;
    this.#versions += 1;
    const run = new IndexedRun(this.#versions, async () => {
      await before;
      return this.#source.open(id);
    });
    this.#turn = run.done;
    return run;
  }

  #renew(id: number, shown: Shown, touchedAt: number): void {
    const { next, current } = shown;
    if (next?.tookMs !== undefined) {
      current.close();
      Object.assign(shown, { current: next, next: undefined });
      return;
    }
    const { tookMs } = current;
    if (next !== undefined || tookMs === undefined || touchedAt <= shown.touchedAt) return;
    if (Date.now() - shown.readAt < Math.max(LEAST_AGE_MS, AGE_FACTOR * tookMs)) return;
    Object.assign(shown, { next: this.#begin(id), touchedAt, readAt: Date.now() });
  }
}
