import {
  readOutputs,
  type Message,
  type Output,
  type Prompted,
  type Reading,
  type Row,
} from "@parallel-parrot/core";
import { policyOf } from "../errors/error-policy.ts";
import type { ResolvedOptions } from "../options.ts";
import type { RowContext } from "../request/row-context.ts";
import { promptHash } from "./prompt-hash.ts";
import { BestPart, type AnsweredItem } from "./best-part.ts";
import type { Conversation } from "./choice-sender.ts";
import { PromptFit } from "./prompt-fit.ts";

/**
 * What one row says to the model until an answer can be used: its prompt, which may have to be shortened, and what is
 * wrong with the last answer.
 */
export class RowDialogue<R extends Row> {
  readonly #whole: Prompted<R>;
  readonly #options: ResolvedOptions;
  #fit: PromptFit<R> | undefined;
  /** Messages after the prompt: an answer that cannot be used, and why. */
  #correction: readonly Message[] = [];
  #reasks = 0;
  #problem = "";
  #parts: BestPart<R> | undefined;

  constructor(item: Prompted<R>, options: ResolvedOptions) {
    this.#whole = item;
    this.#options = options;
  }

  /** The row as it is asked for now. */
  get item(): Prompted<R> {
    return this.#fit?.item ?? this.#whole;
  }

  /** How often it is asked again by now, and why. */
  get reask(): { readonly number: number; readonly problem: string } {
    return { number: this.#reasks, problem: this.#problem };
  }

  /** What is to be asked now. */
  next(): Conversation {
    const { row, prompt } = this.item;
    const isCorrected = this.#correction.length > 0;
    return {
      row,
      prompt: isCorrected ? { ...prompt, messages: [...prompt.messages, ...this.#correction] } : prompt,
      // A model that repeats itself is corrected in the same words, and asked all the same.
      firstReplicate: this.#reasks * this.#options.n,
      isTrial: this.#fit !== undefined,
    };
  }

  /** Shortens the prompt after a refusal. Throws the error where it is another one, or nothing can be shortened. */
  shorten(error: unknown, row: RowContext): void {
    if (this.#options.onContext !== "truncate") throw error;
    this.#fit ??= new PromptFit(this.#whole);
    this.#fit.shorten(error, this.#correction);
    row.cutFrom ??= promptHash(this.#whole.prompt);
    // A run that was done with what is too long need not have asked what is shorter.
    row.isSettled = false;
  }

  /** Takes in an answer. Returns whether nothing more is to be asked. */
  take(answered: AnsweredItem<R>): boolean | Promise<boolean> {
    const { output, requestOutput, maxReasks } = this.#options;
    const asked = requestOutput ?? output;
    if (asked === undefined || this.#reasks >= maxReasks) return true;
    if (asked !== output) return this.#takeToBeReadAnew(answered, asked);
    const reading = readOutputs(asked, answered.answer);
    return reading instanceof Promise
      ? reading.then((late) => this.#judge(late, answered))
      : this.#judge(reading, answered);
  }

  /** The last answer, or an earlier one of which more can be used. */
  bestOr(last: AnsweredItem<R>): AnsweredItem<R> | Promise<AnsweredItem<R>> {
    return this.#parts?.bestOr(last) ?? last;
  }

  /** What can be read in the new way needs none of the re-asks that the old one needed. */
  async #takeToBeReadAnew(answered: AnsweredItem<R>, asked: Output): Promise<boolean> {
    const { output } = this.#options;
    if (output === undefined || (await readOutputs(output, answered.answer)).ok) return true;
    return this.#judge(await readOutputs(asked, answered.answer), answered);
  }

  #judge(reading: Reading<Row>, answered: AnsweredItem<R>): boolean | Promise<boolean> {
    const isCorrectable = !reading.ok && policyOf(reading.code).isCorrectable === true;
    return isCorrectable ? this.#correct(reading, answered) : true;
  }

  async #correct(
    { answer, message }: Extract<Reading<Row>, { ok: false }>,
    answered: AnsweredItem<R>,
  ): Promise<false> {
    await (this.#parts ??= new BestPart(this.#options.output)).add(answered);
    this.#correction = correctionOf(answer ?? answered.answer.choices[0]?.text ?? "", message);
    this.#reasks += 1;
    this.#problem = message;
    return false;
  }
}

/**
 * What comes after the prompt when it is asked again. Its words are in the journal key of that request, so a change of
 * them has such rows paid for once more.
 */
function correctionOf(answer: string, problem: string): readonly Message[] {
  const content = `That answer cannot be used: ${problem}\nAnswer again, in full and in the wanted form only.`;
  const request: Message = { role: "user", content: content.toWellFormed() };
  return answer.trim() === "" ? [request] : [{ role: "assistant", content: answer.toWellFormed() }, request];
}
