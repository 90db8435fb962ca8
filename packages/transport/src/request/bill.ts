import { addUsage, NO_USAGE, type Usage } from "@parallel-parrot/core";

/** Options of a {@linkcode Bill}. */
export interface BillOptions {
  readonly row?: number;
  readonly occurrence?: number;
  readonly leaveQueue?: () => void;
  readonly cutFrom?: string | undefined;
}

/** What one row may cost and has cost so far; kept through failures. A class for the reason of core's `Slot`. */
export class Bill {
  /** 0-based position in the input; `undefined` for a request that is no row's. */
  readonly row: number | undefined;
  /** How many earlier rows of the run have the same prompt: part of what finds its answers, re-asks included. */
  readonly occurrence: number;
  /** The hash of the whole prompt, once it is asked shorter: rows that are equal only then have answers of their own. */
  cutFrom: string | undefined;
  /** Lowered for the row that goes alone. */
  maxAttempts: number;
  /** Requests sent. */
  attempts = 0;
  /** Requests sent by others, whose answers were found in the journal: an earlier run, or an equal row. */
  attemptsBefore = 0;
  /** Everything that was paid for the row, earlier runs included. */
  usage: Usage = NO_USAGE;
  /** Called whenever it has its turn to send: its clock runs from the first one on. */
  startClock: (() => void) | undefined;
  /** Its turn to send, once it has asked for one. */
  entering: Promise<void> | undefined;
  /** Whether the journal says that an earlier run was done with this row: what is not there was not to be had. */
  isSettled = false;
  /** Whether what earlier runs have of this row is not wanted. */
  asksAgain = false;
  /** Whether its answer is that of another server or model, which shows nothing of the one that this run asks. */
  isFromElsewhere = false;
  /** Whether nothing is to be sent for now: what the journal has is looked up. */
  onlyLooks = false;
  /** Called when its first request is about to be sent or awaits the answer to an equal one: from then on it waits in no line. */
  readonly leaveQueue: (() => void) | undefined;

  constructor(maxAttempts: number, { row, occurrence = 0, cutFrom, leaveQueue }: BillOptions = {}) {
    this.maxAttempts = maxAttempts;
    this.row = row;
    this.occurrence = occurrence;
    this.cutFrom = cutFrom;
    this.leaveQueue = leaveQueue;
  }
}

/** A bill with nothing on it. */
export function createBill(maxAttempts: number, options?: BillOptions): Bill {
  return new Bill(maxAttempts, options);
}

/** Puts usage on a bill. */
export function charge(bill: Bill, usage: Usage): void {
  bill.usage = addUsage(bill.usage, usage);
}

/** Requests sent for a row in all. */
export function attemptsOf({ attempts, attemptsBefore }: Bill): number {
  return attempts + attemptsBefore;
}
