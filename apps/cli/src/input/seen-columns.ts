import type { Row } from "@parallel-parrot/core";

/** Most columns that are remembered; the order of more is of no use. */
export const MAX_COLUMNS = 10_000;

/** The columns of rows, in order of their first appearance. */
export class SeenColumns {
  readonly #names: Set<string>;

  constructor(header: readonly string[] = []) {
    this.#names = new Set(header);
  }

  add(row: Row): void {
    if (this.areTooMany) return;
    for (const column of Object.keys(row)) this.#names.add(column);
  }

  /** Whether there are too many to remember. */
  get areTooMany(): boolean {
    return this.#names.size > MAX_COLUMNS;
  }

  /** All columns so far; `undefined` where there are more than {@linkcode MAX_COLUMNS}. */
  get all(): readonly string[] | undefined {
    return this.areTooMany ? undefined : [...this.#names];
  }
}
