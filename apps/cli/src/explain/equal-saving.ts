import { counted, NO_USAGE, type Row } from "@parallel-parrot/core";
import { costOf, formatDollars } from "@parallel-parrot/transport";
import { createPromptCounter, type PromptCounter } from "../estimate/count-prompt.ts";
import { EqualInput } from "../estimate/equal-input.ts";
import type { ExplainedRow, Reason } from "./explanation.ts";
import type { RunOptions } from "../job/run-options.ts";

/** Prompts whose tokens are counted for the average. */
const MAX_COUNTED = 100;

/** Finds the rows with the prompt of an earlier row, and what `--ask-equal-once` would save. */
export class EqualSaving {
  readonly #options: RunOptions;
  readonly #counter: PromptCounter;
  readonly #input: EqualInput;
  /** Rows that would be asked although an earlier row has the same prompt. */
  #asked = 0;
  #counted = 0;
  #tokens = 0;

  static async of(options: RunOptions): Promise<EqualSaving> {
    return new EqualSaving(options, await createPromptCounter(options.provider.model));
  }

  private constructor(options: RunOptions, counter: PromptCounter) {
    this.#options = options;
    this.#counter = counter;
    this.#input = new EqualInput(options);
  }

  /** Takes the next row of the input, and why it would be asked. */
  next(row: Row, reason: Reason): ExplainedRow {
    const prompt = this.#input.next(row);
    if (prompt === undefined) return { reason, isEqual: false };
    if (reason.kind === "answered" || reason.kind === "failed") return { reason, isEqual: true };
    if (this.#options.askEqualOnce) return { reason: { kind: "shared" }, isEqual: true };
    this.#asked += 1;
    if (this.#counted < MAX_COUNTED) {
      this.#counted += 1;
      this.#tokens += this.#counter.count(prompt, this.#options.wanted.shape);
    }
    return { reason, isEqual: true };
  }

  /** Lines for a person; none where no rows are equal. */
  lines(): readonly string[] {
    const { count } = this.#input;
    if (count === 0) return [];
    const rows = `${counted(count, "row has", "rows have")} the prompt of an earlier row`;
    if (this.#options.askEqualOnce) return [`${rows}, whose answer is shared`];
    if (this.#asked === 0) return [`${rows}; each has an answer of its own`];
    return [`${rows}; --ask-equal-once would ask ${counted(this.#asked, "row")} less: ${this.#saving()}`];
  }

  #saving(): string {
    const { provider, n, price = provider.price } = this.#options;
    // Where the API has no `n`, each choice is a request with the whole prompt.
    const requests = this.#asked * (provider.capabilities.nativeN ? 1 : n);
    const requestsSaved = counted(requests, "request");
    if (price === undefined)
      return `${requestsSaved}; the price of this model at this server is not known, so give it with --price`;
    const inputTokens = Math.round((this.#tokens / this.#counted) * requests);
    const cost = costOf({ ...NO_USAGE, requests, inputTokens }, price);
    return `${requestsSaved} and about ${formatDollars(cost)} for their input alone`;
  }

  close(): void {
    this.#input.close();
  }
}
