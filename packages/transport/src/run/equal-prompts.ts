import type { Prompt } from "@parallel-parrot/core";
import { Occurrences } from "@parallel-parrot/journal";
import { saidIn } from "../row/prompt-hash.ts";

/**
 * Counts equal prompts as `completionStream` does: exactly, and in constant memory. Two prompts are equal when they
 * have the same messages with the same images.
 */
export class EqualPrompts {
  readonly #occurrences = new Occurrences();

  /**
   * How many prompts before this one were equal to it.
   *
   * @param own what the row decides itself of how it is asked: rows that differ in it are not equal
   * @throws ParrotError `JOURNAL_FAILED` where the folder for temporary files has no room, or may not be written to
   */
  next(prompt: Prompt, own: string = ""): number {
    const said = saidIn(prompt);
    return this.#occurrences.next(own === "" ? said : `${said}${own}`);
  }

  /** How many different prompts there were so far. */
  get distinct(): number {
    return this.#occurrences.distinct;
  }

  /** Removes the temporary file. */
  close(): void {
    this.#occurrences.close();
  }
}
