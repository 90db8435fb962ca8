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

/** How often one row's prompt is shortened, at most. */
const MAX_CUTS = 16;

/** One row's prompt, made shorter until the model takes it. */
export class PromptFit<R extends Row> {
  /** With its prompt as it is to be asked now, and what is to be told of that. */
  item: Prompted<R>;
  readonly #whole: Prompted<R>;
  readonly #refusals: TooLong[] = [];
  #cuts: readonly Cut[] = [];

  constructor(item: Prompted<R>) {
    this.#whole = item;
    this.item = item;
  }

  /**
   * Shortens it after a refusal of the conversation that it begins. Throws the refusal, with the reason, where it
   * cannot be shorter; throws anything else as it is.
   *
   * @param behind messages that came after it
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
      throw because(error, `${describe(this.#cuts)}, and the words around it are too long as well`);
    const { prompt, cuts } = shorter;
    const message = `The prompt did not fit the model's context window: ${describe(cuts)}`;
    const warnings: readonly Warning[] = [
      ...(this.#whole.warnings ?? []),
      { code: "PROMPT_SHORTENED", message },
    ];
    this.item = { ...this.#whole, prompt, warnings };
    this.#cuts = cuts;
  }

  /** Always from the whole, so that it is one cut and no chain of them. */
  #next(characters: number): Shortening {
    const { allowed = Number.POSITIVE_INFINITY, answer = 0 } = this.#refusals.at(-1)?.size ?? {};
    if (answer >= allowed)
      return no(`${answer} tokens are kept for the answer (maxTokens), and ${allowed} are all there are`);
    if (this.#refusals.length > MAX_CUTS)
      return no(`${describe(this.#cuts)} in ${MAX_CUTS} steps, and it is still too long`);
    const { shortener } = this.#whole;
    return shortener === undefined
      ? no("the stage that made it does not say how, as promptStream does with canShorten: true")
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
