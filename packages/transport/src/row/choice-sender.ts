import type { Prompt, Row } from "@parallel-parrot/core";
import { isNotAsked, isRowsOwn } from "../errors/verdict.ts";
import type { ResolvedOptions } from "../options.ts";
import type { Answer } from "../request/exchange.ts";
import { RoutedRequest } from "../request/routed-request.ts";
import type { RowContext } from "../request/row-context.ts";
import type { RequestSender } from "../routing/request-sender.ts";
import type { Signals } from "../waiting/signals.ts";
import { isOneRequest, type CallOf } from "./call-of.ts";
import { sendWithRetries } from "./send-with-retries.ts";

/** What a row is asked for at once. */
export interface Conversation {
  /** The row that asks, whose parameters may be its own. */
  readonly row: Row;
  readonly prompt: Prompt;
  /** Number of the first choice among all that are asked for this row. */
  readonly firstReplicate: number;
  /** Whether one choice is asked for first, to see whether the model takes the prompt. */
  readonly isTrial: boolean;
}

/** Asks for the choices of a row: in one request where the API can, otherwise in one for each. */
export class ChoiceSender {
  readonly #sender: RequestSender;
  readonly #n: number;
  readonly #maxReasks: number;
  readonly #isOne: boolean;
  readonly #callOf: CallOf;

  constructor(
    sender: RequestSender,
    { nativeN, callOf }: { readonly nativeN: boolean; readonly callOf: CallOf },
    options: ResolvedOptions,
  ) {
    this.#sender = sender;
    this.#n = options.n;
    this.#maxReasks = options.maxReasks;
    this.#isOne = isOneRequest(options, { nativeN });
    this.#callOf = callOf;
  }

  /** Asks for all choices, with retries. */
  async send(conversation: Conversation, signals: Signals, row: RowContext): Promise<Answer> {
    const { prompt, firstReplicate, isTrial } = conversation;
    const call = this.#callOf(conversation.row, prompt, this.#isOne ? this.#n : 1);
    const answer =
      this.#isOne || isTrial
        ? await sendWithRetries(this.#sender, new RoutedRequest(call, firstReplicate, row), signals)
        : undefined;
    return answer?.choices.length === this.#n ? answer : this.#fanOut(conversation, answer, signals, row);
  }

  /** Asks one by one for the choices that are missing: a server may give fewer than asked for. */
  async #fanOut(
    { row: asking, prompt, firstReplicate }: Conversation,
    first: Answer | undefined,
    signals: Signals,
    row: RowContext,
  ): Promise<Answer> {
    const choices = [...(first?.choices ?? [])];
    const call = this.#callOf(asking, prompt, 1);
    // A request that was for one choice has asked for it also where none came.
    const wasForOne = first !== undefined && !(this.#isOne && this.#n > 1);
    let asked = wasForOne ? 1 : choices.length;
    let model = first?.model ?? "";
    for (let received = 1; received > 0 && choices.length < this.#n;) {
      const replicates = Array.from(
        { length: this.#n - choices.length },
        (_, number) => firstReplicate + this.#numberOf(asked + number),
      );
      asked += replicates.length;
      this.#sender.peek(call, replicates, row);
      const missing = replicates.map((replicate) =>
        sendWithRetries(this.#sender, new RoutedRequest(call, replicate, row), signals),
      );
      const { answers, errors } = split(await Promise.allSettled(missing));
      const fatal = errors.find((error) => !isRowsOwn(error) || (row.onlyLooks && isNotAsked(error)));
      if (fatal !== undefined) throw fatal;
      const more = answers.flatMap((answer) => answer.choices);
      choices.push(...more);
      model ||= answers[0]?.model ?? "";
      // One refused choice does not cost the row the others.
      if (errors.length > 0 && choices.length === 0) throw errors[0];
      received = errors.length > 0 ? 0 : more.length;
    }
    return { choices: choices.slice(0, this.#n), model };
  }

  /**
   * The number of a choice among those of its conversation. What is asked for in place of a choice that did not come
   * has a number of its own, that of no other conversation: the journal would give it the same empty answer again.
   */
  #numberOf(asked: number): number {
    return asked < this.#n ? asked : asked + this.#n * this.#maxReasks;
  }
}

function split(settled: readonly PromiseSettledResult<Answer>[]): {
  readonly answers: readonly Answer[];
  readonly errors: readonly unknown[];
} {
  const errors: unknown[] = settled.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  return { answers: settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : [])), errors };
}
