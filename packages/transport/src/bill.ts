import { addUsage, NO_USAGE, type Usage } from "@parallel-parrot/core";

/** What one row may cost and has cost so far; kept through failures. */
export interface Bill {
  readonly maxAttempts: number;
  /** Requests sent. */
  attempts: number;
  usage: Usage;
  /** How often this row was refused for the rate while others were answered. */
  refusals: number;
  /** Answers of the whole run at the last refusal. */
  answersAtRefusal: number;
  /** Called when its first request is about to be sent: from then on it waits in no line. */
  readonly onFirstSend: (() => void) | undefined;
}

/** A bill with nothing on it. */
export function createBill(maxAttempts: number, onFirstSend?: () => void): Bill {
  return { maxAttempts, attempts: 0, usage: NO_USAGE, refusals: 0, answersAtRefusal: 0, onFirstSend };
}

/** Puts usage on a bill. */
export function charge(bill: Bill, usage: Usage): void {
  bill.usage = addUsage(bill.usage, usage);
}
