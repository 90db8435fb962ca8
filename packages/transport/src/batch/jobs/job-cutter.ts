import type { BatchedRequest } from "@parallel-parrot/journal";
import type { Spending } from "../../budget/amounts.ts";
import type { LineSpool, SpooledLines } from "../spool/line-spool.ts";

/** A request that is to be part of a job. */
export interface PendingRequest extends BatchedRequest {
  readonly inputTokens: number;
  /** The most that it may take of a budget; `undefined` where there is none. */
  readonly worst: Spending | undefined;
}

/** Bounds on one job. */
export interface JobBounds {
  readonly requests: number;
  readonly bytes: number;
  readonly inputTokens: number;
}

/** What a job is to be made of. Its lines have to be closed. */
export interface CutJob {
  readonly lines: SpooledLines;
  readonly requests: readonly PendingRequest[];
  readonly bytes: number;
  readonly inputTokens: number;
}

/** A pending request, and where it ends in the spool. */
interface Pending {
  readonly request: PendingRequest;
  readonly bytes: number;
  readonly end: number;
}

/**
 * Gathers requests and cuts jobs from them. As much as two jobs is gathered before the first one is cut, so that the last
 * two can be of the same size.
 */
export class JobCutter {
  readonly #spool: LineSpool;
  readonly #bounds: () => JobBounds;
  readonly #isTaken: (requests: number) => boolean;
  #pending: Pending[] = [];
  #keys = new Set<string>();
  #sum = { requests: 0, bytes: 0, inputTokens: 0 };

  /**
   * @param bounds those that hold now
   * @param isTaken whether no other job may have so many requests, as the number is all that a job is known by
   */
  constructor(spool: LineSpool, bounds: () => JobBounds, isTaken: (requests: number) => boolean) {
    this.#spool = spool;
    this.#bounds = bounds;
    this.#isTaken = isTaken;
  }

  /** The number of requests that are in no job yet. */
  get length(): number {
    return this.#pending.length;
  }

  /** Whether there is enough for a job. */
  get isReady(): boolean {
    return this.#parts >= 2;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  add(request: PendingRequest, line: string): void {
    const before = this.#pending.at(-1)?.end ?? this.#spool.start;
    const end = this.#spool.add(line);
    const bytes = end - before;
    this.#pending.push({ request, bytes, end });
    this.#keys.add(request.key);
    this.#count({ bytes, ...request }, 1);
  }

  /** Cuts the next job; the last two in halves. `undefined` where nothing is left that can be a job. */
  cut(): CutJob | undefined {
    const parts = this.#parts;
    const part = parts > 1 && parts < 2 ? 2 : 1;
    const bounds = this.#bounds();
    let count = 0;
    const sum = { requests: 0, bytes: 0, inputTokens: 0 };
    for (const { request, bytes } of this.#pending) {
      sum.requests += 1;
      sum.bytes += bytes;
      sum.inputTokens += request.inputTokens;
      const isFull =
        part === 2
          ? count >= this.#pending.length / 2
          : sum.requests > bounds.requests ||
            sum.bytes > bounds.bytes ||
            sum.inputTokens > bounds.inputTokens;
      if (isFull && count > 0) break;
      count += 1;
    }
    while (count > 0 && this.#isTaken(count)) count -= 1;
    return count === 0 ? undefined : this.#take(count);
  }

  /** Forgets what is in no job yet. */
  clear(): void {
    this.#spool.clear();
    this.#pending = [];
    this.#keys.clear();
    this.#sum = { requests: 0, bytes: 0, inputTokens: 0 };
  }

  /** How many jobs the pending requests are, by the bound that is reached first. */
  get #parts(): number {
    const { requests, bytes, inputTokens } = this.#bounds();
    return Math.max(
      this.#sum.requests / requests,
      this.#sum.bytes / bytes,
      this.#sum.inputTokens / inputTokens,
    );
  }

  #take(count: number): CutJob {
    const taken = this.#pending.slice(0, count);
    this.#pending = this.#pending.slice(count);
    const requests = taken.map(({ request }) => request);
    for (const { request, bytes } of taken) {
      this.#keys.delete(request.key);
      this.#count({ bytes, ...request }, -1);
    }
    const lines = this.#spool.take(taken.at(-1)?.end ?? this.#spool.start);
    return {
      lines,
      requests,
      bytes: lines.bytes,
      inputTokens: requests.reduce((sum, { inputTokens }) => sum + inputTokens, 0),
    };
  }

  #count(
    { bytes, inputTokens }: { readonly bytes: number; readonly inputTokens: number },
    sign: 1 | -1,
  ): void {
    this.#sum.requests += sign;
    this.#sum.bytes += sign * bytes;
    this.#sum.inputTokens += sign * inputTokens;
  }
}

/** The most that the requests of a job may cost together; `undefined` where nobody counts that. */
export function worstOf({ requests }: CutJob): Spending | undefined {
  if (requests[0]?.worst === undefined) return undefined;
  const sum = { requests: 0, tokens: 0, cost: 0 };
  for (const { worst } of requests) {
    sum.requests += worst?.requests ?? 0;
    sum.tokens += worst?.tokens ?? 0;
    sum.cost += worst?.cost ?? 0;
  }
  return sum;
}
