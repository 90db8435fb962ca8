import { counted } from "@parallel-parrot/core";
import { formatCount } from "../terminal/format-count.ts";
import { printable } from "../terminal/report.ts";

/** Whether a row will be asked, and why. */
export type Reason =
  /** It will not be asked: the journal has its answer. */
  | { readonly kind: "answered" }
  /** It will not be asked: it was refused, or no answer to it could be used. */
  | { readonly kind: "failed" }
  /** It will not be asked: it shares the answer of an earlier row, which will be. */
  | { readonly kind: "shared" }
  /** It will be asked: an earlier run sent a different request for it. */
  | { readonly kind: "changed"; readonly changed: readonly string[]; readonly run: number }
  /**
   * It will be asked: an earlier run had finished a row at this place. The row was changed or is new, or its failure
   * may pass.
   */
  | { readonly kind: "row"; readonly run: number }
  /** It will be asked: no run has come to it. */
  | { readonly kind: "new" };

/** A row of the input, and what would become of it. */
export interface ExplainedRow {
  readonly reason: Reason;
  /** Whether it has the prompt of an earlier row. */
  readonly isEqual: boolean;
}

interface Group {
  readonly text: string;
  count: number;
  readonly rows: number[];
}

/** Counts the rows that will be asked, by reason. */
export class Explanation {
  readonly #shown: number;
  readonly #tell: (row: { readonly row: number; readonly equal: boolean } & Reason) => void;
  readonly #groups = new Map<string, Group>();
  #rows = 0;
  #shared = 0;
  #answered = 0;
  #failed = 0;
  #asked = 0;

  /**
   * @param shown rows to show of each reason
   * @param tell gets each row that will be asked
   */
  constructor(
    shown: number,
    tell: (row: { readonly row: number; readonly equal: boolean } & Reason) => void,
  ) {
    this.#shown = shown;
    this.#tell = tell;
  }

  /** The next row that would be asked for. @param row its number in the input */
  add({ reason, isEqual }: ExplainedRow, row: number): void {
    this.#rows += 1;
    if (reason.kind === "answered") {
      this.#answered += 1;
      return;
    }
    if (reason.kind === "failed") {
      this.#failed += 1;
      return;
    }
    if (reason.kind === "shared") {
      this.#shared += 1;
      return;
    }
    this.#asked += 1;
    this.#tell({ row, ...reason, equal: isEqual });
    const text = textOf(reason, isEqual);
    const group = this.#groups.get(text) ?? { text, count: 0, rows: [] };
    this.#groups.set(text, group);
    group.count += 1;
    if (group.rows.length < this.#shown) group.rows.push(row);
  }

  /** @param more lines that follow */
  text(more: readonly string[]): string {
    const failed =
      this.#failed > 0
        ? `${formatCount(this.#failed)} failed (parrot retry-failed asks again where that may help), `
        : "";
    const shared =
      this.#shared > 0 ? `${formatCount(this.#shared)} share the answer of an earlier row, ` : "";
    const lines = [
      `${counted(this.#rows, "row")}: ${formatCount(this.#answered)} answered, ${failed}${shared}${formatCount(this.#asked)} to be asked`,
      ...Array.from(this.#groups.values(), ({ text, count, rows }) => {
        const dots = count > rows.length ? ", …" : "";
        return `  ${formatCount(count)} ${text}: ${count === 1 ? "row" : "rows"} ${rows.map((row) => row + 1).join(", ")}${dots}`;
      }),
      ...more,
    ];
    return `${lines.map(printable).join("\n")}\n`;
  }
}

function textOf(
  reason: Exclude<Reason, { readonly kind: "answered" | "failed" | "shared" }>,
  isEqual: boolean,
): string {
  if (reason.kind === "new") return "new";
  // Runs of earlier versions gave all equal rows the answer of the first of them.
  if (reason.kind === "row") {
    const shared = isEqual ? ", or given the answer of an equal row there" : "";
    return `new, changed since run ${reason.run}, or failed there for a passing reason${shared}`;
  }
  const { changed, run } = reason;
  return `asked again, as ${changed.join(" and ")} changed since run ${run}`;
}
