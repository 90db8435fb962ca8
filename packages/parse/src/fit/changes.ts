import type { Warning } from "@parallel-parrot/core";
import { oneLine } from "./problem.ts";

/** How many changes a message names. */
const MAX_TOLD = 5;

/** What in an answer was not quite what was asked for and was read in the only way that fits, a phrase each. */
export class Changes {
  /** Created when there is something to report, which is rare. */
  #phrases: Set<string> | undefined;

  get isEmpty(): boolean {
    return this.#phrases === undefined;
  }

  add(phrase: string): void {
    (this.#phrases ??= new Set()).add(phrase);
  }

  addAll(others: Changes | undefined): void {
    if (others !== undefined) for (const phrase of others.#phrases ?? []) this.add(phrase);
  }

  /** Adds that a decimal with more digits than a number holds was rounded. */
  addRounded(number: string): void {
    this.add(`${number} as the nearest number`);
  }

  /** One warning if there is something to report, else none. */
  get warnings(): readonly Warning[] {
    if (this.#phrases === undefined) return [];
    const told = [...this.#phrases].slice(0, MAX_TOLD).map(oneLine);
    const more = this.#phrases.size - told.length;
    const message = `The answer is not quite what was asked for, and was read in the only way that fits: ${told.join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
    return [{ code: "ADJUSTED", message }];
  }
}
