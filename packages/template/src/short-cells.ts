import { setCell, type Cut, type Row } from "@parallel-parrot/core";
import { cutText } from "./cut-text.ts";
import { renderCell } from "./render-template.ts";
import type { Placeholder } from "./template.ts";

/** The cells of one row as they fill a prompt that is to be shorter: none longer than a limit. */
export class ShortCells<R extends Row> {
  /** Most characters of a cell. */
  limit: number = Number.POSITIVE_INFINITY;
  /** The one column that is not cut. */
  spared: string | undefined;
  readonly #row: R;
  readonly #index: number;
  /** What placeholders are filled with, whole. */
  readonly #texts = new Map<string, string>();

  constructor(row: R, index: number) {
    this.#row = row;
    this.#index = index;
  }

  /** What fills a placeholder. The template's own word for a missing value is never cut. */
  textOf(placeholder: Placeholder): string {
    const { name, fallback } = placeholder;
    let whole = this.#texts.get(name);
    if (whole === undefined) {
      whole = renderCell(placeholder, this.#row, this.#index);
      if (whole === undefined) return fallback ?? "";
      this.#texts.set(name, whole);
    }
    return this.#cut(name, whole);
  }

  /** The row for a function: its texts cut, everything else as it is. */
  get row(): R {
    const row: Row = { ...this.#row };
    for (const [column, text] of this.#textCells()) setCell(row, column, this.#cut(column, text));
    // Texts stay texts.
    return row as R;
  }

  /** Characters of the longest that was asked for so far, or that a function gets to see. */
  get longest(): number {
    let longest = 0;
    for (const [, text] of this.#all()) longest = Math.max(longest, text.length);
    return longest;
  }

  /** What is cut at the limit. */
  cuts(): readonly Cut[] {
    return [...this.#all()].flatMap(([column, text]) => {
      const to = this.#cut(column, text).length;
      return to === text.length ? [] : [{ column, from: text.length, to }];
    });
  }

  #cut(column: string, text: string): string {
    return column === this.spared ? text : cutText(text, this.limit);
  }

  #all(): ReadonlyMap<string, string> {
    return new Map([...this.#textCells(), ...this.#texts]);
  }

  *#textCells(): Generator<[column: string, text: string]> {
    for (const [column, cell] of Object.entries(this.#row))
      if (typeof cell === "string") yield [column, cell];
  }
}
