import type { Parsed } from "./item.ts";
import type { WarningCode } from "./warning.ts";

/** Counts the answered rows that have warnings or no outputs. */
export class AnswerCounts {
  /** Rows by the kinds of warning they have; a row with two kinds counts in both. */
  readonly warnings: Partial<Record<WarningCode, number>> = {};
  /** Rows whose answer has no outputs; those that were left without an answer are counted by their warning. */
  withoutOutputs = 0;
  /** Rows that a condition has let pass without being asked. */
  passed = 0;

  /** Adds a row to the counts. */
  add({ outputs, warnings, passes }: Parsed): void {
    if (passes === true) {
      this.passed += 1;
      return;
    }
    const isSkipped = warnings.some(({ code }) => code === "PROMPT_SKIPPED");
    if (!isSkipped && outputs.every(({ length }) => length === 0)) this.withoutOutputs += 1;
    if (warnings.length === 0) return;
    for (const code of new Set(warnings.map(({ code }) => code))) {
      this.warnings[code] = (this.warnings[code] ?? 0) + 1;
    }
  }
}
