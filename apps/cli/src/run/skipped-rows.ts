import { counted, type FailureCode } from "@parallel-parrot/core";
import { isWorthAsking, type Change } from "../job/failure-advice.ts";
import type { OnlyFailed, RunHow } from "../job/job.ts";
import { formatCount } from "../terminal/format-count.ts";

/** Decides which failed rows are asked again, and counts the others. */
export class SkippedRows {
  readonly #changes: ReadonlySet<Change>;
  readonly #asksAll: boolean;
  readonly #only: OnlyFailed;
  #left = 0;
  readonly #counts = new Map<FailureCode, number>();

  constructor({ changes = [], asksAll = false, only = {} }: RunHow) {
    this.#changes = new Set(changes);
    this.#asksAll = asksAll;
    this.#only = only;
  }

  /** Whether a row that failed with this code is asked again. It counts, so it has to be called once for each row. */
  asksAgain(code: FailureCode, index: number): boolean {
    const { rows, codes } = this.#only;
    if (rows !== undefined || codes !== undefined) {
      // Whoever names a row or a code wants it asked, whatever that is likely to bring.
      const isNamed = rows?.includes(index + 1) === true || codes?.includes(code) === true;
      if (!isNamed) this.#left += 1;
      return isNamed;
    }
    if (this.#asksAll || isWorthAsking(code, this.#changes)) return true;
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
    return false;
  }

  /** A line about how many rows were not asked again, and why; none where all were. */
  lines(): readonly string[] {
    if (this.#left > 0)
      return [`${counted(this.#left, "failed row")} not asked again: neither --row nor --code names them`];
    if (this.#counts.size === 0) return [];
    const counts = Array.from(this.#counts, ([code, count]) => `${formatCount(count)} ${code}`);
    return [
      `Failed rows that were not asked again, as they would fail the same way: ${counts.join(", ")}; --all asks them too`,
    ];
  }
}
