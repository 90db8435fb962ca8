import { addUsage, NO_USAGE } from "@parallel-parrot/core";
import type { LostRecords } from "../../journal.ts";
import type { AnswerValues } from "../tables/schema.ts";
import type { Paid } from "./write-message.ts";

/** The position in a record's values of those that a run adds up: first the usage, then the cost. */
const FIRST_SUM = 8;
const SUMS = 7;

const NOTHING: LostRecords = { records: 0, usage: NO_USAGE, cost: 0, areCounted: true };

/** Answers that were paid for and could not be kept: what they cost still counts for their run. */
export class LostAnswers {
  readonly #byRun = new Map<number, LostRecords>();
  #pending: Paid[] = [];

  /** The sums that are still to be written. */
  get pending(): readonly Paid[] {
    return this.#pending;
  }

  add(values: AnswerValues): void {
    const [, run] = values;
    const sums = values.slice(FIRST_SUM, FIRST_SUM + SUMS).map(Number);
    this.#pending.push({ run, sums });
    const before = this.of(run);
    this.#byRun.set(run, {
      records: before.records + 1,
      usage: addUsage(before.usage, usageOf(sums)),
      cost: before.cost + (sums[6] ?? 0),
      areCounted: false,
    });
  }

  /** Says that the pending sums are written. */
  wereCounted(written: readonly Paid[]): void {
    this.#pending = this.#pending.slice(written.length);
    if (this.#pending.length > 0) return;
    for (const [run, lost] of this.#byRun) this.#byRun.set(run, { ...lost, areCounted: true });
  }

  of(run: number): LostRecords {
    return this.#byRun.get(run) ?? NOTHING;
  }
}

function usageOf(sums: readonly number[]): LostRecords["usage"] {
  const [requests = 0, inputTokens = 0, outputTokens = 0, cachedInputTokens = 0, reasoningTokens = 0] = sums;
  const [cacheWriteTokens = 0] = sums.slice(5);
  const usage = { requests, inputTokens, outputTokens, cachedInputTokens, reasoningTokens };
  return cacheWriteTokens > 0 ? { ...usage, cacheWriteTokens } : usage;
}
