/** Follows which rows are done with, from the first one on without a gap. */
export class Watermark {
  readonly #tell: (row: number) => void;
  /** Rows taken in, in their order, whose turn to be told has not come; the first is not done. */
  readonly #rows: OpenRow[] = [];
  #first = 0;

  /** @param tell gets the first row that is not done with, when that changes */
  constructor(tell: (row: number) => void) {
    this.#tell = tell;
  }

  /** A row was taken in; give it back to {@linkcode settle}. */
  enter(row: number): OpenRow {
    const open = { row, isDone: false };
    this.#rows.push(open);
    return open;
  }

  settle(open: OpenRow): void {
    open.isDone = true;
    if (this.#rows[this.#first] !== open) return;
    let row = open.row;
    for (; this.#rows[this.#first]?.isDone === true; this.#first++) row = this.#rows[this.#first]?.row ?? row;
    // Half of the list at most is past.
    if (this.#first > 1024 && this.#first * 2 > this.#rows.length) {
      this.#rows.splice(0, this.#first);
      this.#first = 0;
    }
    this.#tell(row + 1);
  }
}

/** A row that is on its way. */
export interface OpenRow {
  readonly row: number;
  isDone: boolean;
}
