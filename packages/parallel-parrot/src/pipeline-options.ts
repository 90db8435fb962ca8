import {
  aBoolean,
  aFunction,
  anOutput,
  anything,
  expecting,
  required,
  wholeNumber,
  type Failed,
  type OptionChecks,
  type Output,
  type Parsed,
  type Row,
  type Usage,
} from "@parallel-parrot/core";
import type { GenerationParams, Provider } from "@parallel-parrot/providers";
import { IMAGE_OPTIONS, type ImageOptions, type PromptTemplate } from "@parallel-parrot/template";
import { A_CONDITION, EXPLODE_OPTIONS, type ExplodeOptions } from "@parallel-parrot/tidy";
import { aProvider, COMPLETION_OPTIONS, type CompletionOptions } from "@parallel-parrot/transport";
import { aMaxFailures, type MaxFailures } from "./max-failures.ts";

/** Options of {@linkcode pipeline}: those of its stages side by side, and what it does about failed rows. */
export interface PipelineOptions<R extends Row, T extends Row>
  extends Omit<CompletionOptions, "output" | "rowParams">, Omit<ExplodeOptions<R>, "columns">, ImageOptions {
  readonly provider: Provider;
  /** A text with `${column}` in it, chat messages, or a function of the row. */
  readonly prompt: PromptTemplate<NoInfer<R>>;
  /**
   * Which rows are asked: a function, or a condition such as `score < 3 && lang in ["de", "en"]`. Any other row passes as
   * it is, in its place, with nulls in the columns of answers that it lacks, and is counted in `passed`; `whereStream`
   * leaves rows out instead. @default every row is asked
   */
  readonly when?: string | ((row: NoInfer<R>) => boolean);
  /** What an answer must look like: `text(…)`, `objectOf(…)` or `listOf(…)`. */
  readonly output: Output<T>;
  /**
   * Parameters that a row sets itself, such as `(row) => ({ temperature: row.creativity })`: they come before those of the
   * run. A row whose parameters cannot be used fails with `INVALID_PARAMETER`. A model of its own is one of `modelByRow`.
   * @default every row has those of the run
   */
  readonly rowParams?: (row: NoInfer<R>) => GenerationParams;
  /**
   * Whether the run fails at once when the first row lacks a column that the prompt or `keep` needs. Turn it off for rows
   * that do not all have the same columns. @default true
   */
  readonly checkFirstRow?: boolean;
  /**
   * The number that a row has in the input, from 0, where rows were left out before: by it messages, lists of failed
   * rows, `lineage` and the journal name the row. It is called once for each row, with the row's position among those
   * that come, and has to grow. @default the position
   */
  readonly rowIndex?: (position: number) => number;
  /** Failed rows kept in `failures`, at most; `failedCount` counts on. @default 10000 */
  readonly maxFailuresKept?: number;
  /**
   * How many rows may fail: a number of rows, or a share of them such as `{ share: 0.02 }`. One more stops the run
   * with `TOO_MANY_FAILURES` once the requests in flight are answered. @default any number of rows
   */
  readonly maxFailures?: number | MaxFailures;
  /**
   * Takes every failed row, such as `jsonlSink("failed.jsonl")`. Each is awaited: no further rows come while the sink
   * is busy. It is closed when the rows have ended, and aborted where the run breaks off. @default none
   */
  readonly failedSink?: WritableStream<Failed<R>> | WritableStream<Row>;
  /**
   * Is told of each row when its answer has been read or it has failed, and what was paid for it. It is awaited, and
   * comes before the row becomes rows of the output. What it throws ends the run. @default none
   */
  readonly onRow?: (
    item: Parsed<NoInfer<R>, NoInfer<T>> | Failed<NoInfer<R>>,
    usage: Usage,
  ) => void | Promise<void>;
}

/**
 * Options whose literal types `O` tell the type of the rows. A name that is not an option does not compile, though an
 * inferred type alone would accept it.
 */
export type Exact<O, Options extends object> = O &
  Options & { readonly [Name in Exclude<keyof O, keyof Options>]: never };

const { columns: _, ...EXPLODE } = EXPLODE_OPTIONS;

/** The options of `pipeline` and `generateData`: what there is, and what each may be. */
export const PIPELINE_OPTIONS: OptionChecks<PipelineOptions<Row, Row>> = {
  ...COMPLETION_OPTIONS,
  ...EXPLODE,
  ...IMAGE_OPTIONS,
  provider: aProvider,
  prompt: required(anything, "a text with ${column} in it, chat messages or a function of the row"),
  when: A_CONDITION,
  output: required(anOutput, "text(…), objectOf(…) or listOf(…)"),
  checkFirstRow: aBoolean,
  rowIndex: aFunction,
  maxFailuresKept: wholeNumber(0),
  maxFailures: aMaxFailures,
  failedSink: expecting(
    "a WritableStream that nobody writes to",
    (value) => value instanceof WritableStream && !value.locked,
  ),
  onRow: aFunction,
};

const { output: _output, ...WITHOUT_OUTPUT } = PIPELINE_OPTIONS;

/** The checks of the same options for a function that makes the output itself. */
export const OPTIONS_WITHOUT_OUTPUT: Omit<typeof PIPELINE_OPTIONS, "output"> = WITHOUT_OUTPUT;
