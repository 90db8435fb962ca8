import { isFailed, type Prompt, type Row } from "@parallel-parrot/core";
import { compilePrompt, promptItem } from "@parallel-parrot/template";
import { EqualPrompts } from "@parallel-parrot/transport";
import { ownOf } from "../by-row/own-of.ts";
import type { RunOptions } from "../job/run-options.ts";
import type { Reason } from "./row-outlook.ts";

/** What a row says of its prompt. */
export interface LookedUpPrompt {
  /** The prompt, where an earlier row had it too. */
  readonly prompt: Prompt | undefined;
  /** Why there is no prompt; `undefined` where there is one. */
  readonly problem: Extract<Reason, { readonly kind: "unaskable" }> | undefined;
}

/**
 * Finds the rows of an input that have the prompt of an earlier row, and those that have none. Images count as equal
 * where their names are equal.
 */
export class EqualInput {
  readonly #template: ReturnType<typeof compilePrompt<Row>>;
  readonly #prompts = new EqualPrompts();
  readonly #options: Pick<RunOptions, "provider" | "rowParams">;
  #count = 0;

  constructor(options: Pick<RunOptions, "prompt" | "provider" | "rowParams">) {
    this.#template = compilePrompt<Row>(options.prompt);
    this.#options = options;
  }

  /** Rows so far that had the prompt of an earlier row. */
  get count(): number {
    return this.#count;
  }

  /** @param index the row's number, for messages */
  next(row: Row, index: number): LookedUpPrompt {
    const item = promptItem(this.#template, row, index);
    if (isFailed<Row>(item)) {
      const { code, message } = item.failure;
      return { prompt: undefined, problem: { kind: "unaskable", message: `${code}: ${message}` } };
    }
    if (this.#prompts.next(item.prompt, ownOf(row, this.#options)) === 0)
      return { prompt: undefined, problem: undefined };
    this.#count += 1;
    return { prompt: item.prompt, problem: undefined };
  }

  close(): void {
    this.#prompts.close();
  }
}
