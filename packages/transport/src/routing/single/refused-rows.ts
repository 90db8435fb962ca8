import type { RefusalEvidence } from "../../request/refusal-evidence.ts";
import type { RowContext } from "../../request/row-context.ts";
import { orAbort } from "../../waiting/or-abort.ts";

/** The most rows that may wait for others to be answered. */
const MAX_TOLERATED = 64;

/**
 * Rows that were refused as a key or a model is, until it is known whether that is their own affair. The answers to other
 * rows show it, and cost nothing. The first row does not wait for them: where a key was revoked, nothing more should be
 * sent. Each time that it was the rows' own affair, twice as many may wait.
 */
export class RefusedRows {
  readonly #refusals: RefusalEvidence;
  readonly #doubt: () => void;
  readonly #waiting = new Map<RowContext, PromiseWithResolvers<void>>();
  #tolerated = 0;

  /** @param doubt called where it has to be found out: the waiting rows go on to where they hear of it */
  constructor(refusals: RefusalEvidence, doubt: () => void) {
    this.#refusals = refusals;
    this.#doubt = doubt;
  }

  has(row: RowContext): boolean {
    return this.#waiting.has(row);
  }

  /** A row was refused. */
  add(row: RowContext): void {
    if (!this.#waiting.has(row)) this.#waiting.set(row, Promise.withResolvers<void>());
    if (this.#waiting.size > this.#tolerated) this.#findOut();
  }

  /** Waits until it is known whose affair it is, or is being found out; `undefined` where the row was not refused. */
  wait(row: RowContext, signal: AbortSignal): Promise<void> | undefined {
    const waiting = this.#waiting.get(row);
    return waiting === undefined ? undefined : orAbort(waiting.promise, signal);
  }

  /** Looks what is known now, as a request has ended. */
  look(): void {
    for (const [row, { resolve }] of this.#waiting) {
      if (!this.#refusals.isRowsOwn(row)) continue;
      this.#waiting.delete(row);
      resolve();
    }
    if (this.#waiting.size > 0 && this.#refusals.inFlight === 0) this.#findOut();
  }

  #findOut(): void {
    this.#tolerated = Math.min(MAX_TOLERATED, 2 * this.#tolerated + 1);
    this.#doubt();
    for (const { resolve } of this.#waiting.values()) resolve();
    this.#waiting.clear();
  }
}
