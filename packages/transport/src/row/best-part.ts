import { readOutputs, type Output, type Prompted, type Row } from "@parallel-parrot/core";
import type { Answer } from "../request/exchange.ts";

/** An answer, and the row as it was asked for. */
export interface AnsweredItem<R extends Row> {
  readonly item: Prompted<R>;
  readonly answer: Answer;
}

/**
 * Of the answers to a row that was asked again, keeps the one of which most can be used as a last resort: the last
 * answer may be the worst.
 */
export class BestPart<R extends Row> {
  readonly #output: Output | undefined;
  #best: AnsweredItem<R> | undefined;
  #most = 0;

  constructor(output: Output | undefined) {
    this.#output = output;
  }

  /** Takes in an answer after which the row is asked again. */
  async add(answered: AnsweredItem<R>): Promise<void> {
    const outputs = await this.#usable(answered);
    if (outputs <= this.#most) return;
    this.#most = outputs;
    this.#best = answered;
  }

  /** The last answer, or an earlier one of which more can be used. */
  async bestOr(last: AnsweredItem<R>): Promise<AnsweredItem<R>> {
    return this.#best !== undefined && (await this.#usable(last)) < this.#most ? this.#best : last;
  }

  /** How many outputs of an answer can be used as a last resort; infinity where the whole answer can be used. */
  async #usable({ answer }: AnsweredItem<R>): Promise<number> {
    if (this.#output === undefined) return Number.POSITIVE_INFINITY;
    const reading = await readOutputs(this.#output, answer);
    if (reading.ok) return Number.POSITIVE_INFINITY;
    return (reading.partial?.outputs ?? []).reduce((sum, { length }) => sum + length, 0);
  }
}
