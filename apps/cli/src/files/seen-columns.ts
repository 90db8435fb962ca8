import type { Row } from "@parallel-parrot/core";

/** An input with more columns has none that are worth an order. */
export const MAX_COLUMNS = 10_000;

/** The columns of rows, in order of their first appearance. */
export class SeenColumns {
  readonly #names: Set<string>;

  constructor(header: readonly string[] = []) {
    this.#names = new Set(header);
  }

  add(row: Row): void {
    if (this.#names.size > MAX_COLUMNS) return;
    for (const column of Object.keys(row)) this.#names.add(column);
  }

  /** `undefined` where there are more than 10,000, which are not all remembered. */
  get all(): readonly string[] | undefined {
    return this.#names.size > MAX_COLUMNS ? undefined : [...this.#names];
  }
}
