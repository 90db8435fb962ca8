import type { Row } from "@parallel-parrot/core";
import type { SelectionOptions } from "../flags/options.ts";
import { groupSize } from "../compare/compared-models.ts";
import { RowFilter } from "./row-filter.ts";

/** Counts how many of all rows of an input a selection asks, without holding any. */
export class AskedCount {
  readonly #options: SelectionOptions;
  readonly #filter: RowFilter;
  /** How many rows are taken or left out together. */
  readonly #size: number;
  /** Groups of which a row is left. */
  #left = 0;
  #group = -1;
  read = 0;

  constructor(options: SelectionOptions) {
    this.#options = options;
    this.#filter = new RowFilter(options);
    this.#size = groupSize(options);
  }

  /** Counts a row. Returns whether it is certain to be asked; of a sample, none is before the last row was read. */
  add(row: Row): boolean {
    const isTaken = this.#filter.takes(row, this.read);
    const group = Math.floor(this.read / this.#size);
    this.read += 1;
    if (!isTaken) return false;
    if (group !== this.#group) this.#left += 1;
    this.#group = group;
    const place = this.#left - 1;
    const { sample, offset = 0, limit = Number.POSITIVE_INFINITY } = this.#options;
    return sample === undefined && place >= offset && place < offset + limit;
  }

  get incomparable(): number {
    return this.#filter.incomparable;
  }

  /** Rows that its conditions leave, of which `--sample`, `--offset` and `--limit` may take a part. */
  get matching(): number {
    return this.#size * this.#left;
  }

  get asked(): number {
    const { sample = Number.POSITIVE_INFINITY, offset = 0, limit = Number.POSITIVE_INFINITY } = this.#options;
    return this.#size * Math.min(limit, Math.max(0, Math.min(sample, this.#left) - offset));
  }
}
