import {
  isFailed,
  lastResort,
  readOutputs,
  type Completed,
  type Failed,
  type FailureCode,
  type Output,
  type Prompted,
  type Row,
} from "@parallel-parrot/core";
import { PARAM_NAMES } from "@parallel-parrot/providers";
import { WayChoice } from "../by-row/way-choice.ts";
import { createSender } from "../routing/create-sender.ts";
import type { RowContext } from "../request/row-context.ts";
import type { Signals } from "../waiting/signals.ts";
import type { EarlierAsking, ResolvedOptions } from "../options.ts";
import { wayOf, type Way } from "./way.ts";
import { Canary } from "../routing/canary.ts";

/** What an earlier run has of a row. */
export interface EarlierOutcome<R extends Row> {
  readonly outcome: Completed<R> | Failed<R>;
  readonly way: Way;
  /** Why it has no answer that can be used; `undefined` where it has one. */
  readonly code: FailureCode | undefined;
}

/** Opens ways whose answers are only looked up: nothing is sent, so they need no budget, no limits and no marks. */
export function openEarlier(
  { provider, ...params }: EarlierAsking,
  options: ResolvedOptions,
): WayChoice<Way> {
  const {
    budget: _,
    limits: _limits,
    limiter: _limiter,
    price: _price,
    promptCache: _marks,
    ...others
  } = options;
  const own: ResolvedOptions = { ...withoutParams(others), onContext: "fail", ...params };
  return new WayChoice(provider, ({ provider: each }) =>
    wayOf(each, createSender(each, own, new Canary(each, own)), own),
  );
}

/**
 * Looks a row up in each way, in order, without sending anything: the first answer that can be used, else the last
 * failure; `undefined` where the journal has nothing. What was paid for it is charged to the row.
 */
export async function findEarlier<R extends Row>(
  ways: readonly Way[],
  output: Output | undefined,
  item: Prompted<R>,
  { signals, row }: { readonly signals: Signals; readonly row: RowContext },
): Promise<EarlierOutcome<R> | undefined> {
  let last: EarlierOutcome<R> | undefined;
  row.onlyLooks = true;
  try {
    for (const way of ways) {
      row.cutFrom = undefined;
      row.isSettled = false;
      const outcome = await way.completer.complete(item, signals, row);
      const code = await codeOf(outcome, output, row);
      if (code === undefined) return { outcome, way, code };
      if (code !== "NOT_ASKED") last = { outcome, way, code };
    }
    return last;
  } finally {
    row.onlyLooks = false;
    // Whether the run's own way is done with the row is found out when the row is asked.
    row.isSettled = false;
    row.cutFrom = undefined;
  }
}

async function codeOf(
  outcome: Completed | Failed,
  output: Output | undefined,
  { isSettled }: RowContext,
): Promise<FailureCode | undefined> {
  if (isFailed(outcome)) return outcome.failure.code;
  if (output === undefined || outcome.completion.skipped !== undefined) return undefined;
  const reading = await readOutputs(output, outcome.completion);
  // After the last re-ask the part that can be read is the answer: asked anew, the row might get less.
  const used = isSettled ? lastResort(reading) : reading;
  return used.ok ? undefined : used.code;
}

/** The options without the parameters of this run, which must not be taken for those of another way. */
function withoutParams(options: ResolvedOptions): ResolvedOptions {
  const { rowParams: _, ...others } = options;
  const none = Object.fromEntries(PARAM_NAMES.map((name) => [name, undefined]));
  return { ...others, ...none };
}
