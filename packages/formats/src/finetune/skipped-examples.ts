import type { SkipReason } from "./finetune-example.ts";
import type { RowSource } from "../source/row-source.ts";

/** A row that is in no file. */
export interface SkippedExample {
  /** 0-based. */
  readonly row: number;
  /** The path of the input, of several, where its source tells. */
  readonly file?: string;
  /** 1-based line of the input on which the row begins, where its source tells. */
  readonly line?: number;
  readonly reason: SkipReason;
  /** One line for a person, of which the row is the subject. */
  readonly message: string;
}

/** What a report says about the rows that are in no file. */
export interface SkippedReport {
  /** How many rows are in no file. */
  readonly skippedCount: number;
  /** Those rows by the reason. */
  readonly skippedByReason: Readonly<Partial<Record<SkipReason, number>>>;
  /** Those rows; the first 100. */
  readonly skipped: readonly SkippedExample[];
}

const MAX_SKIPPED_KEPT = 100;

/** Counts rows that are in no file. */
export class SkippedExamples {
  readonly #source: Pick<RowSource, "files" | "placeOf"> | undefined;
  readonly #first: SkippedExample[] = [];
  readonly #byReason: Partial<Record<SkipReason, number>> = {};
  #count = 0;

  constructor(source: Pick<RowSource, "files" | "placeOf"> | undefined) {
    this.#source = source;
  }

  add(row: number, reason: SkipReason, message: string): void {
    this.#count += 1;
    this.#byReason[reason] = (this.#byReason[reason] ?? 0) + 1;
    if (this.#first.length === MAX_SKIPPED_KEPT) return;
    const { file, line } = this.#source?.placeOf(row) ?? {};
    const isOfSeveral = (this.#source?.files.length ?? 0) > 1;
    this.#first.push({
      row,
      ...(isOfSeveral && file !== undefined && { file }),
      ...(line !== undefined && { line }),
      reason,
      message,
    });
  }

  report(): SkippedReport {
    return { skippedCount: this.#count, skippedByReason: this.#byReason, skipped: this.#first };
  }
}
