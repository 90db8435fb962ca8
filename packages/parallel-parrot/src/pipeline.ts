import {
  checkOptions,
  isParrotError,
  mapStream,
  pickOptions,
  singleUse,
  watchStream,
  type AsRow,
  type Completed,
  type Failed,
  type Parsed,
  type Row,
  type Stage,
} from "@parallel-parrot/core";
import type { OnUnwritable, UnwritableRow } from "@parallel-parrot/formats";
import { parseStream } from "@parallel-parrot/parse";
import { IMAGE_OPTIONS, promptStream, type PromptStreamOptions } from "@parallel-parrot/template";
import {
  explode,
  EXPLODE_OPTIONS,
  explodeStream,
  rowTest,
  type ExplodedRow,
  type ExplodeOptions,
  type RowTest,
} from "@parallel-parrot/tidy";
import { COMPLETION_OPTIONS, completionStream, type CompletionStage } from "@parallel-parrot/transport";
import { Outcomes } from "./outcomes.ts";
import { PIPELINE_OPTIONS, type Exact, type PipelineOptions } from "./pipeline-options.ts";
import { requireImages } from "./require-images.ts";
import { reportOf, type RunReport } from "./run-report.ts";

/** The whole way from rows to rows as one stage, and what is known of its run. */
export interface Pipeline<In, R extends Row, Out extends Row>
  extends Stage<In, Out>, RunReport<R>, Pick<CompletionStage<R>, "progress" | "stop"> {
  /**
   * Makes a row fail that a sink cannot write, for the sink's own option: `jsonlSink(path, { onUnwritable:
   * run.onUnwritable })`. The sink has to come directly after the pipeline.
   */
  readonly onUnwritable: OnUnwritable;
}

/**
 * Template, requests, parsing and tidying as one stage for `pipeThrough`. Failed rows are kept in `failures`;
 * `onFailure` says what else becomes of them.
 *
 * Within `pipeThrough`, the type of the rows comes from the source. A pipeline in a constant takes rows of any type:
 * what it adds to them is typed, and their own columns are `unknown` unless their type is named, as in
 * `pipeline<Doc, Pair>({ … })`.
 *
 * @throws ParrotError `INVALID_TEMPLATE`, or `INVALID_OPTION` that names the option
 */
export function pipeline<In extends object, T extends Row, const O extends object = object>(
  options: Exact<O, PipelineOptions<AsRow<In>, T>>,
): Pipeline<In, AsRow<In>, ExplodedRow<AsRow<In>, T, O>> {
  checkOptions("pipeline", options, PIPELINE_OPTIONS);
  const { stage, report } = createRun<In, T, O>(options);
  return Object.defineProperties(stage, Object.getOwnPropertyDescriptors(report)) as typeof stage &
    typeof report;
}

/** A pipeline and the report of its run, apart. */
export interface Run<In, R extends Row, Out extends Row> {
  readonly stage: Omit<Pipeline<In, R, Out>, keyof RunReport>;
  readonly report: RunReport<R>;
}

/** The stages of {@linkcode pipeline}, connected, with checked options. */
export function createRun<In extends object, T extends Row, O>(
  options: PipelineOptions<AsRow<In>, T>,
): Run<In, AsRow<In>, ExplodedRow<AsRow<In>, T, O>> {
  type R = AsRow<In>;
  const { provider, prompt, output } = options;
  requireImages<R>(provider, prompt);
  const test =
    options.when === undefined
      ? undefined
      : rowTest<R>(options.when, { checkFirstRow: options.checkFirstRow !== false });
  const prompts = promptStream<In>(prompt, promptOptions(options, test));
  const completions = completionStream<R>(provider, pickOptions(options, COMPLETION_OPTIONS));
  const outcomes = new Outcomes<R, T>(options, completions);
  const explodeOptions: ExplodeOptions<R> = {
    ...pickOptions<ExplodeOptions<R>>(options, EXPLODE_OPTIONS),
    columns: output.columns,
    onDuplicate: () => {
      outcomes.mergedCount += 1;
      options.onDuplicate?.();
    },
    onFailure: (failed) => outcomes.policyOf(failed),
  };
  const asked = prompts.readable.pipeThrough(completions);
  const completed = outcomes.wantsUsage
    ? asked.pipeThrough(mapStream((item: Completed<R> | Failed<R>) => outcomes.noteUsage(item)))
    : asked;
  const exploded = completed
    .pipeThrough(parseStream<R, T>(output))
    .pipeThrough(mapStream((item: Parsed<R, T> | Failed<R>) => outcomes.take(item)))
    .pipeThrough(explodeStream<R, T>(explodeOptions));
  const rows = watchStream(exploded, {
    onItems: (count) => void (outcomes.rowCount += count),
    onEnd() {
      test?.onEnd();
      return outcomes.end();
    },
    readsOn(reason) {
      // A later pipeline has stopped, or the sink has failed: requests in flight have been paid for.
      const isStop = isParrotError(reason);
      if (isStop) completions.stop(reason);
      return isStop;
    },
    onBreak: (reason) => outcomes.failures.abort(reason),
  });
  const stage = singleUse({
    // `explodeStream` was given the user's own options, which decide the type of its rows.
    readable: rows as ReadableStream<Row> as ReadableStream<ExplodedRow<R, T, O>>,
    writable: prompts.writable,
    stop: (reason: Error) => completions.stop(reason),
    progress: () => completions.progress(),
    async onUnwritable(unwritable: UnwritableRow): Promise<Row | undefined> {
      const failed = await outcomes.takeUnwritable(unwritable);
      if (failed === undefined) return undefined;
      return explode<R, T>(failed, { ...explodeOptions, onFailure: "null" }).next().value;
    },
  });
  return { stage, report: reportOf(completions, outcomes) };
}

function promptOptions<R extends Row, T extends Row>(
  options: PipelineOptions<R, T>,
  test: RowTest<R> | undefined,
): PromptStreamOptions {
  const { checkFirstRow = true, earlier = [], rowIndex } = options;
  const canShorten = [options, ...earlier].some(({ onContext }) => onContext === "truncate");
  return {
    ...pickOptions(options, IMAGE_OPTIONS),
    checkFirstRow,
    canShorten,
    ...(rowIndex === undefined ? {} : { rowIndex }),
    // The rows are of the type that the prompt takes.
    ...(test === undefined ? {} : { isAsked: (row) => test.isKept(row as R) }),
  };
}
