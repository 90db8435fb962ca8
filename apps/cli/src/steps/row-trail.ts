import { mapStream, setCell, type Row, type Stage } from "@parallel-parrot/core";

/** Rows that are remembered when a step is done with them, as the list of failed rows may be written a little later. */
const REMEMBERED = 10_000;

/**
 * Follows rows from one step to the next: of which row of the input each was made, and which of them have failed in a step
 * before, so that the next one lets them pass.
 */
export class RowTrail {
  /** Rows that came to the next step and have failed before it. */
  failedBefore = 0;
  readonly #before: RowTrail | undefined;
  readonly #isSplit: boolean;
  /** Rows that the step before could not answer, by their numbers there. */
  readonly #failed = new Set<number>();
  /** Rows that the next step lets pass as they have failed: itself on their way to it, then by their numbers there. */
  readonly #passing = new WeakSet<Row>();
  readonly #passingIndexes = new Set<number>();
  /** The rows of the input that those at the next step were made of, by their positions there. */
  readonly #origins = new Map<number, number>();
  #count = 0;
  #forgotten = 0;

  /**
   * @param before the trail of the step before that; `undefined` behind the first step
   * @param isSplit whether several rows may be of one row of the input, so that the next step numbers them anew
   */
  constructor(before: RowTrail | undefined, isSplit: boolean) {
    this.#before = before;
    this.#isSplit = isSplit;
  }

  /** Notes that a row has failed in the step before, and stays without an answer. */
  noteFailed(index: number): void {
    this.#failed.add(index);
  }

  /** Stands between the two steps. @param lineageColumn where a row has the number of its row of the input */
  stage(lineageColumn: string | undefined): Stage<Row, Row> {
    return mapStream((row: Row, item) => {
      const index = item?.index ?? this.#count;
      const origin = this.#before?.originOf(index) ?? index;
      const isPassing = this.#failed.delete(index) || this.#before?.hasPassed(index) === true;
      if (lineageColumn !== undefined && Object.hasOwn(row, lineageColumn))
        setCell(row, lineageColumn, origin);
      if (isPassing) this.#letPass(row, origin);
      this.#origins.set(this.#count, origin);
      this.#count += 1;
      return row;
    });
  }

  /** The number that a row has in the next step, by its position there. */
  readonly rowIndex = (position: number): number => {
    if (this.#isSplit) return position;
    const origin = this.#origins.get(position) ?? position;
    this.#origins.delete(position);
    return origin;
  };

  /** The number of the row of the input that a row of the next step was made of. */
  originOf(index: number): number {
    if (!this.#isSplit) return index;
    // Rows leave a step in their order.
    for (; this.#forgotten < index - REMEMBERED; this.#forgotten += 1) this.#origins.delete(this.#forgotten);
    return this.originAt(index);
  }

  /** {@linkcode originOf} for a row that is still on its way, and may be far before those that leave the step. */
  readonly originAt = (index: number): number =>
    this.#isSplit ? (this.#origins.get(index) ?? index) : index;

  /** Whether a row is to pass the next step, as it has failed before. */
  passes(row: Row): boolean {
    return this.#passing.has(row);
  }

  /** Whether a row has passed the next step for that reason. It can be asked once. */
  hasPassed(index: number): boolean {
    return this.#passingIndexes.delete(index);
  }

  #letPass(row: Row, origin: number): void {
    this.failedBefore += 1;
    this.#passing.add(row);
    this.#passingIndexes.add(this.#isSplit ? this.#count : origin);
  }
}
