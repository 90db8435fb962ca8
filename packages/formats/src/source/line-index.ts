/** Places where the lines of an input stop running along with its rows, at most: 2 MiB of them. */
const MAX_LINE_STEPS: number = 2 ** 17;

/**
 * On which line each row begins. Where rows have one line each, as mostly, a single entry serves all of them; a
 * blank line or a cell of many lines takes one more. Beyond so many the oldest ones go.
 */
export class LineIndex {
  readonly #maxSteps: number;
  /** First row of each stretch in which a row is a line, and its line; in a ring once there are too many. */
  readonly #rows: number[] = [];
  readonly #lines: number[] = [];
  /** Place of the oldest stretch. */
  #oldest = 0;
  #count = 0;
  #nextLine = 0;

  constructor(maxSteps: number = MAX_LINE_STEPS) {
    this.#maxSteps = maxSteps;
  }

  /** The next row begins on this line, counted from 1. */
  add(line: number): void {
    if (line !== this.#nextLine) this.#begin(line);
    this.#nextLine = line + 1;
    this.#count += 1;
  }

  /** The line of a row, counted from 0; `undefined` where it is not known any more, or not yet. */
  lineOf(row: number): number | undefined {
    if (row >= this.#count) return undefined;
    let [low, high] = [0, this.#rows.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#at(this.#rows, middle) <= row) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return undefined;
    return this.#at(this.#lines, low - 1) + row - this.#at(this.#rows, low - 1);
  }

  #begin(line: number): void {
    if (this.#rows.length < this.#maxSteps) {
      this.#rows.push(this.#count);
      this.#lines.push(line);
      return;
    }
    this.#rows[this.#oldest] = this.#count;
    this.#lines[this.#oldest] = line;
    this.#oldest = (this.#oldest + 1) % this.#maxSteps;
  }

  #at(values: readonly number[], age: number): number {
    return values[(this.#oldest + age) % values.length] ?? 0;
  }
}
