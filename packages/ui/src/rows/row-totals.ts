import type { ReadRow } from "../run-source.ts";
import type { CountedGroup, FailureGroup, RowState } from "../wire.ts";
import { failureKind } from "./failure-kind.ts";

/** The most kinds of failure that are told apart. */
const MOST_KINDS = 1000;

/** What the rows of a run come to, counted as they are read. */
export class RowTotals {
  readonly #states = { answered: 0, failed: 0, passed: 0, missing: 0 };
  readonly #failures = new Map<string, FailureGroup>();
  readonly #warnings = new Map<string, number>();
  readonly #models = new Map<string, number>();

  add({ state, failure, warnings, model }: ReadRow): void {
    this.#states[state] += 1;
    for (const code of new Set(warnings.map((warning) => warning.code)))
      this.#warnings.set(code, (this.#warnings.get(code) ?? 0) + 1);
    if (model !== undefined && (this.#models.has(model) || this.#models.size < MOST_KINDS))
      this.#models.set(model, (this.#models.get(model) ?? 0) + 1);
    if (failure === undefined) return;
    const { code, message } = failure;
    const value = failureKind(message);
    const key = `${code} ${value}`;
    const known = this.#failures.get(key);
    if (known === undefined && this.#failures.size === MOST_KINDS) return;
    this.#failures.set(key, {
      code,
      value,
      rows: (known?.rows ?? 0) + 1,
      example: known?.example ?? message,
    });
  }

  get states(): Readonly<Record<RowState, number>> {
    return this.#states;
  }

  /** Failed rows by what they say, the most frequent first. */
  failures(limit: number): readonly FailureGroup[] {
    return [...this.#failures.values()].toSorted((a, b) => b.rows - a.rows).slice(0, limit);
  }

  /** Rows by the codes of their warnings; a row with two counts in both. */
  get warnings(): readonly CountedGroup[] {
    return countedGroups(this.#warnings).toSorted((a, b) => b.rows - a.rows);
  }

  /** Rows by their models, where a run has several, in the order in which they come. */
  get models(): readonly CountedGroup[] {
    return countedGroups(this.#models);
  }
}

function countedGroups(counts: ReadonlyMap<string, number>): readonly CountedGroup[] {
  return Array.from(counts, ([value, rows]) => ({ value, rows }));
}
