/** How far a run is that goes on, as its process has told it last. */
export interface LiveRun {
  /** Milliseconds since 1970. */
  readonly toldAt: number;
  /** Rows that are done, failed ones included. */
  readonly done: number;
  /** @default their number is not known */
  readonly total?: number;
  readonly failed: number;
  /** Requests that brought no answer, by code, also of rows that were answered later. */
  readonly unanswered: readonly CodeCount[];
  /** Rows that failed although they were answered, by code. */
  readonly unusable: readonly CodeCount[];
  /** Rows whose answer was there already. */
  readonly reused: number;
  /** Rows a minute that were asked, over the last seconds. */
  readonly perMinute: number;
  readonly inFlight: number;
  /** Requests that wait for their turn. */
  readonly waiting: number;
  /** Requests that wait to be sent again. */
  readonly backingOff: number;
  /** What it waits for, in words. */
  readonly waits: readonly string[];
  /** Milliseconds until it is done, where that can be said. */
  readonly leftMs?: number;
  /** Whether it was asked to stop, and only awaits what is in flight. */
  readonly isStopping: boolean;
  readonly requests: number;
  readonly tokens: number;
  /** US dollars, those before it was resumed included. @default no price is known */
  readonly cost?: number;
  readonly budget: Budget;
  readonly limits: readonly LimitUse[];
  /** How far each step is; empty where there is one. */
  readonly steps: readonly { readonly name: string; readonly done: number; readonly failed: number }[];
}

export interface CodeCount {
  readonly code: string;
  readonly count: number;
}

/** What a run may take at most. */
export interface Budget {
  readonly maxCost?: number;
  readonly maxTokens?: number;
  readonly maxRequests?: number;
}

/** A rate limit, and the part of it that is taken, from 0 to 1. */
export interface LimitUse {
  /** `10,000 requests per minute` */
  readonly name: string;
  readonly use: number;
}
