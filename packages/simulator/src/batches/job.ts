import { createRandom, type Random } from "../random.ts";
import type { SimJobCounts, SimJobProblem, SimJobRequest, SimJobState, SimOutcome } from "./batch-api.ts";
import type { BatchFault, BatchSettings } from "./batch-options.ts";

const DAY_MS = 86_400_000;

/** What a job needs from outside. */
export interface JobParts {
  readonly number: number;
  readonly request: SimJobRequest;
  /** By the clock of the batches. */
  readonly createdMs: number;
  readonly settings: BatchSettings;
  readonly seed: number;
  /** Why it fails when it is checked. */
  readonly problem: SimJobProblem | undefined;
  /** Answers a request; called once for each. */
  readonly run: (line: number) => SimOutcome;
}

/** The life of one job. Where it stands follows from the clock alone, whenever one looks. */
export class Job {
  readonly number: number;
  readonly request: SimJobRequest;
  readonly createdMs: number;
  readonly problem: SimJobProblem | undefined;
  readonly faults: readonly BatchFault[];
  readonly #parts: JobParts;
  readonly #outcomes: SimOutcome[] = [];
  #cancelMs: number | undefined;

  constructor(parts: JobParts) {
    this.#parts = parts;
    this.number = parts.number;
    this.request = parts.request;
    this.createdMs = parts.createdMs;
    this.problem = parts.problem;
    this.faults = parts.settings.faultsOf(parts.number);
  }

  get total(): number {
    return this.request.lines.length;
  }

  get expiresMs(): number {
    const { expiresAfterMs = this.request.windowMs ?? DAY_MS } = this.#parts.settings;
    return this.createdMs + expiresAfterMs;
  }

  get cancelMs(): number | undefined {
    return this.#cancelMs;
  }

  fault<K extends BatchFault["kind"]>(kind: K): Extract<BatchFault, { readonly kind: K }> | undefined {
    return this.faults.find((each): each is Extract<BatchFault, { readonly kind: K }> => each.kind === kind);
  }

  cancel(nowMs: number): void {
    if (this.endedMs(nowMs) === undefined) this.#cancelMs ??= nowMs;
  }

  /** When it ended; `undefined` if it has not. */
  endedMs(nowMs: number): number | undefined {
    const endMs = this.#endMs();
    return endMs !== undefined && endMs <= nowMs ? endMs : undefined;
  }

  state(nowMs: number): SimJobState {
    const { validateMs } = this.#parts.settings;
    if (this.endedMs(nowMs) !== undefined) return this.#endState();
    if (this.#cancelMs !== undefined) return "cancelling";
    const stuck = this.fault("stuckIn")?.state;
    if (stuck === "validating" || nowMs < this.createdMs + validateMs) return "validating";
    if (stuck === "running" || nowMs < this.#answeredMs()) return "running";
    return "finalizing";
  }

  /** Answers what it has had time for. */
  advance(nowMs: number): void {
    while (this.#outcomes.length < this.#doneAt(nowMs))
      this.#outcomes.push(this.#parts.run(this.#outcomes.length));
  }

  /**
   * The outcomes of all requests, once it has ended, without what is lost on the way; until then those of the requests
   * that are answered, in their order.
   */
  outcomes(nowMs: number): readonly SimOutcome[] {
    this.advance(nowMs);
    const hasEnded = this.endedMs(nowMs) !== undefined;
    const rest = hasEnded ? this.request.lines.slice(this.#outcomes.length) : [];
    const kind = this.#endState() === "cancelled" ? "cancelled" : "expired";
    const all = [...this.#outcomes, ...rest.map(({ key }) => ({ key, kind }) as const)];
    const random = this.#random(1);
    const [missing, repeated] = [
      this.fault("missingLines")?.rate ?? 0,
      this.fault("repeatedLines")?.rate ?? 0,
    ];
    const kept = all.flatMap((outcome) => {
      if (random() < missing) return [];
      return random() < repeated ? [outcome, outcome] : [outcome];
    });
    return hasEnded ? this.#ordered(kept) : kept;
  }

  counts(nowMs: number): SimJobCounts {
    this.advance(nowMs);
    const { total } = this;
    if (this.problem !== undefined) return { total, succeeded: 0, failed: 0, expired: 0, cancelled: 0 };
    const hasLied = this.fault("countsLie") !== undefined;
    const succeeded = this.#outcomes.filter((each) => isSuccess(each)).length;
    const rest = this.endedMs(nowMs) === undefined ? 0 : total - this.#outcomes.length;
    const isCancelled = this.#endState() === "cancelled";
    return {
      total,
      succeeded: hasLied ? total : succeeded,
      failed: hasLied ? 0 : this.#outcomes.length - succeeded,
      expired: isCancelled ? 0 : rest,
      cancelled: isCancelled ? rest : 0,
    };
  }

  #endState(): SimJobState {
    if (this.#cancelMs !== undefined) return "cancelled";
    if (this.problem !== undefined) return "failed";
    return this.#runsOut() ? "expired" : "completed";
  }

  /** When it will have ended as far as is known now; `undefined` if it is stuck. */
  #endMs(): number | undefined {
    const { validateMs, cancelMs, finalizeMs } = this.#parts.settings;
    if (this.#cancelMs !== undefined) return this.#cancelMs + cancelMs;
    if (this.fault("stuckIn") !== undefined) return undefined;
    if (this.problem !== undefined) return this.createdMs + validateMs;
    return this.#runsOut() ? this.expiresMs : this.#answeredMs() + finalizeMs;
  }

  #runsOut(): boolean {
    return this.#answeredMs() + this.#parts.settings.finalizeMs > this.expiresMs;
  }

  #answeredMs(): number {
    const { validateMs, runMsOf } = this.#parts.settings;
    return this.createdMs + validateMs + runMsOf(this.total);
  }

  /** The number of requests that are answered at a time. */
  #doneAt(nowMs: number): number {
    if (this.problem !== undefined) return 0;
    const { validateMs, doneAtExpiry, cancelMs } = this.#parts.settings;
    const late = this.fault("lateAfterCancel") === undefined ? 0 : cancelMs;
    const untilMs = Math.min(nowMs, this.expiresMs, (this.#cancelMs ?? Infinity) + late);
    if (doneAtExpiry !== undefined && untilMs === this.expiresMs && this.#runsOut())
      return Math.floor(this.total * doneAtExpiry);
    const stuck = this.fault("stuckIn")?.state;
    const startMs = this.createdMs + validateMs;
    if (stuck === "validating" || untilMs < startMs) return 0;
    const runMs = this.#answeredMs() - startMs;
    const part = runMs === 0 ? 1 : Math.min(1, (untilMs - startMs) / runMs);
    // A job that is stuck while it runs has answered half of its requests.
    return Math.floor(this.total * (stuck === "running" ? Math.min(part, 0.5) : part));
  }

  #ordered(outcomes: readonly SimOutcome[]): readonly SimOutcome[] {
    const { order } = this.#parts.settings;
    if (order === "input") return outcomes;
    if (order === "reversed") return outcomes.toReversed();
    const random = this.#random(2);
    const drawn = outcomes.map((outcome) => ({ outcome, at: random() }));
    return drawn.toSorted((a, b) => a.at - b.at).map(({ outcome }) => outcome);
  }

  #random(purpose: number): Random {
    return createRandom(this.#parts.seed, this.number, purpose);
  }
}

/** Whether a request was answered. */
function isSuccess(outcome: SimOutcome): boolean {
  return outcome.kind === "response" && outcome.response.status === 200;
}
