/** Follows up to which row all rows are done with. */
export class Watermark {
  readonly #tell: (row: number) => void;
  /** Rows in the order in which they came in. The one at `#first` is the first that is not done with. */
  readonly #rows: OpenRow[] = [];
  #first = 0;

  /** @param tell is told the first row that is not done with, whenever that changes */
  constructor(tell: (row: number) => void) {
    this.#tell = tell;
  }

  /** Notes a row that came in. What it returns is to be given to {@linkcode settle}. */
  enter(row: number): OpenRow {
    const open = { row, isDone: false };
    this.#rows.push(open);
    return open;
  }

  /** Notes that a row is done with. */
  settle(open: OpenRow): void {
    open.isDone = true;
    if (this.#rows[this.#first] !== open) return;
    let row = open.row;
    for (; this.#rows[this.#first]?.isDone === true; this.#first++) row = this.#rows[this.#first]?.row ?? row;
    // At most half of the list is rows that are done with.
    if (this.#first > 1024 && this.#first * 2 > this.#rows.length) {
      this.#rows.splice(0, this.#first);
      this.#first = 0;
    }
    this.#tell(row + 1);
  }
}

/** A row that came in. */
export interface OpenRow {
  readonly row: number;
  isDone: boolean;
}
