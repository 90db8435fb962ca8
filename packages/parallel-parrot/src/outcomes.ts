import {
  asError,
  faultOf,
  isFailed,
  NO_USAGE,
  type Completed,
  type Failed,
  type Parsed,
  type Row,
  type Usage,
} from "@parallel-parrot/core";
import type { UnwritableRow } from "@parallel-parrot/formats";
import type { CompletionStage } from "@parallel-parrot/transport";
import { Answers } from "./answers.ts";
import { Failures, type Decision } from "./failures.ts";
import type { PipelineOptions } from "./pipeline-options.ts";

/** A failed row that has been taken in, with the policy for it. */
export type DecidedRow<R extends Row> = Failed<R> & Pick<Decision, "policy">;

/** Takes in each row of a run when it is answered or has failed, counts it, and stops the run where it has to end. */
export class Outcomes<R extends Row, T extends Row> {
  readonly answers: Answers = new Answers();
  readonly failures: Failures<R>;
  /** Rows that have come out. */
  rowCount = 0;
  /** Outputs that were left out, as an earlier one of the same row is equal. */
  mergedCount = 0;
  readonly #completions: Pick<CompletionStage<R>, "stop">;
  readonly #closes: boolean;
  readonly #onRow: PipelineOptions<R, T>["onRow"];
  /** What was paid for rows whose answers are being read, by row; filled only where there is an `onRow`. */
  readonly #usages = new Map<number, Usage>();
  /** Rows taken in. */
  #count = 0;
  /** What the run is to end with, also where everything was answered by the time that it was known. */
  #failure: { readonly error: Error } | undefined;
  #hasEnded = false;
  #lastUnwritable: number | undefined;

  constructor(options: PipelineOptions<R, T>, completions: Pick<CompletionStage<R>, "stop">) {
    this.#completions = completions;
    this.#closes = options.onStop === "close";
    this.#onRow = options.onRow;
    this.failures = new Failures<R>(options, (reason) => this.#stop(reason));
  }

  /** Whether {@linkcode noteUsage} has to be called. */
  get wantsUsage(): boolean {
    return this.#onRow !== undefined;
  }

  /** Remembers what was paid for a row until its answer is read. */
  noteUsage(item: Completed<R> | Failed<R>): Completed<R> | Failed<R> {
    if (!isFailed<R>(item)) this.#usages.set(item.index, item.completion.usage);
    return item;
  }

  /** Takes in a row that is answered or has failed. It goes on when `onRow` and the sink of failed rows are done with it. */
  take(item: Parsed<R, T> | Failed<R>): Taken<R, T> | Promise<Taken<R, T>> {
    this.#count += 1;
    const told = this.#tell(item);
    if (!isFailed<R>(item)) {
      this.answers.add(item);
      return told === undefined ? item : told.then(() => item);
    }
    const { policy, written } = this.#fail(item);
    const decided = { ...item, policy };
    return told === undefined && written === undefined
      ? decided
      : Promise.all([told, written]).then(() => decided);
  }

  /** Whether a failed row stays with nulls. A row that fails only now, while it is exploded, is taken in first. */
  policyOf(failed: Failed<R> | DecidedRow<R>): Decision["policy"] {
    return "policy" in failed ? failed.policy : this.#fail(failed).policy;
  }

  /** Takes in a row that a sink cannot write. Gives the failed row where it is to stay with nulls. */
  async takeUnwritable({ item, row, index, error }: UnwritableRow): Promise<Failed<R> | undefined> {
    this.rowCount -= 1;
    // An item that the pipeline has made rows of has a row of the type that came in.
    const failed = faultOf(item ?? { index, row }, "formats", error) as Failed<R>;
    // The outputs of a row come one after the other, and the row fails only once.
    if (failed.index === this.#lastUnwritable) return undefined;
    this.#lastUnwritable = failed.index;
    const { policy, written } = this.#fail(failed, error);
    await written;
    // When all rows have come out, the stream has ended: only the sink can still fail.
    if (this.#hasEnded) this.#throwFailure();
    if (policy !== "null") return undefined;
    this.rowCount += 1;
    return failed;
  }

  /** To be called when all rows have come out. Closes the sink of failed rows, and throws what the run is to end with. */
  async end(): Promise<void> {
    await this.failures.close();
    this.#hasEnded = true;
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure !== undefined && !this.#closes) throw this.#failure.error;
  }

  #fail(failed: Failed<R>, cause?: unknown): Decision {
    const decision = this.failures.add(failed, this.#count, cause);
    if (decision.stop !== undefined) this.#stop(decision.stop);
    return decision;
  }

  /** Stops the run. What is in flight has been paid for: it is finished before the error comes out. */
  #stop(error: Error): void {
    this.#failure ??= { error };
    this.#completions.stop(error);
  }

  /** Tells `onRow` of a row; what it throws stops the run. */
  #tell(item: Parsed<R, T> | Failed<R>): Promise<void> | undefined {
    if (this.#onRow === undefined) return undefined;
    try {
      const told = this.#onRow(item, this.#takeUsage(item));
      return told instanceof Promise ? told.catch((error: unknown) => this.#stop(asError(error))) : undefined;
    } catch (error) {
      this.#stop(asError(error));
      return undefined;
    }
  }

  #takeUsage(item: Parsed<R, T> | Failed<R>): Usage {
    const usage = this.#usages.get(item.index) ?? NO_USAGE;
    this.#usages.delete(item.index);
    return isFailed<R>(item) ? item.failure.usage : usage;
  }
}

type Taken<R extends Row, T extends Row> = Parsed<R, T> | DecidedRow<R>;
