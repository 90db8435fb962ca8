import { isFailed, type Prompt, type Row } from "@parallel-parrot/core";
import { compilePrompt, promptItem } from "@parallel-parrot/template";
import { EqualPrompts } from "@parallel-parrot/transport";
import { ownOf } from "../by-row/own-of.ts";
import type { RunOptions } from "../job/run-options.ts";

/**
 * Finds the rows of an input that have the prompt of an earlier row. Images count as equal where their names are
 * equal.
 */
export class EqualInput {
  readonly #template: ReturnType<typeof compilePrompt<Row>>;
  readonly #prompts = new EqualPrompts();
  readonly #options: Pick<RunOptions, "provider" | "rowParams">;
  #rows = 0;
  #count = 0;

  constructor(options: Pick<RunOptions, "prompt" | "provider" | "rowParams">) {
    this.#template = compilePrompt<Row>(options.prompt);
    this.#options = options;
  }

  /** Rows so far that had the prompt of an earlier row. */
  get count(): number {
    return this.#count;
  }

  /** The prompt of a row where an earlier row had it too; `undefined` for a new prompt, or for a row without one. */
  next(row: Row): Prompt | undefined {
    const item = promptItem(this.#template, row, this.#rows);
    this.#rows += 1;
    if (isFailed<Row>(item) || this.#prompts.next(item.prompt, ownOf(row, this.#options)) === 0)
      return undefined;
    this.#count += 1;
    return item.prompt;
  }

  close(): void {
    this.#prompts.close();
  }
}
