import { formatCount } from "./progress.ts";
import { printable } from "./report.ts";

/** Whether a row will be asked, and why. */
export type Reason =
  /** It will not be. */
  | { readonly kind: "answered" }
  /** It will not be either: it was refused, or no answer to it could be used. */
  | { readonly kind: "failed" }
  /** An earlier run asked it otherwise. */
  | { readonly kind: "changed"; readonly changed: readonly string[]; readonly run: number }
  /** An earlier run asked another row at its place: this one is new or was changed. */
  | { readonly kind: "row"; readonly run: number }
  /** No run has come to it. */
  | { readonly kind: "new" };

interface Group {
  readonly text: string;
  count: number;
  readonly rows: number[];
}

/** Counts the rows that will be asked, by reason. */
export class Explanation {
  readonly #shown: number;
  readonly #tell: (row: { readonly row: number } & Reason) => void;
  readonly #groups = new Map<string, Group>();
  #answered = 0;
  #failed = 0;
  #asked = 0;

  /**
   * @param shown rows to show of each reason
   * @param tell gets each row that will be asked
   */
  constructor(shown: number, tell: (row: { readonly row: number } & Reason) => void) {
    this.#shown = shown;
    this.#tell = tell;
  }

  add(row: number, reason: Reason): void {
    if (reason.kind === "answered") {
      this.#answered += 1;
      return;
    }
    if (reason.kind === "failed") {
      this.#failed += 1;
      return;
    }
    this.#asked += 1;
    this.#tell({ row, ...reason });
    const text = textOf(reason);
    const group = this.#groups.get(text) ?? { text, count: 0, rows: [] };
    this.#groups.set(text, group);
    group.count += 1;
    if (group.rows.length < this.#shown) group.rows.push(row);
  }

  text(): string {
    const total = this.#answered + this.#failed + this.#asked;
    const failed =
      this.#failed > 0 ? `${formatCount(this.#failed)} failed (parrot retry-failed asks them again), ` : "";
    const lines = [
      `${formatCount(total)} rows: ${formatCount(this.#answered)} are answered, ${failed}${formatCount(this.#asked)} will be asked`,
      ...Array.from(this.#groups.values(), ({ text, count, rows }) => {
        const more = count > rows.length ? ", …" : "";
        return `  ${formatCount(count)} because ${text}: rows ${rows.map((row) => row + 1).join(", ")}${more}`;
      }),
    ];
    return `${lines.map(printable).join("\n")}\n`;
  }
}

function textOf(reason: Exclude<Reason, { readonly kind: "answered" | "failed" }>): string {
  if (reason.kind === "new") return "they are new";
  if (reason.kind === "row") return `they are new, or were changed since run ${reason.run}`;
  const { changed, run } = reason;
  return `${changed.join(" and ")} changed since run ${run}`;
}
