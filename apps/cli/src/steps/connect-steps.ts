import {
  asError,
  untilError,
  type Failed,
  type FailureCode,
  type Parsed,
  type Row,
  type Usage,
} from "@parallel-parrot/core";
import type { JournalRun } from "@parallel-parrot/journal";
import type { Budget } from "@parallel-parrot/transport";
import { rowTest } from "@parallel-parrot/tidy";
import { pipeline, tooManyFailures, type Pipeline, type PipelineOptions } from "parallel-parrot";
import type { FailedRows } from "../failed/failed-rows.ts";
import type { RunOptions } from "../job/run-options.ts";
import { LINEAGE_ROW, type Connected, type ConnectOptions } from "../run/connect.ts";
import { pipelineOptions, withoutUndefined } from "../run/pipeline-options.ts";
import { allSteps, givesSeveral } from "./all-steps.ts";
import { answersAsWritten } from "./answers-as-written.ts";
import { JoinedRun } from "./joined-run.ts";
import { RowTrail } from "./row-trail.ts";
import { sharedLimiters } from "./shared-limiters.ts";

/** What the steps are given besides their options. */
interface StepConnection extends ConnectOptions {
  /** The runs in the journal of the later steps. */
  readonly laterRuns: readonly JournalRun[];
  readonly budget: Budget | undefined;
  readonly onStop?: PipelineOptions<Row, Row>["onStop"];
  /** Is told of each row that a step is done with, under its number in the input. */
  readonly onRow?: (place: number, item: Parsed | Failed, usage: Usage) => void;
  /** Changes how a step asks, before it begins. @default nothing is changed */
  readonly adjust?: (asked: PipelineOptions<Row, Row>, step: StepAt) => PipelineOptions<Row, Row>;
}

interface StepAt {
  /** 0 for the first. */
  readonly place: number;
  /** The number of the row of the input that a row of the step was made of. */
  readonly originOf: (index: number) => number;
}

/** Connects the steps of a run, one pipeline behind the other. Failed rows of all of them go to `failed`. */
export function connectSteps(
  source: ReadableStream<Row>,
  failed: FailedRows,
  options: RunOptions,
  {
    formulas,
    duplicates,
    listener,
    laterRuns,
    budget,
    inputColumns,
    onRow,
    asksAgain,
    adjust = (asked) => asked,
    ...given
  }: StepConnection,
): Connected {
  const steps = allSteps(options);
  const limiters = sharedLimiters(steps);
  const runs: { readonly name: string; readonly run: Pipeline<Row, Row, Row> }[] = [];
  const trails: RowTrail[] = [];
  const renumbers = inputColumns?.includes(LINEAGE_ROW) !== true;
  let rows = source;
  for (const [place, step] of steps.entries()) {
    const name = step.name ?? "";
    const [before, isLast] = [trails.at(-1), place === steps.length - 1];
    const after = new RowTrail(before, steps.slice(0, place + 1).some(givesSeveral));
    trails.push(after);
    const { maxFailures, ...asked } = pipelineOptions(step);
    const stepOptions: PipelineOptions<Row, Row> = {
      ...asked,
      ...withoutUndefined({
        ...given,
        budget,
        limiter: limiters[place],
        onRow:
          onRow &&
          ((item: Parsed | Failed, usage: Usage) =>
            onRow(place, { ...item, index: before?.originAt(item.index) ?? item.index }, usage)),
        asksAgain:
          asksAgain &&
          ((code: FailureCode, index: number) => asksAgain(code, before?.originAt(index) ?? index)),
        onEvent: listener?.to({ step: name, originOf: before?.originAt }),
      }),
      ...(before === undefined ? {} : laterOptions(step, before, laterRuns[place - 1])),
      // A row that stays without an answer passes the steps that follow.
      onFailure(row) {
        if (asked.onFailure === "null") after.noteFailed(row.index);
        stopAtMost(maxFailures);
        return asked.onFailure === "throw" ? "throw" : asked.onFailure === "null" ? "null" : "drop";
      },
      failedSink: new WritableStream<Failed>({
        write: (row) => failed.add({ ...row, index: before?.originOf(row.index) ?? row.index, step: name }),
      }),
    };
    const originOf = before?.originAt ?? ((index: number) => index);
    const run = pipeline<Row, Row>(adjust(stepOptions, { place, originOf }));
    runs.push({ name, run });
    const answered = (place === 0 ? untilError(rows, (error) => stopAll(asError(error))) : rows).pipeThrough(
      run,
    );
    rows = isLast ? answered : answered.pipeThrough(after.stage(renumbers ? LINEAGE_ROW : undefined));
  }
  let failures = 0;
  /** Stops all steps where more rows have failed than may, in whichever of them. */
  function stopAtMost(limit: PipelineOptions<Row, Row>["maxFailures"]): void {
    failures += 1;
    const done = runs.map(({ run }) => run.progress()).map(({ completed, failed }) => completed + failed);
    const reason = tooManyFailures(limit, { failed: failures, rows: Math.max(failures, ...done) });
    if (reason !== undefined) stopAll(reason);
  }
  function stopAll(reason: Error): void {
    for (const { run } of runs) run.stop(reason);
  }
  const joined = new JoinedRun(runs.map(({ name, run }, place) => ({ name, run, trail: trails[place - 1] })));
  const written = answersAsWritten(rows, formulas, inputColumns);
  return { rows: duplicates?.leaveOut(written) ?? written, run: joined };
}

/** What a later step has of its own. */
function laterOptions(
  step: RunOptions,
  before: RowTrail,
  journal: JournalRun | undefined,
): Partial<PipelineOptions<Row, Row>> {
  const test = step.when === undefined ? undefined : rowTest<Row>(step.when, { checkFirstRow: false });
  return {
    ...(journal === undefined ? {} : { journal }),
    // The columns were checked beforehand. The first row may have failed, and lack some.
    checkFirstRow: false,
    rowIndex: before.rowIndex,
    earlier: [],
    when: (row) => !before.passes(row) && test?.isKept(row) !== false,
  };
}
