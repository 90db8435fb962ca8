import { setCell, type Cut, type Row } from "@parallel-parrot/core";
import { cutText } from "./cut-text.ts";
import { renderCell } from "../text/render-template.ts";
import type { Placeholder } from "../text/template.ts";

/** The cells of one row for a prompt that is to be shorter: each is cut to a limit. */
export class ShortCells<R extends Row> {
  /** How many characters a cell may have. */
  limit: number = Number.POSITIVE_INFINITY;
  /** The one column that is not cut. */
  spared: string | undefined;
  readonly #row: R;
  readonly #index: number;
  /** The uncut texts of the placeholders that have been filled, by name. */
  readonly #texts = new Map<string, string>();

  constructor(row: R, index: number) {
    this.#row = row;
    this.#index = index;
  }

  /** The text for a placeholder. The default that the template has for a missing value is never cut. */
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

  /** The row with its texts cut and everything else as it is, for a function. */
  get row(): R {
    const row: Row = { ...this.#row };
    for (const [column, text] of this.#textCells()) setCell(row, column, this.#cut(column, text));
    // A text is replaced by a text, so the type of the row stays true.
    return row as R;
  }

  /** How many characters the longest cell has, of all that a template or a function has used or could use. */
  get longest(): number {
    let longest = 0;
    for (const [, text] of this.#all()) longest = Math.max(longest, text.length);
    return longest;
  }

  /** The cells that the limit cuts, with their lengths before and after. */
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
