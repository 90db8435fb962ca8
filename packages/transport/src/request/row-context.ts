import { addUsage, NO_USAGE, type Usage } from "@parallel-parrot/core";

/** Options of a {@linkcode RowContext}. */
export interface RowContextOptions {
  readonly index?: number;
  readonly occurrence?: number;
  readonly leaveQueue?: () => void;
  readonly members?: readonly RowContext[];
  readonly cutFrom?: string | undefined;
}

/** How often one endpoint has throttled a row. */
export interface RowThrottles {
  /** Those times that another row was answered since the time before. */
  times: number;
  /** What the endpoint had answered when it throttled the row last. */
  answers: number;
}

/** What a row that fails tells about an outage of the only endpoint. */
export interface OutageVote {
  /** The number of outages when it failed first: it has one vote between two outages. */
  outages: number;
  failingSince: number;
  /** How often in a row it did not reach the server. */
  unreached: number;
}

/** How one member of a pool has failed a row since it answered it last. */
export interface MemberFailures {
  times: number;
  /** When it failed the row first, by the pool's clock. */
  readonly since: number;
}

/**
 * What all requests of one row share: how often it may try, what it has cost, which answers it wants from the
 * journal, and what has gone wrong for it so far. It is kept while the row tries again. A class for the reason of
 * core's `Slot`.
 */
export class RowContext {
  /** 0-based position in the input; `undefined` for a request that belongs to no row. */
  readonly index: number | undefined;
  /** How many earlier rows of the run have the same prompt. It is part of the keys of all its answers. */
  readonly occurrence: number;
  /** Called when its first request is about to be sent, or waits for the answer to an equal one. */
  readonly leaveQueue: (() => void) | undefined;
  /** The rows that one request asks for, where this stands for them; `undefined` for a row of its own. */
  readonly members: readonly RowContext[] | undefined;

  /** Lowered for the row that goes alone. */
  maxAttempts: number;
  /** Requests sent. */
  attempts = 0;
  /** Requests sent by others, whose answers were found in the journal: by an earlier run, or for an equal row. */
  attemptsBefore = 0;
  /** Everything that was paid for the row, by earlier runs too. */
  usage: Usage = NO_USAGE;
  /** When it was taken up, by `performance.now()`; `undefined` where nobody listens. */
  startedAt: number | undefined;
  /** Called whenever the row has its turn to send. Its deadline counts from the first time. */
  startDeadline: (() => void) | undefined;
  /** Whether it is asked while no other row has come. Then nothing is written to a prompt cache for it. */
  isAlone = false;
  /** Its turn to send, once it has asked for one. */
  entering: Promise<void> | undefined;

  /** The hash of the whole prompt, once the row is asked with a shorter one: two rows may be equal only then. */
  cutFrom: string | undefined;
  /** Whether the journal says that an earlier run was done with this row, so that nothing more is to be asked for it. */
  isSettled = false;
  /** Whether the answers of earlier runs are not wanted. */
  asksAgain = false;
  /** Whether an answer was found that this very run has paid for in this process, as the row comes again. */
  wasAskedHere = false;
  /** Requests that were parked for it. */
  parked = 0;
  /** Whether its answer is that of another server or model, which shows nothing of the one that this run asks. */
  isFromElsewhere = false;
  /** Whether its refusal, which may be everybody's, was doubted: it asks once more for that, and not twice. */
  isDoubted = false;
  /** Whether nothing is to be sent for now, and only the journal is searched. */
  onlyLooks = false;

  /** How often it was throttled, by the throttle policy of each endpoint; `undefined` before the first time. */
  throttles: Map<object, RowThrottles> | undefined;
  /** Its vote on an outage of the only endpoint; `undefined` before its first failure. */
  outageVote: OutageVote | undefined;
  /** Which refusal of each endpoint was its first since it was answered; `undefined` before the first one. */
  refusals: Map<object, number> | undefined;
  /** The members of a pool that have failed it; `undefined` before the first one. */
  failures: Map<object, MemberFailures> | undefined;

  constructor(
    maxAttempts: number,
    { index, occurrence = 0, cutFrom, leaveQueue, members }: RowContextOptions = {},
  ) {
    this.maxAttempts = maxAttempts;
    this.index = index;
    this.occurrence = occurrence;
    this.cutFrom = cutFrom;
    this.leaveQueue = leaveQueue;
    this.members = members;
  }

  /** Requests sent for it in all, by earlier runs too. */
  get allAttempts(): number {
    return this.attempts + this.attemptsBefore;
  }

  /** The rows of the input that its requests ask for; none where a request only tests a server. */
  get asked(): readonly RowContext[] {
    return this.members ?? (this.index === undefined ? [] : [this]);
  }

  /** Adds what one of its requests took. */
  charge(usage: Usage): void {
    this.usage = addUsage(this.usage, usage);
  }
}
