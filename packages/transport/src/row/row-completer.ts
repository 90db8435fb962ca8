import {
  messageOf,
  type Completed,
  type Failed,
  type Failure,
  type Prompted,
  type Row,
} from "@parallel-parrot/core";
import { isNotAsked, isRowsOwn, isTooLong } from "../errors/verdict.ts";
import type { ResolvedOptions } from "../options.ts";
import type { RowContext } from "../request/row-context.ts";
import type { RequestSender } from "../routing/request-sender.ts";
import type { Signals } from "../waiting/signals.ts";
import type { AnsweredItem } from "./best-part.ts";
import type { CallOf } from "./call-of.ts";
import type { GroupedAsking } from "../group/grouped-asking.ts";
import { ChoiceSender } from "./choice-sender.ts";
import { completedItem, failedItem, skippedItem } from "./completed-item.ts";
import { RowDeadline } from "./row-deadline.ts";
import { RowDialogue } from "./row-dialogue.ts";

/** How the calls of a way are made. */
export interface Calls {
  readonly nativeN: boolean;
  readonly callOf: CallOf;
  /** How rows are asked several at a time; `undefined` where each is asked alone. */
  readonly grouped: GroupedAsking | undefined;
}

/** Asks for rows until there is an answer that can be used, or the row has failed. */
export class RowCompleter {
  readonly #sender: RequestSender;
  readonly #choices: ChoiceSender;
  readonly #grouped: GroupedAsking | undefined;
  readonly #options: ResolvedOptions;

  constructor(sender: RequestSender, calls: Calls, options: ResolvedOptions) {
    this.#sender = sender;
    this.#grouped = calls.grouped;
    this.#choices = new ChoiceSender(sender, calls, options);
    this.#options = options;
  }

  /** Throws only what stops the run. */
  async complete<R extends Row>(
    item: Prompted<R>,
    signals: Signals,
    row: RowContext,
  ): Promise<Completed<R> | Failed<R>> {
    const { rowTimeoutMs, onContext } = this.#options;
    const deadline =
      rowTimeoutMs === undefined ? undefined : new RowDeadline(this.#sender.clock, rowTimeoutMs, signals);
    const ends = deadline?.signals ?? signals;
    if (deadline !== undefined) row.startDeadline = () => deadline.start();
    // A row that is looked up in several ways is looked up with its whole prompt each time.
    row.cutFrom = undefined;
    const dialogue = new RowDialogue(item, this.#options);
    let last: AnsweredItem<R> | undefined;
    try {
      for (;;) {
        try {
          const conversation = dialogue.next();
          const grouped =
            this.#grouped && (await this.#grouped.ask(conversation, row, { ofRun: signals, ofRow: ends }));
          const answer = grouped ?? (await this.#choices.send(conversation, ends, row));
          last = { item: dialogue.item, answer };
        } catch (error) {
          dialogue.shorten(error, row);
          continue;
        }
        const taken = dialogue.take(last);
        if (taken instanceof Promise ? await taken : taken) break;
        const { events } = this.#options;
        if (events.wants("reask")) events.publish("reask", { row, ...dialogue.reask });
      }
    } catch (error) {
      const failure = failureOf(error, deadline?.isReasonOf(error) === true);
      if (failure === undefined) throw error;
      if (last === undefined && onContext === "skip" && isTooLong(error))
        return skippedItem(item, error, row);
      // A re-ask that fails leaves the answer before it, which the parser judges.
      const isMissing = row.onlyLooks && isNotAsked(error);
      if (last === undefined || isMissing) return failedItem(item, failure, row);
    } finally {
      deadline?.stop();
    }
    const best = dialogue.bestOr(last);
    const { item: asked, answer } = best instanceof Promise ? await best : best;
    return completedItem(asked, answer, row);
  }
}

/** Why an error fails the row; `undefined` where it concerns more than this row. */
function failureOf(error: unknown, isTimeout: boolean): Pick<Failure, "code" | "message"> | undefined {
  if (isTimeout) return { code: "TIMEOUT", message: messageOf(error) };
  return isRowsOwn(error) ? { code: error.rejection.code, message: error.message } : undefined;
}
