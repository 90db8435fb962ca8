import type { RowContext } from "./row-context.ts";

/** The place in a row that remembers its first refusal. */
type RefusedRow = Pick<RowContext, "refusals">;

/**
 * Tells whether a refusal that may be everybody's is one row's own: it is, where something was answered that was sent
 * after it. An answer to something that was sent before it shows nothing, as a key may be revoked in between.
 */
export class RefusalEvidence {
  #count = 0;
  /** The last refusal after which something was sent and answered. */
  #lastOutdated = 0;
  /** Requests that are on their way. */
  inFlight = 0;

  /** A request is sent. Returns how many refusals there were before it. */
  sending(): number {
    this.inFlight += 1;
    return this.#count;
  }

  /** A request that was sent is over. */
  ended(): void {
    this.inFlight -= 1;
  }

  /** Notes a refusal, and returns its number. */
  add(row: RefusedRow): number {
    this.#count += 1;
    const refusals = (row.refusals ??= new Map<object, number>());
    if (!refusals.has(this)) refusals.set(this, this.#count);
    return this.#count;
  }

  /**
   * Notes an answer.
   *
   * @param refusalsBefore how many refusals there were when its request was sent
   */
  answered(row: RefusedRow, refusalsBefore: number): void {
    row.refusals?.delete(this);
    if (refusalsBefore > this.#lastOutdated) this.#lastOutdated = refusalsBefore;
  }

  /** Whether others were asked and answered since the row was refused first. */
  isRowsOwn({ refusals }: RefusedRow): boolean {
    const first = refusals?.get(this);
    return first !== undefined && first <= this.#lastOutdated;
  }
}
