import {
  counted,
  asError,
  arraySource,
  aColumn,
  checkOptions,
  collect,
  describeGiven,
  isParrotError,
  ParrotError,
  untilError,
  type AsRow,
  type OptionChecks,
  type Output,
  type Row,
} from "@parallel-parrot/core";
import { text, type WithThoughts } from "@parallel-parrot/parse";
import type { ExplodedRow } from "@parallel-parrot/tidy";
import { requireRow } from "@parallel-parrot/template";
import { createRun, type Pipeline } from "./pipeline.ts";
import { PIPELINE_OPTIONS, type Exact, type PipelineOptions } from "./pipeline-options.ts";
import type { RunReport } from "./run-report.ts";

/** Rows that come one by one. */
export type RowStream<In> = Iterable<In> | AsyncIterable<In> | ReadableStream<In>;

/** The rows that an array of rows gives, and the report of their run. */
export interface Generated<R extends Row, Out extends Row> extends RunReport<R> {
  readonly rows: Out[];
}

/** The rows that a stream of rows gives, and the report of their run, which is final when `rows` has ended. */
export interface GeneratedStream<R extends Row, Out extends Row>
  extends RunReport<R>, Pick<Pipeline<R, R, Out>, "onUnwritable"> {
  readonly rows: ReadableStream<Out>;
}

/** Options of {@linkcode generateText}. */
export interface TextOptions<
  R extends Row,
  Column extends string,
  Thoughts extends string = string,
> extends Omit<PipelineOptions<R, Row>, "output"> {
  /** Column for the answers. @default "output" */
  readonly column?: Column;
  /** Column for the thoughts of the model; null where the API does not give them. @default thoughts are not kept */
  readonly thoughts?: Thoughts;
}

/** Options of {@linkcode generateData}. */
export type DataOptions<R extends Row, T extends Row> = PipelineOptions<R, T>;

/**
 * Asks for a text for each row and adds it as a column. An array gives arrays, anything else a stream.
 *
 * @throws ParrotError when no row can be answered: an invalid key, an unknown model, a column that does not exist
 */
export function generateText<
  In extends object,
  Column extends string = "output",
  Thoughts extends string = never,
  const O extends object = object,
>(
  rows: readonly In[],
  options: Exact<O, TextOptions<NoInfer<AsRow<In>>, Column, Thoughts>>,
): Promise<Generated<AsRow<In>, WithText<In, Column, Thoughts, O>>>;
export function generateText<
  In extends object,
  Column extends string = "output",
  Thoughts extends string = never,
  const O extends object = object,
>(
  rows: RowStream<In>,
  options: Exact<O, TextOptions<NoInfer<AsRow<In>>, Column, Thoughts>>,
): GeneratedStream<AsRow<In>, WithText<In, Column, Thoughts, O>>;
export function generateText<In extends object>(
  rows: readonly In[] | RowStream<In>,
  options: TextOptions<AsRow<In>, string>,
): unknown {
  return generate(rows, () => {
    checkOptions("generateText", options, TEXT_OPTIONS);
    const { column = "output", thoughts, ...rest } = options;
    const output: Output = thoughts === undefined ? text(column) : text(column, { thoughts });
    return { ...rest, output };
  });
}

const { output: _, ...WITHOUT_OUTPUT } = PIPELINE_OPTIONS;

const TEXT_OPTIONS: OptionChecks<TextOptions<Row, string>> = {
  ...WITHOUT_OUTPUT,
  column: aColumn,
  thoughts: aColumn,
};

/** A row of the input with the text that answers it, and what the options say of both. */
type WithText<In, Column extends string, Thoughts extends string, O> = ExplodedRow<
  AsRow<In>,
  WithThoughts<Record<Column, string>, Thoughts>,
  TextDefaults<O>
>;

/** An empty text is a failed row. So a null can only come of a row that `onContext: "skip"` leaves without an answer. */
type TextDefaults<O> = "onContext" extends keyof O
  ? "skip" extends O["onContext"]
    ? O
    : Omit<O, "empty"> & { readonly empty: "drop" }
  : Omit<O, "empty"> & { readonly empty: "drop" };

/**
 * Asks for objects for each row and makes a row of each. An array gives arrays, anything else a stream.
 *
 * @throws ParrotError when no row can be answered: an invalid key, an unknown model, a column that does not exist
 */
export function generateData<In extends object, T extends Row, const O extends object = object>(
  rows: readonly In[],
  options: Exact<O, DataOptions<NoInfer<AsRow<In>>, T>>,
): Promise<Generated<AsRow<In>, ExplodedRow<AsRow<In>, T, O>>>;
export function generateData<In extends object, T extends Row, const O extends object = object>(
  rows: RowStream<In>,
  options: Exact<O, DataOptions<NoInfer<AsRow<In>>, T>>,
): GeneratedStream<AsRow<In>, ExplodedRow<AsRow<In>, T, O>>;
export function generateData<In extends object, T extends Row>(
  rows: readonly In[] | RowStream<In>,
  options: DataOptions<AsRow<In>, T>,
): unknown {
  return generate(rows, () => {
    checkOptions("generateData", options, PIPELINE_OPTIONS);
    return options;
  });
}

/** @param read gives the checked options. For an array, what it throws rejects the promise. */
function generate<In extends object, T extends Row>(
  rows: readonly In[] | RowStream<In>,
  read: () => PipelineOptions<AsRow<In>, T>,
): unknown {
  if (Array.isArray(rows)) return generateArray<In, T>(rows, read);
  const options = read();
  const stream = toStream(rows);
  const { stage, report } = createRun<In, T, object>(options);
  // Requests in flight when the source fails have been paid for, so they are finished first.
  const source = untilError(stream, (error) => stage.stop(asError(error)));
  return Object.defineProperties(
    { rows: source.pipeThrough(stage), onUnwritable: stage.onUnwritable },
    Object.getOwnPropertyDescriptors(report),
  );
}

async function generateArray<In extends object, T extends Row>(
  rows: readonly In[],
  read: () => PipelineOptions<AsRow<In>, T>,
): Promise<unknown> {
  const options = read();
  // All rows are checked before the first is paid for.
  for (const [index, row] of rows.entries()) requireRow(row, index);
  const { stage, report } = createRun<In, T, object>({ ...options, onStop: "close" });
  const all: Row[] = await collect(arraySource(rows).pipeThrough(stage));
  if (report.stopped !== undefined && options.onStop !== "close") throw withFinished(report.stopped, all);
  return { rows: all, ...report };
}

/** The same error with the rows that were finished before it. */
function withFinished(error: Error, finished: readonly Row[]): Error {
  if (finished.length === 0 || !isParrotError(error)) return error;
  const message = `${error.message} (${counted(finished.length, "row was", "rows were")} finished before; the error's property finished has them)`;
  return new ParrotError(error.code, message, {
    cause: error,
    finished,
    ...(error.row === undefined ? {} : { row: error.row }),
    ...(error.option === undefined ? {} : { option: error.option }),
  });
}

function toStream<In>(rows: RowStream<In>): ReadableStream<In> {
  if (rows instanceof ReadableStream) {
    if (rows.locked)
      throw invalidRows("the stream is already being read; each call needs a stream of its own");
    return rows;
  }
  if (
    typeof rows === "object" &&
    rows !== null &&
    (Symbol.iterator in rows || Symbol.asyncIterator in rows)
  ) {
    return ReadableStream.from(rows);
  }
  throw invalidRows(`expected an array, an iterable or a ReadableStream, got ${describeGiven(rows)}`);
}

function invalidRows(why: string): ParrotError {
  return new ParrotError("INVALID_OPTION", `Cannot read the rows: ${why}`, { option: "rows" });
}
