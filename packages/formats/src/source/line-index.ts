/** At most so many places are kept where a row does not begin one line after the row before: 2 MiB. */
const MAX_LINE_STEPS: number = 2 ** 17;

/**
 * On which line each row begins. As long as each row has one line, a single entry serves all of them. A blank line or
 * a cell of several lines takes one more. Beyond the limit the oldest entries are dropped.
 */
export class LineIndex {
  readonly #maxSteps: number;
  /** Of each stretch of rows of one line: its first row and that row's line. A ring, once there are too many. */
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
