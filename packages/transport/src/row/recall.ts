import { readOutputs, type Completed, type Prompted, type Row } from "@parallel-parrot/core";
import { RoutedRequest } from "../request/routed-request.ts";
import type { RowContext } from "../request/row-context.ts";
import type { RequestSender } from "../routing/request-sender.ts";
import { isOneRequest } from "./call-of.ts";
import type { Calls } from "./row-completer.ts";
import { completedItem } from "./completed-item.ts";
import type { Answer } from "../request/exchange.ts";
import type { ResolvedOptions } from "../options.ts";

/**
 * Answers a row from the journal alone, without sending or awaiting anything. `undefined` where an answer is missing
 * or cannot be used, or where something would have to be awaited: then the row is completed in the usual way, with a
 * new context, which finds what there is and says what is wrong.
 */
export type Recall = <R extends Row>(item: Prompted<R>, row: RowContext) => Completed<R> | undefined;

/** Makes the short way for rows that are in the journal as a whole. */
export function createRecall(
  sender: Pick<RequestSender, "cached">,
  { nativeN, callOf, grouped }: Calls,
  options: ResolvedOptions,
): Recall {
  const isOne = isOneRequest(options, { nativeN });

  function answerTo({ row: asking, prompt }: Prompted, row: RowContext): Answer | undefined {
    const call = callOf(asking, prompt, isOne ? options.n : 1);
    const first =
      (grouped && sender.cached(new RoutedRequest(call, 0, row, { isGrouped: true }))) ??
      sender.cached(new RoutedRequest(call, 0, row));
    if (first === undefined || isOne) return first;
    const choices = [...first.choices];
    for (let replicate = 1; replicate < options.n; replicate++) {
      const next = sender.cached(new RoutedRequest(call, replicate, row));
      if (next === undefined) return undefined;
      choices.push(...next.choices);
    }
    return { choices, model: first.model };
  }

  function isUsable(answer: Answer): boolean {
    if (answer.choices.length !== options.n) return false;
    if (options.output === undefined) return true;
    const reading = readOutputs(options.output, answer);
    return !(reading instanceof Promise) && reading.ok;
  }

  return (item, row) => {
    try {
      const answer = answerTo(item, row);
      return answer !== undefined && isUsable(answer) ? completedItem(item, answer, row) : undefined;
    } catch {
      // The usual way meets the same error, and says so.
      return undefined;
    }
  };
}
