/** Most values in the lists, maps and structs of a row. */
const MAX_VALUES = 2 ** 24;
/** Most bytes in the texts and bytes of a row: as many as a record batch may have. */
const MAX_BYTES = 2 ** 30;
/** What a value takes in memory at the least. */
const VALUE_BYTES = 8;

/**
 * What the cells of a row may take together. Lists of Arrow can lie over each other, and texts too: in a few bytes a
 * row is larger than any memory.
 */
export class RowAllowance {
  #values = 0;
  #bytes = 0;

  /** About how much memory the row takes. */
  get size(): number {
    return this.#values * VALUE_BYTES + this.#bytes;
  }

  /** Begins the next row. */
  begin(): void {
    this.#values = 0;
    this.#bytes = 0;
  }

  /** To be called before values are read. Throws where they are too many. */
  addValues(count: number): void {
    this.#values += count;
    if (this.#values > MAX_VALUES)
      throw new RangeError(`a row has ${this.#values} values, and at most ${MAX_VALUES} are read`);
  }

  /** To be called before bytes are read. Throws where they are too many. */
  addBytes(count: number): void {
    this.#bytes += count;
    if (this.#bytes > MAX_BYTES)
      throw new RangeError(`a row has ${this.#bytes} bytes, and at most ${MAX_BYTES} are read`);
  }
}
