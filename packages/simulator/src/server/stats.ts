import type { LimitDimension } from "../dialect.ts";
import type { LimitUse } from "../limits/limiter.ts";

/** Counts since the start or the last reset. */
export interface SimulatorStats {
  readonly requests: number;
  /** Answered with status 200 and no fault. */
  readonly answered: number;
  /** Refused by the limits; the 429s of faults are not among them. */
  readonly refused429: number;
  /** Responses begun, by status. */
  readonly byStatus: Readonly<Record<string, number>>;
  /** Faults that took effect, by kind. */
  readonly byFault: Readonly<Record<string, number>>;
  /** Of the requests that were let in. */
  readonly inputTokens: number;
  /** Of the answers that were produced. */
  readonly outputTokens: number;
  readonly inFlight: number;
  readonly maxInFlight: number;
  /** TCP connections accepted. */
  readonly connections: number;
  /** What each limit has let in. */
  readonly limits: Readonly<Partial<Record<LimitDimension, LimitUse>>>;
}

/** The counters that the service keeps. */
export interface Counters {
  answered: number;
  refused429: number;
  readonly byStatus: Record<string, number>;
  readonly byFault: Record<string, number>;
  inputTokens: number;
  outputTokens: number;
}

export function createCounters(): Counters {
  return { answered: 0, refused429: 0, byStatus: {}, byFault: {}, inputTokens: 0, outputTokens: 0 };
}

/** Adds one to a count. */
export function count(counts: Record<string, number>, key: string | number): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
