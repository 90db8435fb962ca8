import {
  asError,
  arraySource,
  aColumn,
  checkOptions,
  collect,
  describeGiven,
  PacketStream,
  ParrotError,
  untilError,
  type AsRow,
  type OptionChecks,
  type Output,
  type Row,
  type Stage,
} from "@parallel-parrot/core";
import { text, type WithThoughts } from "@parallel-parrot/parse";
import { isArrowRecordBatch, type ArrowRecordBatch, type ArrowTable } from "@parallel-parrot/formats";
import type { ExplodedRow } from "@parallel-parrot/tidy";
import type { BatchStream, GeneratedBatches, GeneratedFrame, KnownFrame } from "./frames/generated-frame.ts";
import { requireRow } from "@parallel-parrot/template";
import { BatchStages } from "./frames/batch-stages.ts";
import { frameColumns } from "./frames/frame-columns.ts";
import { generateFrame, isFrame } from "./frames/generate-frame.ts";
import { withFinished } from "./with-finished.ts";
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
 * Asks for a text for each row and adds it as a column. An array gives arrays; a table of Arrow, or its bytes, a table of
 * the same kind; anything else a stream.
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
  Frame extends ArrowTable | Uint8Array,
  Column extends string = "output",
  Thoughts extends string = never,
  const O extends object = object,
>(
  rows: KnownFrame<Frame>,
  options: Exact<O, TextOptions<Row, Column, Thoughts>>,
): Promise<GeneratedFrame<Frame, WithThoughts<Record<Column, string>, Thoughts>>>;
export function generateText<
  Batch extends ArrowRecordBatch,
  Column extends string = "output",
  Thoughts extends string = never,
  const O extends object = object,
>(
  rows: BatchStream<Batch>,
  options: Exact<O, TextOptions<Row, Column, Thoughts>>,
): GeneratedBatches<Batch, WithThoughts<Record<Column, string>, Thoughts>>;
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
 * Asks for objects for each row and makes a row of each. An array gives arrays; a table of Arrow, or its bytes, a table of
 * the same kind; anything else a stream.
 *
 * @throws ParrotError when no row can be answered: an invalid key, an unknown model, a column that does not exist
 */
export function generateData<In extends object, T extends Row, const O extends object = object>(
  rows: readonly In[],
  options: Exact<O, DataOptions<NoInfer<AsRow<In>>, T>>,
): Promise<Generated<AsRow<In>, ExplodedRow<AsRow<In>, T, O>>>;
export function generateData<
  Frame extends ArrowTable | Uint8Array,
  T extends Row,
  const O extends object = object,
>(rows: KnownFrame<Frame>, options: Exact<O, DataOptions<Row, T>>): Promise<GeneratedFrame<Frame, T>>;
export function generateData<Batch extends ArrowRecordBatch, T extends Row, const O extends object = object>(
  rows: BatchStream<Batch>,
  options: Exact<O, DataOptions<Row, T>>,
): GeneratedBatches<Batch, T>;
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
  if (isFrame(rows)) return generateFrame<T>(rows, read as () => PipelineOptions<Row, T>);
  if (Array.isArray(rows)) return generateArray<In, T>(rows, read);
  const options = read();
  const stream = toStream(rows);
  const { stage, report } = createRun<In, T, object>(options);
  // Our own sources have rows, and no record batches.
  const batches =
    stream instanceof PacketStream
      ? undefined
      : new BatchStages({
          columnsOf: (columns) => frameColumns(columns, options),
          onUnwritable: stage.onUnwritable,
          isInOrder: options.order !== "completion",
        });
  const given = batches === undefined ? stream : stream.pipeThrough(batches.before() as Stage<In, In>);
  // Requests in flight when the source fails have been paid for, so they are finished first.
  const answered = untilError(given, (error) => stage.stop(asError(error))).pipeThrough(stage);
  return Object.defineProperties(
    { rows: batches?.behind(answered) ?? answered, onUnwritable: stage.onUnwritable },
    Object.getOwnPropertyDescriptors(report),
  );
}

async function generateArray<In extends object, T extends Row>(
  rows: readonly In[],
  read: () => PipelineOptions<AsRow<In>, T>,
): Promise<unknown> {
  const options = read();
  if (isArrowRecordBatch(rows[0]))
    throw invalidRows("record batches in a list are not asked; make a table of them: new Table(batches)");
  // All rows are checked before the first is paid for.
  for (const [index, row] of rows.entries()) requireRow(row, index);
  const { stage, report } = createRun<In, T, object>({ ...options, onStop: "close" });
  const all: Row[] = await collect(arraySource(rows).pipeThrough(stage));
  if (report.stopped !== undefined && options.onStop !== "close") throw withFinished(report.stopped, all);
  return { rows: all, ...report };
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
