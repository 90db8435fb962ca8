import { isPromptError, type BatchDialect } from "@parallel-parrot/providers";
import { ParrotError } from "@parallel-parrot/core";
import type { Budget } from "../budget/budget.ts";
import type { Spending } from "../budget/amounts.ts";
import type { SpendTracker } from "../budget/spend-tracker.ts";
import { withJournal } from "../errors/journal-fault.ts";
import { RejectionError } from "../errors/rejection-error.ts";
import type { BuiltRequest } from "../request/built-request.ts";
import type { Endpoint } from "../request/endpoint.ts";
import type { ResponseCache } from "../request/response-cache.ts";
import type { RoutedRequest } from "../request/routed-request.ts";
import type { Parking } from "../routing/parking.ts";
import { orAbort } from "../waiting/or-abort.ts";
import type { Signals } from "../waiting/signals.ts";
import { mostOfJob, type JobSize } from "./cut/job-size.ts";
import type { JobBoard } from "./jobs/job-board.ts";
import { JobCutter } from "./jobs/job-cutter.ts";
import type { JobLog } from "./jobs/job-log.ts";
import type { QueueRoom } from "./jobs/queue-room.ts";
import type { LineSpool } from "./spool/line-spool.ts";

/**
 * What becomes of requests that are not in a job yet: `collect` puts them into new jobs, `leave` leaves them to a later
 * pass, `wait` has only those wait that are in a job, so that the others are asked directly, `refuse` has the others
 * fail, and `skip` has their rows leave without an outcome.
 */
export type DeskMode = "collect" | "leave" | "wait" | "refuse" | "skip";

/** What a {@linkcode BatchDesk} needs. */
export interface BatchDeskOptions {
  readonly dialect: BatchDialect;
  readonly endpoint: Endpoint;
  readonly board: JobBoard;
  readonly log: JobLog;
  readonly lines: LineSpool;
  readonly queue: QueueRoom;
  readonly budget: Budget | undefined;
  /** Counts what batches cost. */
  readonly spendTracker: SpendTracker;
  readonly maxRequests: number | undefined;
  readonly maxBytes: number | undefined;
}

/** Takes the requests of rows and puts them into jobs. */
export class BatchDesk implements Parking {
  mode: DeskMode = "collect";
  /** Requests of this pass that wait for an open job. */
  inJobs = 0;
  /** Requests of this pass that went into a new job, or are about to. */
  collected = 0;
  /** Requests of this pass that a batch cannot carry, or that were left to a later pass. */
  left = 0;
  readonly #options: BatchDeskOptions;
  readonly #cutter: JobCutter;
  #pendingWorst: Spending = { requests: 0, tokens: 0, cost: 0 };
  #submitting: Promise<void> | undefined;

  constructor(options: BatchDeskOptions) {
    this.#options = options;
    const { lines, board, dialect } = options;
    const isTaken = (requests: number): boolean => board.sizes.has(requests);
    this.#cutter = new JobCutter(
      lines,
      () => this.#bounds(),
      dialect.foundBy === "count" ? isTaken : undefined,
    );
  }

  /** Requests that are in no job yet. */
  get pending(): number {
    return this.#cutter.length;
  }

  get takes(): boolean {
    return this.mode === "collect" || this.mode === "leave";
  }

  begin(mode: DeskMode): void {
    this.mode = mode;
    this.inJobs = 0;
    this.collected = 0;
    this.left = 0;
  }

  has(routed: RoutedRequest, { waiting }: Signals): boolean | Promise<boolean> {
    if (this.mode === "skip") return true;
    const { key } = this.#built(routed);
    if (this.#cutter.has(key)) return true;
    const job = this.#jobOf(key);
    if (job === undefined) {
      if (this.mode === "refuse") throw this.#notAnswered(key);
      return false;
    }
    const { board } = this.#options;
    if (this.mode === "wait" || this.mode === "refuse") return this.#awaitJob(routed, job, waiting);
    if (!board.has(job)) return this.#adopt(routed, job);
    this.inJobs += 1;
    return true;
  }

  async take(routed: RoutedRequest, { waiting }: Signals): Promise<void> {
    const { key, built } = this.#built(routed);
    const { row, replicate } = routed;
    const { dialect, endpoint, spendTracker } = this.#options;
    if (this.#cutter.has(key) || this.#jobOf(key) !== undefined) return;
    const isTaken = this.mode === "collect" && this.#options.board.refusedLines.of(key) === undefined;
    const line = isTaken ? writeLine(dialect, built, key) : undefined;
    if (line === undefined || Buffer.byteLength(line) > this.#bounds().bytes) {
      this.left += 1;
      return;
    }
    const estimate = endpoint.estimate(built);
    const { call, request } = built;
    const worst = spendTracker.worstOf({ call, request, estimate });
    row.parked += 1;
    const asked = { key, row: row.index ?? 0, replicate, attempts: row.allAttempts + row.parked };
    while (this.#submitting !== undefined) await this.#submitting;
    await this.#makeRoom(worst, waiting);
    if (this.#cutter.has(key)) return;
    this.#cutter.add({ ...asked, inputTokens: estimate.inputTokens, worst }, line);
    this.collected += 1;
    this.#count(worst, 1);
    if (this.#cutter.isReady) await this.#submitOnce();
  }

  /** Makes jobs of everything that is in none yet. */
  async submitAll(): Promise<void> {
    while (await this.#submitOnce());
    this.leavePending();
  }

  /** Leaves what is in no job yet to a later pass. */
  leavePending(): void {
    this.left += this.#cutter.length;
    this.#cutter.clear();
    this.#pendingWorst = { requests: 0, tokens: 0, cost: 0 };
  }

  /** Makes the next job. Returns whether there was one. */
  async #submitOnce(): Promise<boolean> {
    while (this.#submitting !== undefined) await this.#submitting;
    const cut = this.#cutter.cut();
    if (cut === undefined) return false;
    for (const { worst } of cut.requests) this.#count(worst, -1);
    this.#submitting = this.#options.board.submit(cut).finally(() => (this.#submitting = undefined));
    await this.#submitting;
    return true;
  }

  /** Waits until the budget has room for one request more. What is pending is put into a job before, as only that ends. */
  async #makeRoom(worst: Spending | undefined, waiting: AbortSignal): Promise<void> {
    const { budget } = this.#options;
    if (budget === undefined || worst === undefined) return;
    const sum = {
      requests: this.#pendingWorst.requests + worst.requests,
      tokens: this.#pendingWorst.tokens + worst.tokens,
      cost: this.#pendingWorst.cost + worst.cost,
    };
    if (hasRoom(budget, sum)) return;
    await this.submitPending();
    const reservation = await budget.reserve(worst, { signal: waiting });
    reservation.refund();
  }

  async submitPending(): Promise<void> {
    while (await this.#submitOnce());
  }

  #jobOf(key: string): number | undefined {
    return withJournal(() => this.#options.log.batches.find(key))?.job;
  }

  /** Looks after a job from now on. Where it is over already, the request is looked up again. */
  async #adopt(routed: RoutedRequest, job: number): Promise<boolean> {
    await this.#options.board.adopt(job);
    const isInJob = this.#jobOf(this.#built(routed).key) !== undefined;
    if (isInJob) this.inJobs += 1;
    else routed.searchedWith = undefined;
    return isInJob;
  }

  /** Waits until a job has ended, and has the request looked up again. */
  async #awaitJob(routed: RoutedRequest, job: number, waiting: AbortSignal): Promise<false> {
    const { board } = this.#options;
    await orAbort(
      board.adopt(job).then(() => board.closing(job)),
      waiting,
    );
    routed.searchedWith = undefined;
    return false;
  }

  #notAnswered(key: string): RejectionError {
    const message = "No batch has answered this request: it expired, or was lost each time";
    return new RejectionError(
      this.#options.board.refusedLines.of(key) ?? { verdict: "fail", code: "TIMEOUT", message },
    );
  }

  #built(routed: RoutedRequest): { readonly built: BuiltRequest; readonly key: string } {
    const { endpoint } = this.#options;
    const built = routed.buildFor(endpoint);
    built.key ??= cacheOf(endpoint).keyOf(built.request, routed);
    return { built, key: built.key };
  }

  #bounds(): JobSize {
    const { dialect, queue, maxRequests, maxBytes } = this.#options;
    return mostOfJob(dialect.limits, { maxRequests, maxBytes, queueLimit: queue.limit });
  }

  #count(worst: Spending | undefined, sign: 1 | -1): void {
    const { requests, tokens, cost } = worst ?? { requests: 0, tokens: 0, cost: 0 };
    this.#pendingWorst = {
      requests: this.#pendingWorst.requests + sign * requests,
      tokens: this.#pendingWorst.tokens + sign * tokens,
      cost: this.#pendingWorst.cost + sign * cost,
    };
  }
}

/** `undefined` where a batch cannot carry the request. */
function writeLine(dialect: BatchDialect, { request }: BuiltRequest, key: string): string | undefined {
  try {
    return dialect.writeLine(request, key);
  } catch (error) {
    if (isPromptError(error)) return undefined;
    throw error;
  }
}

function cacheOf({ cache }: Endpoint): ResponseCache {
  if (cache === undefined)
    throw new ParrotError("INVALID_OPTION", "A batch needs a journal", { option: "journal" });
  return cache;
}

function hasRoom({ state: { limits, spent, reserved, lost } }: Budget, sum: Spending): boolean {
  const left = (limit: number | undefined, of: "requests" | "tokens" | "cost"): number =>
    (limit ?? Number.POSITIVE_INFINITY) - spent[of] - reserved[of] - lost[of];
  return (
    sum.requests <= left(limits.maxRequests, "requests") &&
    sum.tokens <= left(limits.maxTokens, "tokens") &&
    sum.cost <= left(limits.maxCost, "cost")
  );
}
