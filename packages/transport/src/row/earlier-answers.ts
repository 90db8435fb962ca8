import type { Completed, Failed, Prompted, Row } from "@parallel-parrot/core";
import type { WayChoice } from "../by-row/way-choice.ts";
import { isRowsOwn } from "../errors/verdict.ts";
import type { ResolvedOptions } from "../options.ts";
import type { RowContext } from "../request/row-context.ts";
import type { Signals } from "../waiting/signals.ts";
import { findEarlier, openEarlier } from "./earlier-asking.ts";
import type { Recall } from "./recall.ts";
import { isSameServer, type Way } from "./way.ts";

/** Finds what earlier runs have of the rows, and decides which of it a row gets. */
export class EarlierAnswers {
  readonly #earlier: readonly WayChoice<Way>[];
  readonly #options: ResolvedOptions;

  constructor(options: ResolvedOptions) {
    const { reuse, earlier = [] } = options;
    this.#earlier = reuse === "none" ? [] : earlier.map((each) => openEarlier(each, options));
    this.#options = options;
  }

  /** Other ways in which the rows were asked. */
  get ways(): readonly Way[] {
    return this.#earlier.flatMap(({ all }) => all);
  }

  /** Gives rows that are in the journal as a whole. @param own the way in which the row is asked now */
  recallOf(row: Row, own: Way): Recall {
    return (this.#lookedUp(row, own)[0] ?? own).recall;
  }

  /**
   * What earlier runs have of a row, where that is what it gets; `undefined` where the row is to be asked.
   *
   * @param own the way in which the row is asked now
   */
  async find<R extends Row>(
    item: Prompted<R>,
    own: Way,
    { signals, row }: { readonly signals: Signals; readonly row: RowContext },
  ): Promise<Completed<R> | Failed<R> | undefined> {
    const { journal, output, reuse, asksAgain } = this.#options;
    const lookedUp = this.#lookedUp(item.row, own);
    if (lookedUp.length === 0 || journal === undefined) return undefined;
    const { usage, attemptsBefore } = row;
    const found = await findEarlier(lookedUp, output, item, { signals, row });
    if (found !== undefined && found.code === undefined) {
      row.isFromElsewhere = !isSameServer(found.way, own);
      return found.outcome;
    }
    if (reuse !== "answers") {
      // Asking its own way finds the same again.
      Object.assign(row, { usage, attemptsBefore });
    } else if (found?.code !== undefined) {
      if (asksAgain?.(found.code, item.index) === false) return found.outcome;
      // Where its own way did not fail, its refusals on the way to a shorter prompt are wanted all the same.
      row.asksAgain = found.way === own;
    }
    return undefined;
  }

  /** Where a row is looked up before it is asked. Asking looks up its own way by itself, so mostly there are none. */
  #lookedUp(row: Row, own: Way): readonly Way[] {
    if (this.#earlier.length === 0) return this.#options.reuse === "answers" ? [own] : NONE;
    const earlier = this.#earlier.flatMap((choice) => wayIn(choice, row));
    return this.#options.reuse === "answers" ? [...earlier, own] : earlier;
  }
}

const NONE: readonly Way[] = [];

/** The way in which a row was asked; none where its model was not one of those. */
function wayIn(choice: WayChoice<Way>, row: Row): readonly Way[] {
  try {
    return [choice.of(row)];
  } catch (error) {
    if (isRowsOwn(error)) return NONE;
    throw error;
  }
}
