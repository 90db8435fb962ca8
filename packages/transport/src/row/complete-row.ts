import {
  readOutputs,
  type Completed,
  type Completion,
  type Failed,
  type FailureCode,
  type Message,
  type Prompted,
  type Reading,
  type Row,
} from "@parallel-parrot/core";
import { RoutedRequest } from "../request/routed-request.ts";
import type { RequestSender } from "../routing/request-sender.ts";
import type { Answer } from "../request/exchange.ts";
import type { Signals } from "../waiting/signals.ts";
import { BestPart } from "./best-part.ts";
import type { RowContext } from "../request/row-context.ts";
import { createCallOf, isOneRequest } from "./call-of.ts";
import { completedItem, skippedItem } from "./completed-item.ts";
import { promptHash } from "../run/equal-prompts.ts";
import type { ResolvedOptions } from "../options.ts";
import { PromptFit } from "./prompt-fit.ts";
import { policyOf } from "../errors/error-policy.ts";
import { isNotAsked, isRowsOwn, isTooLong } from "../errors/verdict.ts";
import { createRowDeadline } from "./row-deadline.ts";
import { retryAfter } from "./retry.ts";

/** Asks for one row until there is an answer or the row has failed. Throws only what stops the run. */
export type Ask = <R extends Row>(
  item: Prompted<R>,
  signals: Signals,
  row: RowContext,
) => Promise<Completed<R> | Failed<R>>;

interface Conversation {
  readonly messages: readonly Message[];
  /** Number of the first choice among all that are asked for this row. */
  readonly firstReplicate: number;
  /** Whether one choice is to show first that the model takes it. */
  readonly isTrial: boolean;
}

/** Puts together what a row's path is made of: fan-out, retries, re-asks and the row's clock. */
export function createAsk(
  sender: RequestSender,
  capabilities: { readonly nativeN: boolean },
  options: ResolvedOptions,
): Ask {
  const asked = options.requestOutput ?? options.output;
  const isOne = isOneRequest(options, capabilities);
  const callOf = createCallOf(options);
  const { clock } = sender;
  return askRow;

  async function askRow<R extends Row>(
    item: Prompted<R>,
    signals: Signals,
    row: RowContext,
  ): Promise<Completed<R> | Failed<R>> {
    const { rowTimeoutMs } = options;
    const rowDeadline =
      rowTimeoutMs === undefined ? undefined : createRowDeadline(clock, rowTimeoutMs, signals);
    const ends = rowDeadline?.signals ?? signals;
    if (rowDeadline !== undefined) row.startDeadline = () => rowDeadline.start();
    // Looked up in several ways, it is the whole prompt each time.
    row.cutFrom = undefined;
    let answer: Answer | undefined;
    let answered = item;
    let fit: PromptFit<R> | undefined;
    /** What comes behind the prompt: an answer that cannot be used, and why. */
    let behind: readonly Message[] = [];
    let parts: BestPart<R> | undefined;
    try {
      for (let reasks = 0; ;) {
        const { prompt } = fit?.item ?? item;
        const messages = behind.length === 0 ? prompt.messages : [...prompt.messages, ...behind];
        try {
          // A model that repeats itself is corrected in the same words, and asked all the same.
          const conversation = { messages, firstReplicate: reasks * options.n, isTrial: fit !== undefined };
          answer = await askAll(conversation, ends, row);
          answered = fit?.item ?? item;
        } catch (error) {
          if (options.onContext !== "truncate") throw error;
          fit ??= new PromptFit(item);
          fit.shorten(error, behind);
          row.cutFrom ??= promptHash(item.prompt);
          // A run that was done with what is too long need not have asked what is shorter.
          row.isSettled = false;
          continue;
        }
        if (asked === undefined || reasks >= options.maxReasks) break;
        // What can be read in the new way needs none of the re-asks that the old one needed.
        if (asked !== options.output && (await isWhole(answer))) break;
        const reading = readOutputs(asked, answer);
        const bad = worthAskingFor(reading instanceof Promise ? await reading : reading);
        if (bad === undefined) break;
        await (parts ??= new BestPart(options.output)).add({ item: answered, answer });
        behind = correction(bad.answer ?? answer.choices[0]?.text ?? "", bad.message);
        reasks += 1;
      }
    } catch (error) {
      const failure = rowFailure(error, rowDeadline?.isOver(error) === true);
      if (failure === undefined) throw error;
      // A re-ask that fails leaves the answer before it, which the parser judges.
      if (answer === undefined && options.onContext === "skip" && isTooLong(error))
        return skippedItem(item, error, row);
      if (answer === undefined || isMissing(error, row))
        return fail(item, failure.code, failure.message, row);
    } finally {
      rowDeadline?.stop();
    }
    const last = { item: answered, answer };
    const best = parts === undefined ? last : await parts.bestOr(last);
    return completedItem(best.item, best.answer, row);
  }

  async function isWhole(answer: Pick<Completion, "choices">): Promise<boolean> {
    return options.output === undefined || (await readOutputs(options.output, answer)).ok;
  }

  /** Asks for all choices of a row. */
  async function askAll(conversation: Conversation, signals: Signals, row: RowContext): Promise<Answer> {
    const { messages, firstReplicate: replicate, isTrial } = conversation;
    const n = isOne ? options.n : 1;
    const answer = isOne || isTrial ? await askOnce(messages, { n, replicate }, signals, row) : undefined;
    return answer?.choices.length === options.n ? answer : fanOut(conversation, answer, signals, row);
  }

  /** Asks one by one for the choices that are missing: a server may give fewer than asked for. */
  async function fanOut(
    { messages, firstReplicate }: Conversation,
    first: Answer | undefined,
    signals: Signals,
    row: RowContext,
  ): Promise<Answer> {
    const choices = [...(first?.choices ?? [])];
    let model = first?.model ?? "";
    for (let received = 1; received > 0 && choices.length < options.n;) {
      const already = choices.length;
      const replicates = Array.from(
        { length: options.n - already },
        (_, number) => firstReplicate + already + number,
      );
      sender.peek(callOf(messages, 1), replicates, row);
      const missing = replicates.map((replicate) => askOnce(messages, { n: 1, replicate }, signals, row));
      const settled = await Promise.allSettled(missing);
      const answers = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      const errors: unknown[] = settled.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
      const fatal = errors.find((error) => rowFailure(error, false) === undefined || isMissing(error, row));
      if (fatal !== undefined) throw fatal;
      const more = answers.flatMap((answer) => answer.choices);
      choices.push(...more);
      model ||= answers[0]?.model ?? "";
      // One refused choice does not cost the row the others.
      if (errors.length > 0 && choices.length === 0) throw errors[0];
      received = errors.length > 0 ? 0 : more.length;
    }
    return { choices: choices.slice(0, options.n), model };
  }

  async function askOnce(
    messages: readonly Message[],
    { n, replicate }: { readonly n: number; readonly replicate: number },
    signals: Signals,
    row: RowContext,
  ): Promise<Answer> {
    const routed = new RoutedRequest(callOf(messages, n), replicate, row);
    try {
      return await sender.send(routed, signals);
    } catch (error) {
      return retryAfter(error, () => sender.send(routed, signals), {
        maxAttempts: row.maxAttempts,
        clock,
        signal: signals.waiting,
        breaker: sender.outage,
        forgives: () => sender.forgives(row, signals),
      });
    }
  }
}

/** Why an error fails this row; `undefined` where it is not the row's alone. */
function rowFailure(
  error: unknown,
  isRowTimeout: boolean,
): { code: FailureCode; message: string } | undefined {
  if (isRowTimeout)
    return { code: "TIMEOUT", message: error instanceof Error ? error.message : String(error) };
  if (!isRowsOwn(error)) return undefined;
  return { code: error.rejection.code, message: error.message };
}

/** Whether a row that is only looked up is not there as a whole. */
function isMissing(error: unknown, { onlyLooks }: RowContext): boolean {
  return onlyLooks && isNotAsked(error);
}

/** The reading of an answer that is worth asking again for. */
function worthAskingFor(reading: Reading<Row>): Extract<Reading<Row>, { ok: false }> | undefined {
  return !reading.ok && policyOf(reading.code).isCorrectable === true ? reading : undefined;
}

/** What comes behind the prompt when it is asked again. */
function correction(answer: string, problem: string): readonly Message[] {
  const content = `That answer cannot be used: ${problem}\nAnswer again, in full and in the wanted form only.`;
  const request: Message = { role: "user", content: content.toWellFormed() };
  return answer.trim() === "" ? [request] : [{ role: "assistant", content: answer.toWellFormed() }, request];
}

function fail<R extends Row>(
  item: Prompted<R>,
  code: FailureCode,
  message: string,
  row: RowContext,
): Failed<R> {
  const { usage } = row;
  return {
    index: item.index,
    row: item.row,
    failure: { stage: "transport", code, message, attempts: row.allAttempts, usage },
  };
}
