import type { IndexedRun } from "../rows/indexed-run.ts";
import { RunComparison } from "./run-comparison.ts";

/** Comparisons that are kept: a page asks for its rows, their count and the agreement by one. */
const MOST_KEPT = 4;

/** Which rows the rows of a run are compared with. */
export interface ComparedWith {
  readonly run: IndexedRun;
  /** Those of this model alone. @default all */
  readonly model: string | undefined;
}

/** The comparisons that somebody looks at. */
export class Comparisons {
  readonly #kept = new Map<string, Promise<RunComparison>>();

  /** Compares two runs once both are read. */
  async of(here: IndexedRun, { run, model }: ComparedWith): Promise<RunComparison> {
    await Promise.all([here.done, run.done]);
    const key = JSON.stringify([here.reading.version, run.reading.version, model]);
    const known = this.#kept.get(key) ?? compare(here, { run, model });
    this.#kept.delete(key);
    this.#kept.set(key, known);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MOST_KEPT) break;
      this.#kept.delete(oldest);
    }
    known.catch(() => this.#kept.delete(key));
    return known;
  }
}

async function compare(here: IndexedRun, { run, model }: ComparedWith): Promise<RunComparison> {
  using _ = here.hold();
  using __ = run.hold();
  return RunComparison.of(here.index, run.index, { ranges: [], ...(model === undefined ? {} : { model }) });
}
