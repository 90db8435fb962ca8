import { counted, NO_USAGE } from "@parallel-parrot/core";
import { costOf, formatDollars } from "@parallel-parrot/transport";
import { createPromptCounter, type PromptCounter } from "../estimate/count-prompt.ts";
import { isAsked, type RowOutlook } from "../outlook/row-outlook.ts";
import type { RunOptions } from "../job/run-options.ts";

/** Prompts whose tokens are counted for the average. */
const MAX_COUNTED = 100;

/** Finds what `--ask-equal-once` would save. */
export class EqualSaving {
  readonly #options: RunOptions;
  readonly #counter: PromptCounter;
  /** Rows that would be asked although an earlier row has the same prompt. */
  #asked = 0;
  #counted = 0;
  #tokens = 0;

  static async of(options: RunOptions): Promise<EqualSaving> {
    return new EqualSaving(options, await createPromptCounter(options.provider));
  }

  private constructor(options: RunOptions, counter: PromptCounter) {
    this.#options = options;
    this.#counter = counter;
  }

  /** Takes the next row of the input. */
  add({ equalPrompt, reason }: Pick<RowOutlook, "equalPrompt" | "reason">): void {
    if (equalPrompt === undefined || !isAsked(reason)) return;
    this.#asked += 1;
    if (this.#counted >= MAX_COUNTED) return;
    this.#counted += 1;
    this.#tokens += this.#counter.count(equalPrompt, this.#options.wanted.shape);
  }

  /** Lines for a person; none where no rows are equal. @param count rows with the prompt of an earlier row */
  lines(count: number): readonly string[] {
    if (count === 0) return [];
    const rows = `${counted(count, "row has", "rows have")} the prompt of an earlier row`;
    if (this.#options.askEqualOnce) return [`${rows}, whose answer is shared`];
    if (this.#asked === 0) return [`${rows}; each has an answer of its own`];
    return [`${rows}; --ask-equal-once would ask ${counted(this.#asked, "row")} fewer: ${this.#saving()}`];
  }

  #saving(): string {
    const { provider, n, price = provider.price } = this.#options;
    // Where the API has no `n`, each choice is a request with the whole prompt.
    const requests = this.#asked * (provider.capabilities.nativeN ? 1 : n);
    const requestsSaved = counted(requests, "request");
    if (price === undefined)
      return `${requestsSaved}; the price of this model at this server is not known, so give it with --price or --price-of`;
    const inputTokens = Math.round((this.#tokens / this.#counted) * requests);
    const cost = costOf({ ...NO_USAGE, requests, inputTokens }, price);
    return `${requestsSaved} and about ${formatDollars(cost)} for their input alone`;
  }
}
