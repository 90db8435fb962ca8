import {
  asError,
  mapStream,
  setCell,
  untilError,
  type Failed,
  type FailureCode,
  type Row,
} from "@parallel-parrot/core";
import { pipeline, type Pipeline, type PipelineOptions } from "parallel-parrot";
import { numberOf } from "../compare/compared-models.ts";
import type { RunListener } from "../events/run-listener.ts";
import type { FailedRows } from "../failed/failed-rows.ts";
import type { Duplicates } from "../output/duplicates.ts";
import type { FormulaGuard } from "../output/formula-guard.ts";
import type { RunOptions } from "../job/run-options.ts";
import type { StepProgress } from "../steps/step-progress.ts";
import { pipelineOptions, withoutUndefined } from "./pipeline-options.ts";

/** A run whose rows have begun to flow. */
export interface Connected {
  readonly rows: ReadableStream<Row>;
  readonly run: ConnectedRun;
}

/** What is known of it, and how it is stopped: a pipeline, or those of its steps together. */
export interface ConnectedRun extends Pick<
  Pipeline<Row, Row, Row>,
  | "progress"
  | "stop"
  | "stopped"
  | "rowCount"
  | "mergedCount"
  | "warningCounts"
  | "withoutOutputs"
  | "onUnwritable"
> {
  /** How far each step is, where there are several. */
  steps?(): readonly StepProgress[];
}

/** What the stages are given besides the options of the command line. */
export interface ConnectOptions extends Given<
  "signal" | "checkFirstRow" | "journal" | "reuse" | "requestOutput" | "earlier" | "asksAgain" | "rowIndex"
> {
  /** Leaves rows out that were there before. */
  readonly duplicates?: Duplicates;
  /** Makes answers fit for a spreadsheet. */
  readonly formulas?: FormulaGuard;
  /** The columns of the input, where they are known. */
  readonly inputColumns: readonly string[] | undefined;
  /** Is told what happens. */
  readonly listener?: RunListener | undefined;
}

type Given<Name extends keyof PipelineOptions<Row, Row>> = {
  readonly [N in Name]?: PipelineOptions<Row, Row>[N] | undefined;
};

/** Where the default names of lineage have the number of a row. */
export const LINEAGE_ROW = "_row";

/** Connects the stages. Failed rows go to `failed`. */
export function connect(
  source: ReadableStream<Row>,
  failed: FailedRows,
  options: RunOptions,
  { formulas, duplicates, listener, inputColumns, asksAgain, ...given }: ConnectOptions,
): Connected {
  const { comparison, lineage } = options;
  const originOf = (index: number): number => numberOf(index, options);
  const run = pipeline<Row, Row>({
    ...pipelineOptions(options),
    ...withoutUndefined({
      ...given,
      asksAgain: asksAgain && ((code: FailureCode, index: number) => asksAgain(code, originOf(index))),
      mapCell: formulas?.mapCell,
      onEvent: listener?.to({ originOf }),
    }),
    failedSink: new WritableStream<Failed>({ write: (row) => failed.add(row) }),
  });
  // Requests in flight when the input breaks off are paid for, so they are awaited.
  const answered = untilError(source, (error) => run.stop(asError(error))).pipeThrough(run);
  const numbered =
    comparison !== undefined && lineage && inputColumns?.includes(LINEAGE_ROW) !== true
      ? answered.pipeThrough(mapStream((row: Row) => withNumber(row, originOf)))
      : answered;
  const rows = comparison?.apply(numbered) ?? numbered;
  return { rows: duplicates?.leaveOut(rows) ?? rows, run };
}

/** Lineage names the row that was asked, and a person knows that of the input. */
function withNumber(row: Row, numberOf: (index: number) => number): Row {
  const asked = row[LINEAGE_ROW];
  if (typeof asked === "number") setCell(row, LINEAGE_ROW, numberOf(asked));
  return row;
}
