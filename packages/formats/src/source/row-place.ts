/** Where a row comes from. */
export interface RowPlace {
  /** Which of the inputs it is from, counted from 0; 0 where there is one. */
  readonly input: number;
  /** The path of that input, where it is a file. */
  readonly file: string | undefined;
  /** The number of the row in that input, counted from 0. */
  readonly row: number;
  /** The line of that input on which it begins, counted from 1, where that is known. */
  readonly line: number | undefined;
}

/** The sources whose lines are still known: those of thousands of small files would take the memory. */
const MAX_KEPT = 256;

/** Finds which of several sources, read one after the other, a row is from. */
export class RowPlaces {
  /** The number of the first row of each source, over all of them. */
  readonly #starts: number[] = [];
  readonly #files: (string | undefined)[] = [];
  /** Tells the line of a row, for the sources that were read last. */
  readonly #linesOf: (((row: number) => number | undefined) | undefined)[] = [];
  #count = 0;

  /** The rows that are added from now on are from the next source. */
  begin(file: string | undefined, lineOf: (row: number) => number | undefined): void {
    this.#starts.push(this.#count);
    this.#files.push(file);
    this.#linesOf.push(lineOf);
    const old = this.#linesOf.length - MAX_KEPT - 1;
    if (old >= 0) this.#linesOf[old] = undefined;
  }

  add(rows: number): void {
    this.#count += rows;
  }

  placeOf(row: number): RowPlace | undefined {
    if (row >= this.#count) return undefined;
    const input = this.#sourceOf(row);
    const own = row - (this.#starts[input] ?? 0);
    return { input, file: this.#files[input], row: own, line: this.#linesOf[input]?.(own) };
  }

  /** The last source that begins with this row or before it: those without rows begin where the next one does. */
  #sourceOf(row: number): number {
    let [low, high] = [0, this.#starts.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#starts[middle] ?? 0) <= row) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
