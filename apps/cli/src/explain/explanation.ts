import { counted } from "@parallel-parrot/core";
import { formatCount } from "../terminal/format-count.ts";
import { printable } from "../terminal/report.ts";
import { isAsked, type AskedReason, type Reason, type RowOutlook } from "../outlook/row-outlook.ts";

/** A row that will be asked, as a line of JSON. */
export type ExplainedRow = { readonly row: number; readonly equal: boolean } & AskedReason;

interface Group {
  readonly text: string;
  count: number;
  readonly rows: number[];
}

/** Counts the rows that will be asked, by reason. */
export class Explanation {
  readonly #shown: number;
  readonly #tell: (row: ExplainedRow) => void;
  readonly #groups = new Map<string, Group>();
  #rows = 0;
  readonly #spared: Record<Exclude<Reason["kind"], AskedReason["kind"]>, number> = {
    answered: 0,
    failed: 0,
    unaskable: 0,
    passes: 0,
    shared: 0,
  };
  #firstProblem = "";
  #asked = 0;

  /**
   * @param shown rows to show of each reason
   * @param tell gets each row that will be asked
   */
  constructor(shown: number, tell: (row: ExplainedRow) => void) {
    this.#shown = shown;
    this.#tell = tell;
  }

  /** The next row that a run would work on. */
  add({ reason, equalPrompt, index: row }: Omit<RowOutlook, "row">): void {
    this.#rows += 1;
    if (!isAsked(reason)) {
      this.#spared[reason.kind] += 1;
      if (reason.kind === "unaskable" && this.#firstProblem === "") this.#firstProblem = reason.message;
      return;
    }
    const isEqual = equalPrompt !== undefined;
    this.#asked += 1;
    this.#tell({ row, ...reason, equal: isEqual });
    const text = textOf(reason, isEqual);
    const group = this.#groups.get(text) ?? { text, count: 0, rows: [] };
    this.#groups.set(text, group);
    group.count += 1;
    // Several models are asked one row. One more than is shown tells that there are more.
    if (group.rows.length <= this.#shown && !group.rows.includes(row)) group.rows.push(row);
  }

  /** @param more lines that follow */
  text(more: readonly string[]): string {
    const { answered, failed, unaskable, passes, shared } = this.#spared;
    const parts = [
      `${formatCount(answered)} answered`,
      ...(failed === 0
        ? []
        : [`${formatCount(failed)} failed (parrot retry-failed asks again where that may help)`]),
      ...(unaskable === 0 ? [] : [`${formatCount(unaskable)} cannot be asked`]),
      ...(passes === 0 ? [] : [`${formatCount(passes)} pass as --when says`]),
      ...(shared === 0 ? [] : [`${formatCount(shared)} share the answer of an earlier row`]),
      `${formatCount(this.#asked)} to be asked`,
    ];
    const lines = [
      `${counted(this.#rows, "row")}: ${parts.join(", ")}`,
      ...(unaskable === 0 ? [] : [`  cannot be asked; the first: ${this.#firstProblem}`]),
      ...Array.from(this.#groups.values(), ({ text, count, rows }) => {
        const dots = rows.length > this.#shown ? ", …" : "";
        return `  ${formatCount(count)} ${text}: ${rows.length === 1 ? "row" : "rows"} ${rows
          .slice(0, this.#shown)
          .map((row) => row + 1)
          .join(", ")}${dots}`;
      }),
      ...more,
    ];
    return `${lines.map(printable).join("\n")}\n`;
  }
}

function textOf(reason: AskedReason, isEqual: boolean): string {
  if (reason.kind === "fresh") return "asked again, as --fresh says";
  if (reason.kind === "new") return "new";
  // Runs of earlier versions gave all equal rows the answer of the first of them.
  if (reason.kind === "row") {
    const shared = isEqual ? ", or given the answer of an equal row there" : "";
    return `new, changed since run ${reason.run}, or failed there for a passing reason${shared}`;
  }
  const { changed, run } = reason;
  return `asked again, as ${changed.join(" and ")} changed since run ${run}`;
}
