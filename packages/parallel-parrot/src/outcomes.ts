import {
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
import { asError } from "./as-error.ts";
import { Failures, type Fate } from "./failures.ts";
import type { PipelineOptions } from "./pipeline-options.ts";

/** A failed row that has been taken in, with what it comes to. */
export type FatedRow<R extends Row> = Failed<R> & Pick<Fate, "policy">;

/** What each row of a run came to, and what that means for the run. */
export class Outcomes<R extends Row, T extends Row> {
  readonly answers: Answers = new Answers();
  readonly failures: Failures<R>;
  /** Rows that have come out. */
  rowCount = 0;
  readonly #completions: Pick<CompletionStage<R>, "stop">;
  readonly #closes: boolean;
  readonly #onRow: PipelineOptions<R, T>["onRow"];
  /** What was paid for rows that are on their way from the completions to here; only where somebody is to be told. */
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

  /** Whether {@linkcode noteUsage} is of use. */
  get wantsUsage(): boolean {
    return this.#onRow !== undefined;
  }

  /** Remembers what was paid for a row until its answer is read. */
  noteUsage(item: Completed<R> | Failed<R>): Completed<R> | Failed<R> {
    if (!isFailed<R>(item)) this.#usages.set(item.index, item.completion.usage);
    return item;
  }

  /** Takes in a row that has been answered or has failed. It goes on when all who are told of it are done. */
  take(item: Parsed<R, T> | Failed<R>): Taken<R, T> | Promise<Taken<R, T>> {
    this.#count += 1;
    const told = this.#tell(item);
    if (!isFailed<R>(item)) {
      this.answers.add(item);
      return told === undefined ? item : told.then(() => item);
    }
    const { policy, written } = this.#fail(item);
    const fated = { ...item, policy };
    return told === undefined && written === undefined
      ? fated
      : Promise.all([told, written]).then(() => fated);
  }

  /** Whether a failed row stays with nulls. One that fails only now, while it is exploded, is taken in first. */
  policyOf(failed: Failed<R> | FatedRow<R>): Fate["policy"] {
    return "policy" in failed ? failed.policy : this.#fail(failed).policy;
  }

  /** Takes in a row that a sink cannot write; gives it as failed where it is to stay with nulls. */
  async takeUnwritable({ item, row, index, error }: UnwritableRow): Promise<Failed<R> | undefined> {
    this.rowCount -= 1;
    // It tells of rows of its input, which are of the type that came in.
    const failed = faultOf(item ?? { index, row }, "formats", error) as Failed<R>;
    // The outputs of a row come one behind the other, and the row fails once.
    if (failed.index === this.#lastUnwritable) return undefined;
    this.#lastUnwritable = failed.index;
    const { policy, written } = this.#fail(failed, error);
    await written;
    // Behind the end of the rows the sink is the only one left to be told.
    if (this.#hasEnded) this.#throwFailure();
    if (policy !== "null") return undefined;
    this.rowCount += 1;
    return failed;
  }

  /** All rows have come out: the sink of failed rows is closed, and what the run is to end with is thrown. */
  async end(): Promise<void> {
    await this.failures.close();
    this.#hasEnded = true;
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure !== undefined && !this.#closes) throw this.#failure.error;
  }

  #fail(failed: Failed<R>, cause?: unknown): Fate {
    const fate = this.failures.add(failed, this.#count, cause);
    if (fate.stop !== undefined) this.#stop(fate.stop);
    return fate;
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

type Taken<R extends Row, T extends Row> = Parsed<R, T> | FatedRow<R>;
