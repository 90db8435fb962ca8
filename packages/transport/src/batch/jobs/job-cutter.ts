import type { BatchedRequest } from "@parallel-parrot/journal";
import type { Spending } from "../../budget/amounts.ts";
import { jobsFilledBy, type JobSize } from "../cut/job-size.ts";
import type { LineSpool, SpooledLines } from "../spool/line-spool.ts";

/** A request that is to be part of a job. */
export interface PendingRequest extends BatchedRequest {
  readonly inputTokens: number;
  /** The most that it may take of a budget; `undefined` where there is none. */
  readonly worst: Spending | undefined;
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
  readonly #bounds: () => JobSize;
  readonly #isTaken: ((requests: number) => boolean) | undefined;
  #pending: Pending[] = [];
  #keys = new Set<string>();
  #sum = { requests: 0, bytes: 0, inputTokens: 0 };

  /**
   * @param bounds those that hold now
   * @param isTaken whether a job has so many requests, where the number is all that a job is known by
   */
  constructor(spool: LineSpool, bounds: () => JobSize, isTaken?: (requests: number) => boolean) {
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

  /**
   * Cuts the next job; the last two in halves, of which the first has more where no two may have as many. `undefined`
   * where nothing is left that can be a job.
   */
  cut(): CutJob | undefined {
    const parts = this.#parts;
    const half = (this.#pending.length + (this.#isTaken === undefined ? 0 : 1)) / 2;
    const most = parts > 1 && parts < 2 ? half : Number.POSITIVE_INFINITY;
    const bounds = this.#bounds();
    let count = 0;
    const sum = { requests: 0, bytes: 0, inputTokens: 0 };
    for (const { request, bytes } of this.#pending) {
      sum.requests += 1;
      sum.bytes += bytes;
      sum.inputTokens += request.inputTokens;
      if (count > 0 && (count >= most || jobsFilledBy(sum, bounds) > 1)) break;
      count += 1;
    }
    while (count > 0 && this.#isTaken?.(count) === true) count -= 1;
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
    return jobsFilledBy(this.#sum, this.#bounds());
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
