import { AnswerCounts, type Parsed, type Warning } from "@parallel-parrot/core";

/** A warning and its row. */
export interface RowWarning extends Warning {
  /** 0-based position in the input. */
  readonly index: number;
}

const MAX_WARNINGS_KEPT = 100;

/** The answered rows of a run: the first warnings, and how many rows of each kind there are. */
export class Answers {
  readonly warnings: RowWarning[] = [];
  readonly counts: AnswerCounts = new AnswerCounts();

  add(item: Parsed): void {
    this.counts.add(item);
    for (const warning of item.warnings)
      if (this.warnings.length < MAX_WARNINGS_KEPT) this.warnings.push({ ...warning, index: item.index });
  }
}
