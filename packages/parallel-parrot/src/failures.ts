import {
  asError,
  FaultLimit,
  rowFailed,
  type Failed,
  type FailureCode,
  type Row,
} from "@parallel-parrot/core";
import type { OnFailure } from "@parallel-parrot/tidy";
import { FailedSink } from "./failed-sink.ts";
import { tooManyFailures } from "./max-failures.ts";
import type { PipelineOptions } from "./pipeline-options.ts";

/** What is to be done about a failed row. */
export interface Decision {
  /** Whether a row with nulls stays in the output. */
  readonly policy: "drop" | "null";
  /** Why the run is to stop; `undefined` where it goes on. */
  readonly stop: Error | undefined;
  /** Resolves when the sink of failed rows has taken it; `undefined` where there is none. */
  readonly written: Promise<void> | undefined;
}

type FailureOptions<R extends Row> = Pick<
  PipelineOptions<R, Row>,
  "failedSink" | "maxFailures" | "maxFailuresKept" | "onFailure"
>;

/** The failed rows of a run: counts them, keeps the first, gives them to a sink, and decides what is done about each. */
export class Failures<R extends Row> {
  /** The first of them. */
  readonly kept: Failed<R>[] = [];
  readonly counts: Partial<Record<FailureCode, number>> = {};
  count = 0;
  readonly #onFailure: OnFailure<R>;
  readonly #maxFailures: FailureOptions<R>["maxFailures"];
  readonly #maxKept: number;
  readonly #sink: FailedSink<R> | undefined;
  readonly #faults = new FaultLimit();

  /** @param stop is called with the error of a sink that takes no more rows */
  constructor(options: FailureOptions<R>, stop: (reason: Error) => void) {
    const { failedSink, maxFailures, maxFailuresKept = 10_000, onFailure = "drop" } = options;
    this.#onFailure = onFailure;
    this.#maxFailures = maxFailures;
    this.#maxKept = maxFailuresKept;
    this.#sink = failedSink === undefined ? undefined : new FailedSink(failedSink, stop);
  }

  /**
   * Takes a failed row in.
   *
   * @param rows how many rows have been answered or have failed so far, this one included
   * @param cause what was thrown, where that is known
   */
  add(failed: Failed<R>, rows: number, cause?: unknown): Decision {
    const { code } = failed.failure;
    this.count += 1;
    this.counts[code] = (this.counts[code] ?? 0) + 1;
    if (this.kept.length < this.#maxKept) this.kept.push(failed);
    const written = this.#sink?.write(failed);
    const { policy, stop } = this.#decide(failed);
    if (stop !== undefined) return { policy, stop, written };
    const limit = tooManyFailures(this.#maxFailures, { failed: this.count, rows });
    return { policy, stop: limit ?? this.#faults.add(failed, cause), written };
  }

  /** Closes the sink when it has taken everything. */
  async close(): Promise<void> {
    await this.#sink?.close();
  }

  /** Gives the sink up. */
  abort(reason: unknown): void {
    this.#sink?.abort(reason);
  }

  /** What `onFailure` says of a row. What it throws ends the run, as its `"throw"` does. */
  #decide(failed: Failed<R>): Pick<Decision, "policy" | "stop"> {
    try {
      const policy =
        typeof this.#onFailure === "function" ? this.#onFailure(failed) : (this.#onFailure as unknown);
      if (policy === "throw") return { policy: "drop", stop: rowFailed(failed) };
      // A function that gives nothing back, or what a `push` gives back, has only been told.
      return { policy: policy === "null" ? "null" : "drop", stop: undefined };
    } catch (error) {
      return { policy: "drop", stop: asError(error) };
    }
  }
}
