import type { Completed, Failed, Prompted, Row } from "@parallel-parrot/core";
import type { ResolvedOptions } from "../options.ts";
import type { RowContext } from "../request/row-context.ts";
import type { Signals } from "../waiting/signals.ts";
import { findEarlier, isSameServer, openEarlier, type Way } from "./earlier-asking.ts";
import type { Recall } from "./recall.ts";

/** Finds what earlier runs have of the rows, and decides which of it a row gets. */
export class EarlierAnswers {
  /** Other ways in which the rows were asked. */
  readonly ways: readonly Way[];
  readonly #own: Way;
  readonly #options: ResolvedOptions;
  /** Where a row is looked up before it is asked. Asking looks up its own way by itself, so mostly there are none. */
  readonly #lookedUp: readonly Way[];

  constructor(own: Way, options: ResolvedOptions) {
    const { reuse, earlier = [] } = options;
    this.ways = reuse === "none" ? [] : earlier.map((each) => openEarlier(each, options));
    this.#own = own;
    this.#options = options;
    this.#lookedUp = reuse === "answers" ? [...this.ways, own] : this.ways;
  }

  /** Gives rows that are in the journal as a whole. */
  get recall(): Recall {
    return (this.#lookedUp[0] ?? this.#own).recall;
  }

  /** What earlier runs have of a row, where that is what it gets; `undefined` where the row is to be asked. */
  async find<R extends Row>(
    item: Prompted<R>,
    signals: Signals,
    row: RowContext,
  ): Promise<Completed<R> | Failed<R> | undefined> {
    const { journal, output, reuse, asksAgain } = this.#options;
    if (this.#lookedUp.length === 0 || journal === undefined) return undefined;
    const { usage, attemptsBefore } = row;
    const found = await findEarlier(this.#lookedUp, output, item, { signals, row });
    if (found !== undefined && found.code === undefined) {
      row.isFromElsewhere = !isSameServer(found.way, this.#own);
      return found.outcome;
    }
    if (reuse !== "answers") {
      // Asking its own way finds the same again.
      Object.assign(row, { usage, attemptsBefore });
    } else if (found?.code !== undefined) {
      if (asksAgain?.(found.code) === false) return found.outcome;
      // Where its own way did not fail, its refusals on the way to a shorter prompt are wanted all the same.
      row.asksAgain = found.way === this.#own;
    }
    return undefined;
  }
}
