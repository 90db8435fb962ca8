import {
  readOutputs,
  type Choice,
  type Completed,
  type Completion,
  type Failed,
  type FailureCode,
  type Message,
  type Output,
  type Prompted,
  type Row,
} from "@parallel-parrot/core";
import type { Clock } from "@parallel-parrot/limiter";
import type { Call } from "@parallel-parrot/providers";
import type { Answer, Attempts, Signals } from "./attempt.ts";
import { createBill, type Bill } from "./bill.ts";
import type { ResolvedOptions } from "./options.ts";
import { RejectionError } from "./rejection-error.ts";
import { startRowClock } from "./row-clock.ts";
import { withRetry } from "./retry.ts";

/** Asks for one row until there is an answer or the row has failed. Throws only what stops the run. */
export type Ask = <R extends Row>(
  item: Prompted<R>,
  signals: Signals,
  maxAttempts: number,
) => Promise<Completed<R> | Failed<R>>;

/** Puts together what a row's path is made of: fan-out, retries, re-asks and the row's clock. */
export function createAsk(
  attempts: Attempts,
  capabilities: { readonly nativeN: boolean },
  options: ResolvedOptions,
  clock: Clock,
): Ask {
  return async (item, signals, maxAttempts) => {
    const bill = createBill(maxAttempts);
    const rowClock = startRowClock(clock, options.rowTimeoutMs, signals);
    let last: Completion | undefined;
    try {
      for await (const completion of conversation(item.prompt.messages, rowClock.signals, bill)) {
        last = completion;
      }
    } catch (error) {
      const failure = rowFailure(error, rowClock.isOver(error));
      if (failure === undefined) throw error;
      // A re-ask that fails leaves the answer before it, which the parser judges.
      if (last === undefined) return fail(item, failure.code, failure.message, bill);
    } finally {
      rowClock.stop();
    }
    if (last === undefined) return fail(item, "EMPTY_ANSWER", "No answer", bill);
    return { ...item, completion: { ...last, usage: bill.usage, attempts: bill.attempts } };
  };

  /** Answers one after the other: where one does not fit the wanted output, it is asked again with the error. */
  async function* conversation(
    messages: readonly Message[],
    signals: Signals,
    bill: Bill,
  ): AsyncGenerator<Completion> {
    let asked = messages;
    for (let reasks = 0; ; reasks++) {
      const answer = await gather(asked, signals, bill);
      const completion: Completion = { ...answer, usage: bill.usage, attempts: bill.attempts };
      yield completion;
      if (options.output === undefined || reasks >= options.maxReasks) return;
      const problem = await findProblem(options.output, completion);
      if (problem === undefined) return;
      asked = [...messages, ...correction(answer.choices[0], problem)];
    }
  }

  /** All choices of a row: in one request where the API can, else in as many as it takes. */
  async function gather(messages: readonly Message[], signals: Signals, bill: Bill): Promise<Answer> {
    const shape = options.output?.shape ?? { type: "text" };
    const choices: Choice[] = [];
    let model = "";
    for (;;) {
      const missing = options.n - choices.length;
      // A server may give fewer choices than asked for; the rest is asked for one by one.
      const isNative = capabilities.nativeN && choices.length === 0;
      const calls = isNative ? [missing] : Array.from({ length: missing }, () => 1);
      const settled = await Promise.allSettled(
        calls.map((n) => askOnce({ prompt: { messages }, params: options, shape, n }, signals, bill)),
      );
      const answers = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      const received = answers.flatMap((answer) => answer.choices);
      choices.push(...received);
      model = answers[0]?.model ?? model;
      const errors: unknown[] = settled.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
      const fatal = errors.find((error) => rowFailure(error, false) === undefined);
      if (fatal !== undefined) throw fatal;
      // One refused choice does not cost the row the others.
      if (errors.length > 0 && choices.length === 0) throw errors[0];
      if (errors.length > 0 || received.length === 0 || choices.length >= options.n) break;
    }
    return { choices: choices.slice(0, options.n), model };
  }

  function askOnce(call: Call, signals: Signals, bill: Bill): Promise<Answer> {
    const { maxAttempts } = bill;
    return withRetry(() => attempts.send(call, signals, bill), {
      maxAttempts,
      clock,
      signal: signals.waiting,
    });
  }
}

/** Why an error fails this row; `undefined` where it is not the row's alone. */
function rowFailure(
  error: unknown,
  isRowTimeout: boolean,
): { code: FailureCode; message: string } | undefined {
  if (isRowTimeout)
    return { code: "TIMEOUT", message: error instanceof Error ? error.message : String(error) };
  if (!(error instanceof RejectionError) || error.rejection.verdict === "stop") return undefined;
  return { code: error.rejection.code, message: error.message };
}

async function findProblem(output: Output, completion: Completion): Promise<string | undefined> {
  const reading = await readOutputs(output, completion);
  // A refusal or a cut at the token limit would come back the same.
  return reading.ok || (reading.code !== "INVALID_OUTPUT" && reading.code !== "EMPTY_ANSWER")
    ? undefined
    : reading.message;
}

function correction(choice: Choice | undefined, problem: string): readonly Message[] {
  const request: Message = {
    role: "user",
    content: `That answer cannot be used: ${problem}\nAnswer again, in full and in the wanted form only.`,
  };
  return choice === undefined || choice.text.trim() === ""
    ? [request]
    : [{ role: "assistant", content: choice.text }, request];
}

function fail<R extends Row>(item: Prompted<R>, code: FailureCode, message: string, bill: Bill): Failed<R> {
  const { attempts, usage } = bill;
  return {
    index: item.index,
    row: item.row,
    failure: { stage: "transport", code, message, attempts, usage },
  };
}
