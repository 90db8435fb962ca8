import {
  addUsage,
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
import type { Call } from "@parallel-parrot/providers";
import { NO_ANSWER, type Answer, type Attempt, type Signals } from "./attempt.ts";
import type { Clock } from "./clock.ts";
import type { ResolvedOptions } from "./options.ts";
import { RejectionError } from "./rejection-error.ts";
import { withRetry } from "./retry.ts";

/** What one row may cost and has cost so far, kept through failures. */
interface Bill {
  readonly maxAttempts: number;
  attempts: number;
  answer: Answer;
}

/** Asks for one row until there is an answer or the row has failed. Throws only what stops the run. */
export type Ask = <R extends Row>(
  item: Prompted<R>,
  signals: Signals,
  maxAttempts: number,
) => Promise<Completed<R> | Failed<R>>;

/** Puts together what a row's path is made of: fan-out, retries, re-asks and the row's clock. */
export function createAsk(
  attempt: Attempt,
  capabilities: { readonly nativeN: boolean },
  options: ResolvedOptions,
  clock: Clock,
): Ask {
  return async (item, signals, maxAttempts) => {
    const bill: Bill = { maxAttempts, attempts: 0, answer: NO_ANSWER };
    const timeout =
      options.rowTimeoutMs === undefined ? undefined : AbortSignal.timeout(options.rowTimeoutMs);
    const own = timeout === undefined ? signals : withTimeout(signals, timeout);
    try {
      const completion = await askUntilUsable(item.prompt.messages, own, bill);
      return { ...item, completion };
    } catch (error) {
      if (timeout?.aborted === true && error === timeout.reason) {
        return fail(item, "TIMEOUT", `No answer for this row within ${options.rowTimeoutMs} ms`, bill);
      }
      if (!(error instanceof RejectionError) || error.rejection.verdict === "stop") throw error;
      return fail(item, error.rejection.code, error.message, bill);
    }
  };

  /** Asks; where the answer does not fit the wanted output, asks again with the error, a bounded number of times. */
  async function askUntilUsable(
    messages: readonly Message[],
    signals: Signals,
    bill: Bill,
  ): Promise<Completion> {
    let conversation = messages;
    for (let reasks = 0; ; reasks++) {
      const choices = await gather(conversation, signals, bill);
      const completion: Completion = { ...bill.answer, choices, attempts: bill.attempts };
      const problem =
        options.output === undefined ? undefined : await findProblem(options.output, completion);
      if (problem === undefined || reasks >= options.maxReasks) return completion;
      conversation = [...messages, ...correction(choices[0], problem)];
    }
  }

  /** All choices of a row: in one request where the API can, else in as many as it takes. */
  async function gather(
    messages: readonly Message[],
    signals: Signals,
    bill: Bill,
  ): Promise<readonly Choice[]> {
    const choices: Choice[] = [];
    while (choices.length < options.n) {
      const missing = options.n - choices.length;
      // A server may give fewer choices than asked for; the rest is asked for again.
      const requests =
        capabilities.nativeN && choices.length === 0 ? [missing] : Array.from({ length: missing }, () => 1);
      const answers = await Promise.all(
        requests.map((n) =>
          askOnce(
            { prompt: { messages }, params: options, shape: options.output?.shape ?? { type: "text" }, n },
            signals,
            bill,
          ),
        ),
      );
      const received = answers.flatMap((answer) => answer.choices);
      if (received.length === 0) break;
      choices.push(...received);
    }
    return choices.slice(0, options.n);
  }

  async function askOnce(call: Call, signals: Signals, bill: Bill): Promise<Answer> {
    const { maxAttempts } = bill;
    const answer = await withRetry(() => attempt(call, signals, bill), {
      maxAttempts,
      clock,
      signal: signals.waiting,
    });
    bill.answer = { ...answer, usage: addUsage(bill.answer.usage, answer.usage) };
    return answer;
  }
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
  const { attempts, answer } = bill;
  return {
    index: item.index,
    row: item.row,
    failure: { stage: "transport", code, message, attempts, usage: answer.usage },
  };
}

function withTimeout(signals: Signals, timeout: AbortSignal): Signals {
  return {
    waiting: AbortSignal.any([signals.waiting, timeout]),
    all: AbortSignal.any([signals.all, timeout]),
  };
}
