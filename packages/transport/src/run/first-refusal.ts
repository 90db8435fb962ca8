import { rowName } from "@parallel-parrot/core";
import type { Clock } from "@parallel-parrot/limiter";
import { RejectionError } from "../errors/rejection-error.ts";
import { mayBeRowsOwn } from "../errors/verdict.ts";
import type { RowContext } from "../request/row-context.ts";
import { orAbort } from "../waiting/or-abort.ts";

/** How long another row is waited for. A source may give it only when the first one is answered. */
const MAX_WAIT_MS = 5000;

/** Options of {@linkcode FirstRefusal}. */
export interface FirstRefusalOptions {
  readonly clock: Clock;
  /** Whether the server has answered anything, in this run or an earlier one. */
  readonly hasAnswer: () => boolean;
  /** Lets others go while a row waits for them. The function that is returned ends that. */
  readonly setAside: (row: RowContext) => () => void;
}

/**
 * Decides about a refusal that may be everybody's or one row's own while nothing is answered yet, so that there is
 * nothing to ask again: the row waits until another one was asked. Where that is answered, it may ask once more; where
 * that is refused in turn, or no other row comes, the run stops.
 */
export class FirstRefusal {
  readonly #options: FirstRefusalOptions;
  /** Rows that are being asked, with the one that waits. */
  #asked = 0;
  #isInputOver = false;
  #waiting: PromiseWithResolvers<boolean> | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(options: FirstRefusalOptions) {
    this.#options = options;
  }

  /** A row begins to be asked. */
  enter(): void {
    this.#asked += 1;
  }

  /** A row is done with. */
  leave(): void {
    this.#asked -= 1;
    this.#decide();
  }

  /** No more rows come. */
  endInput(): void {
    this.#isInputOver = true;
    this.#decide();
  }

  /** Returns where the row may ask once more, once that is known. @throws the error where it may not */
  async judge(error: unknown, row: RowContext, signal: AbortSignal): Promise<void> {
    if (!mayBeRowsOwn(error)) throw error;
    if (await this.#isDoubtful(row, signal)) return;
    throw row.index === undefined || this.#options.hasAnswer() ? error : refusedFirst(error, row.index);
  }

  async #isDoubtful(row: RowContext, signal: AbortSignal): Promise<boolean> {
    if (row.isDoubted) return false;
    row.isDoubted = true;
    if (this.#options.hasAnswer()) return true;
    if (this.#waiting !== undefined) {
      this.#end(false);
      return false;
    }
    const waiting = (this.#waiting = Promise.withResolvers<boolean>());
    const endAside = this.#options.setAside(row);
    this.#decide();
    try {
      return await orAbort(waiting.promise, signal);
    } finally {
      endAside();
      // The run is stopping for another reason.
      if (this.#waiting === waiting) this.#end(false);
    }
  }

  #decide(): void {
    if (this.#waiting === undefined) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#options.hasAnswer()) this.#end(true);
    else if (this.#asked > 1) return;
    else if (this.#isInputOver) this.#end(false);
    else this.#cancelTimer = this.#options.clock.after(MAX_WAIT_MS, () => this.#giveUp());
  }

  #giveUp(): void {
    // Rows that the journal has answers to come and go in between.
    if (this.#options.hasAnswer()) this.#end(true);
    else if (this.#asked <= 1) this.#end(false);
  }

  #end(isDoubtful: boolean): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#waiting?.resolve(isDoubtful);
    this.#waiting = undefined;
  }
}

/** The refusal that stops a run before anything was answered, with the row that it came to. */
function refusedFirst({ rejection }: RejectionError, index: number): RejectionError {
  const message = `${rejection.message.replace(/\.$/, "")}. This came to ${rowName(index)}; no row was answered before it`;
  return new RejectionError({ ...rejection, message });
}
