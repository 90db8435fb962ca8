import type { Prompt } from "@parallel-parrot/core";
import { EqualPrompts } from "./equal-prompts.ts";

/** How many different prompts are told apart where nothing depends on it but the count that progress shows. */
const MAX_UNNEEDED = 65_536;

/** Counts the rows that have the prompt of an earlier row, in the order in which they come in. */
export class EqualRows {
  readonly #prompts = new EqualPrompts();
  readonly #isNeeded: boolean;
  #count: number | undefined = 0;

  /** @param isNeeded whether answers are found by the count: then all rows are counted, and failing to is an error */
  constructor(isNeeded: boolean) {
    this.#isNeeded = isNeeded;
  }

  /** Rows so far that were not the first with their prompt; `undefined` where they were not counted. */
  get count(): number | undefined {
    return this.#count;
  }

  /**
   * How many rows before this one have its prompt.
   *
   * @param own what the row decides itself of how it is asked: rows that differ in it are not equal
   * @throws ParrotError `JOURNAL_FAILED`
   */
  enter(prompt: Prompt, own: string): number {
    if (this.#count === undefined) return 0;
    try {
      const before = this.#prompts.next(prompt, own);
      if (before > 0) this.#count += 1;
      else if (!this.#isNeeded && this.#prompts.distinct > MAX_UNNEEDED) this.#giveUp();
      return before;
    } catch (error) {
      this.#giveUp();
      if (this.#isNeeded) throw error;
      return 0;
    }
  }

  #giveUp(): void {
    this.#count = undefined;
    this.#prompts.close();
  }

  close(): void {
    this.#prompts.close();
  }
}
