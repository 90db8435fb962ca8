import {
  quote,
  type Cut,
  type Message,
  type Prompted,
  type Row,
  type Shortening,
  type Warning,
} from "@parallel-parrot/core";
import { nextLength, type TooLong } from "./next-length.ts";
import { RejectionError } from "../errors/rejection-error.ts";
import { isTooLong } from "../errors/verdict.ts";

/** How often the prompt of one row is shortened at most. */
const MAX_CUTS = 16;

/** The prompt of one row, made shorter until the model takes it. */
export class PromptFit<R extends Row> {
  /** The row with its prompt as it is to be asked now, and with a warning that tells of the cut. */
  item: Prompted<R>;
  readonly #whole: Prompted<R>;
  readonly #refusals: TooLong[] = [];
  #cuts: readonly Cut[] = [];

  constructor(item: Prompted<R>) {
    this.#whole = item;
    this.item = item;
  }

  /**
   * Shortens the prompt after the refusal of a conversation that began with it. Where it cannot be shorter, it throws
   * the refusal with the reason. An error that is no such refusal is thrown as it is.
   *
   * @param behind messages that came after the prompt
   */
  shorten(error: unknown, behind: readonly Message[]): void {
    if (!isTooLong(error)) throw error;
    const { contextSize: size = {} } = error.rejection;
    const charactersBehind = charactersOf(behind);
    const characters = charactersOf(this.item.prompt.messages);
    this.#refusals.push({ characters: characters + charactersBehind, size });
    const shorter = this.#next(Math.max(0, nextLength(this.#refusals) - charactersBehind));
    if (!shorter.ok) throw because(error, shorter.reason);
    if (charactersOf(shorter.prompt.messages) >= characters)
      throw because(error, `${describe(this.#cuts)}, and the text around it is still too long`);
    const { prompt, cuts } = shorter;
    const message = `The prompt did not fit the model's context window: ${describe(cuts)}`;
    const warnings: readonly Warning[] = [
      ...(this.#whole.warnings ?? []),
      { code: "PROMPT_SHORTENED", message },
    ];
    this.item = { ...this.#whole, prompt, warnings };
    this.#cuts = cuts;
  }

  /** Always cuts the whole prompt anew, so that a column is cut once and not again and again. */
  #next(characters: number): Shortening {
    const { allowed = Number.POSITIVE_INFINITY, answer = 0 } = this.#refusals.at(-1)?.size ?? {};
    if (answer >= allowed)
      return no(`maxTokens keeps ${answer} tokens for the answer, and the model takes ${allowed} in all`);
    if (this.#refusals.length > MAX_CUTS)
      return no(`${describe(this.#cuts)} in ${MAX_CUTS} steps, and it is still too long`);
    const { shortener } = this.#whole;
    return shortener === undefined
      ? no("the stage that made it does not say how; promptStream does with canShorten: true")
      : shortener.shorten(this.#whole, characters);
  }
}

function because(error: RejectionError, reason: string): RejectionError {
  const { rejection, cause } = error;
  const message = `${rejection.message.replace(/\.$/, "")}. The prompt cannot be shortened: ${reason}`;
  return new RejectionError({ ...rejection, message }, cause);
}

function describe(cuts: readonly Cut[]): string {
  const parts = cuts.map(
    ({ column, from, to }) => `column ${quote(column)} was cut from ${from} to ${to} characters`,
  );
  return parts.join(", ");
}

function no(reason: string): Shortening {
  return { ok: false, reason };
}

function charactersOf(messages: readonly Message[]): number {
  return messages.reduce((sum, { content }) => sum + content.length, 0);
}
