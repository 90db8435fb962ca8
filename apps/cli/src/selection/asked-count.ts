import type { Row } from "@parallel-parrot/core";
import type { SelectionOptions } from "../flags/options.ts";
import { RowFilter } from "./row-filter.ts";

/** Counts how many of all rows of an input a selection asks, without holding any. */
export class AskedCount {
  readonly #options: SelectionOptions;
  readonly #filter: RowFilter;
  #left = 0;
  read = 0;

  constructor(options: SelectionOptions) {
    this.#options = options;
    this.#filter = new RowFilter(options);
  }

  add(row: Row): void {
    if (this.#filter.takes(row, this.read)) this.#left += 1;
    this.read += 1;
  }

  get incomparable(): number {
    return this.#filter.incomparable;
  }

  get asked(): number {
    const { sample = Number.POSITIVE_INFINITY, offset = 0, limit = Number.POSITIVE_INFINITY } = this.#options;
    return Math.min(limit, Math.max(0, Math.min(sample, this.#left) - offset));
  }
}
