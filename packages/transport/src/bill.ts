import { addUsage, NO_USAGE, type Usage } from "@parallel-parrot/core";

/** What one row may cost and has cost so far; kept through failures. */
export interface Bill {
  /** 0-based position in the input; `undefined` for a request that is no row's. */
  readonly row: number | undefined;
  /** Lowered for the row that goes alone. */
  maxAttempts: number;
  /** Requests sent. */
  attempts: number;
  /** Requests sent by others, whose answers were found in the journal: an earlier run, or an equal row. */
  attemptsBefore: number;
  /** Everything that was paid for the row, earlier runs included. */
  usage: Usage;
  /** Called whenever it has its turn to send: its clock runs from the first one on. */
  startClock: (() => void) | undefined;
  /** Its turn to send, once it has asked for one. */
  entering: Promise<void> | undefined;
  /** Whether the journal says that an earlier run was done with this row: what is not there was not to be had. */
  isSettled: boolean;
  /** Whether what earlier runs have of this row is not wanted. */
  asksAgain: boolean;
  /** Called when its first request is about to be sent or awaits the answer to an equal one: from then on it waits in no line. */
  readonly leaveQueue: (() => void) | undefined;
}

/** Options of {@linkcode createBill}. */
export interface BillOptions {
  readonly row?: number;
  readonly leaveQueue?: () => void;
}

/** A bill with nothing on it. */
export function createBill(maxAttempts: number, { row, leaveQueue }: BillOptions = {}): Bill {
  return {
    row,
    maxAttempts,
    attempts: 0,
    attemptsBefore: 0,
    usage: NO_USAGE,
    startClock: undefined,
    entering: undefined,
    isSettled: false,
    asksAgain: false,
    leaveQueue,
  };
}

/** Puts usage on a bill. */
export function charge(bill: Bill, usage: Usage): void {
  bill.usage = addUsage(bill.usage, usage);
}

/** Requests sent for a row in all. */
export function attemptsOf({ attempts, attemptsBefore }: Bill): number {
  return attempts + attemptsBefore;
}
