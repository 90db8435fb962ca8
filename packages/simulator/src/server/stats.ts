import type { LimitDimension } from "../dialect.ts";
import type { LimitUse } from "../limits/limiter.ts";

/** Counts since the start or the last reset. */
export interface SimulatorStats {
  readonly requests: number;
  /** Requests answered with status 200 and without a fault. */
  readonly answered: number;
  /** Requests refused by the limits, without the 429s of faults. */
  readonly refused429: number;
  /** The number of responses by status. */
  readonly byStatus: Readonly<Record<string, number>>;
  /** The number of faults that had an effect, by kind. */
  readonly byFault: Readonly<Record<string, number>>;
  /** The input tokens of the requests that were admitted. */
  readonly inputTokens: number;
  /** The input tokens that were read from the prompt cache. */
  readonly cachedTokens: number;
  /** The input tokens that were written to the prompt cache, where that is counted. */
  readonly cacheWriteTokens: number;
  /** The output tokens of the answers that were produced. */
  readonly outputTokens: number;
  readonly inFlight: number;
  readonly maxInFlight: number;
  /** The number of TCP connections accepted. */
  readonly connections: number;
  /** What each limit has admitted. */
  readonly limits: Readonly<Partial<Record<LimitDimension, LimitUse>>>;
}

/** The counters that the service keeps. */
export interface Counters {
  answered: number;
  refused429: number;
  readonly byStatus: Record<string, number>;
  readonly byFault: Record<string, number>;
  inputTokens: number;
  cachedTokens: number;
  cacheWriteTokens: number;
  outputTokens: number;
}

export function createCounters(): Counters {
  return {
    answered: 0,
    refused429: 0,
    byStatus: {},
    byFault: {},
    inputTokens: 0,
    cachedTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 0,
  };
}

/** Adds one to a count. */
export function count(counts: Record<string, number>, key: string | number): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
