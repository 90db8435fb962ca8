import {
  AnswerCounts,
  FaultLimit,
  faultOf,
  isFailed,
  mapStream,
  rowFailed,
  untilError,
  type Failed,
  type FailureCode,
  type Output,
  type Parsed,
  type Row,
} from "@parallel-parrot/core";
import type { UnwritableRow } from "@parallel-parrot/formats";
import type { JournalRun } from "@parallel-parrot/journal";
import { parseStream } from "@parallel-parrot/parse";
import { promptStream } from "@parallel-parrot/template";
import { explode, explodeStream, type ExplodeOptions } from "@parallel-parrot/tidy";
import {
  completionStream,
  type EarlierAsking,
  type CompletionStage,
  type Reuse,
} from "@parallel-parrot/transport";
import { completionOptions } from "./completion-options.ts";
import type { FailedRows } from "../files/failed-rows.ts";
import { tooManyFailures } from "./failure-limit.ts";
import type { FormulaGuard } from "../files/formula-guard.ts";
import { OutputFaults } from "../files/output-faults.ts";
import { promptOptions } from "./prompt-options.ts";
import type { RunOptions } from "../flags/run-options.ts";

/** The stages of a run, connected. */
export interface Connected {
  readonly rows: ReadableStream<Row>;
  readonly completions: CompletionStage<Row>;
  /** Makes a row fail that the output cannot hold; gives the row that takes its place, where one does. */
  failAtOutput(unwritable: UnwritableRow): Promise<Row | undefined>;
  readonly counts: {
    /** Rows that came out. */
    readonly rows: number;
    /** Rows whose answer could not be used. */
    readonly unusable: number;
    readonly answers: AnswerCounts;
  };
}

/** How the stages of a run are connected. */
export interface ConnectOptions {
  /** Ends everything at once. */
  readonly signal: AbortSignal;
  /** Whether the first row tells the columns: where nothing did before. */
  readonly checkFirstRow: boolean;
  /** Where answers are found and kept. */
  readonly journal?: JournalRun | undefined;
  readonly reuse?: Reuse;
  /** Makes answers fit for a spreadsheet. */
  readonly formulas?: FormulaGuard;
  /** The output that stored answers were asked for. */
  readonly requestOutput?: Output | undefined;
  /** Other ways in which the rows were asked. */
  readonly earlier?: readonly EarlierAsking[];
  /** Whether a row that failed before is asked again, where failed rows are. */
  readonly asksAgain?: (code: FailureCode) => boolean;
}

/** Connects the stages; failed rows go to `failed` on the way. */
export function connect(
  source: ReadableStream<Row>,
  failed: FailedRows,
  options: RunOptions,
  { signal, checkFirstRow, journal, reuse = "all", requestOutput, formulas, ...before }: ConnectOptions,
): Connected {
  const { prompt, provider, wanted, onFailure, onCollision, onEmpty, lineage, maxFailures } = options;
  const counts = { rows: 0, unusable: 0, answers: new AnswerCounts() };
  const completions = completionStream(provider, {
    ...completionOptions(options),
    output: wanted,
    onStop: "close",
    signal,
    reuse,
    ...before,
    ...(journal === undefined ? {} : { journal }),
    ...(requestOutput === undefined ? {} : { requestOutput }),
  });
  let seen = 0;
  const faults = new FaultLimit();
  function stopAt(item: Failed, cause?: unknown): void {
    const reason =
      onFailure === "stop"
        ? rowFailed(item)
        : (tooManyFailures(maxFailures, { failed: failed.count, rows: seen }) ?? faults.add(item, cause));
    if (reason !== undefined) completions.stop(reason);
  }
  function escape(item: Parsed): Parsed | Failed {
    try {
      return formulas?.item(item) ?? item;
    } catch (error) {
      return faultOf(item, "parse", error);
    }
  }
  /** Keeps a failed row in its file, which must take it before the next ones come. */
  function note(read: Parsed | Failed): Parsed | Failed | Promise<Failed> {
    seen += 1;
    const item = isFailed(read) ? read : escape(read);
    if (!isFailed(item)) {
      counts.answers.add(item);
      return item;
    }
    if (item.failure.stage === "parse") counts.unusable += 1;
    const added = failed.add(item);
    stopAt(item);
    return added.then(() => item);
  }
  function count(row: Row): Row {
    counts.rows += 1;
    return row;
  }
  const explodeOptions = {
    collision: onCollision,
    empty: onEmpty,
    lineage,
    columns: wanted.columns,
  } satisfies ExplodeOptions;
  const outputFaults = new OutputFaults();
  async function failAtOutput(unwritable: UnwritableRow): Promise<Row | undefined> {
    counts.rows -= 1;
    const fault = outputFaults.add(unwritable);
    if (fault === undefined) return undefined;
    counts.unusable += 1;
    const added = failed.add(fault);
    stopAt(fault, unwritable.error);
    await added;
    if (onFailure !== "null") return undefined;
    counts.rows += 1;
    return explode<Row, Row>(fault, { ...explodeOptions, onFailure }).next().value;
  }
  // What is in flight when the input breaks off has been paid for.
  const rows = untilError(source, (error) => completions.stop(toError(error)))
    .pipeThrough(promptStream<Row>(prompt, promptOptions(options, checkFirstRow, before.earlier)))
    .pipeThrough(completions)
    .pipeThrough(parseStream<Row, Row>(wanted))
    .pipeThrough(mapStream(note))
    .pipeThrough(
      explodeStream<Row, Row>({
        ...explodeOptions,
        onFailure: (failure) => {
          if (failure.failure.stage === "tidy") {
            void failed.add(failure);
            stopAt(failure);
          }
          return onFailure === "stop" ? "drop" : onFailure;
        },
      }),
    )
    .pipeThrough(mapStream(count));
  return { rows, completions, counts, failAtOutput };
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
