import type { JsonReading } from "./json-reading.ts";

/**
 * The index of a pandas data frame. Where it only counts the rows from 0, it is no column; any other becomes one, as
 * by `reset_index`.
 */
export class IndexColumn {
  readonly #reading: JsonReading;
  #count = 0;
  #bytes = 0;
  /** The labels, once one of them is no count. */
  #labels: unknown[] | undefined;

  constructor(reading: JsonReading) {
    this.#reading = reading;
  }

  /** Whether it only counts the rows. */
  get isCount(): boolean {
    return this.#labels === undefined;
  }

  add(label: unknown): void {
    if (this.#labels === undefined && String(label) !== String(this.#count))
      this.#labels = Array.from({ length: this.#count }, (_, place) => place);
    this.#count += 1;
    if (this.#labels === undefined) return;
    this.#bytes += String(label).length;
    if (this.#bytes > this.#reading.maxRecordBytes)
      this.#reading.fail(
        'the index of the data frame is too long to be kept; write it with df.reset_index().to_json(orient="records")',
      );
    this.#labels.push(label);
  }

  labelOf(row: number): unknown {
    return this.#labels?.[row] ?? null;
  }

  /** What the column is called, as pandas calls it. */
  static nameAmong(columns: readonly string[]): string {
    return columns.includes("index") ? "level_0" : "index";
  }
}
