import {
  aColumn,
  anything,
  checkOptions,
  isParrotError,
  ParrotError,
  required,
  type AsRow,
  type OptionChecks,
  type Output,
  type Row,
} from "@parallel-parrot/core";
import type { ArrowRecordBatch, ArrowTable } from "@parallel-parrot/formats";
import { objectOf, type RowOf, type Spec, type WithThoughts } from "@parallel-parrot/parse";
import type { ExplodedRow } from "@parallel-parrot/tidy";
import type { BatchStream, GeneratedBatches, GeneratedFrame, KnownFrame } from "../frames/generated-frame.ts";
import { OPTIONS_WITHOUT_OUTPUT, type Exact, type PipelineOptions } from "../pipeline-options.ts";
import { generateRows } from "./generate-rows.ts";
import type { Generated, GeneratedStream, RowStream } from "./generated.ts";
import type { SingleAnswer } from "./single-answer.ts";

/** Options of {@linkcode generateColumns}. */
export interface ColumnsOptions<R extends Row, S extends Spec, Thoughts extends string = string> extends Omit<
  PipelineOptions<R, Row>,
  "output"
> {
  /** The columns to add: their names, whose values are texts, or the schema of one object that has them as keys. */
  readonly columns: S;
  /** Column for the thoughts of the model; null where the API does not give them. @default thoughts are not kept */
  readonly thoughts?: Thoughts;
}

/**
 * Asks for one object for each row of an array and gives the rows with its values as columns.
 *
 * ```ts
 * const { rows } = await generateColumns([{ ticket: "My kettle does not boil." }], {
 *   provider: openai({ model: "gpt-4.1-mini" }),
 *   prompt: "Sort this ticket: ${ticket}",
 *   columns: ["product", "urgency"],
 * });
 * console.log(rows[0]?.urgency);
 * ```
 *
 * @param options How to ask: {@linkcode ColumnsOptions}
 * @throws ParrotError when no row can be answered: an invalid key, an unknown model, a column that does not exist
 */
export function generateColumns<
  In extends object,
  const S extends Spec,
  Thoughts extends string = never,
  const O extends object = object,
>(
  rows: readonly In[],
  options: Exact<O, ColumnsOptions<NoInfer<AsRow<In>>, S, Thoughts>>,
): Promise<Generated<AsRow<In>, WithValues<In, S, Thoughts, O>>>;
/**
 * Asks for one object for each row of a table of Arrow, or of its bytes as polars, DuckDB and pandas write them, and
 * gives the same kind with its values as columns.
 *
 * @param options How to ask: {@linkcode ColumnsOptions}
 */
export function generateColumns<
  Frame extends ArrowTable | Uint8Array,
  const S extends Spec,
  Thoughts extends string = never,
  const O extends object = object,
>(
  rows: KnownFrame<Frame>,
  options: Exact<O, ColumnsOptions<Row, S, Thoughts>>,
): Promise<GeneratedFrame<Frame, WithThoughts<RowOf<S>, Thoughts>>>;
/**
 * Asks for one object for each row of record batches of Arrow that come one by one, and gives such batches with its
 * values as columns.
 *
 * @param options How to ask: {@linkcode ColumnsOptions}
 */
export function generateColumns<
  Batch extends ArrowRecordBatch,
  const S extends Spec,
  Thoughts extends string = never,
  const O extends object = object,
>(
  rows: BatchStream<Batch>,
  options: Exact<O, ColumnsOptions<Row, S, Thoughts>>,
): GeneratedBatches<Batch, WithThoughts<RowOf<S>, Thoughts>>;
/**
 * Asks for one object for each row of a stream, such as `csvSource("reviews.csv")`, and gives at once a stream of
 * the rows with its values as columns. Memory does not grow with the input.
 *
 * @param options How to ask: {@linkcode ColumnsOptions}
 */
export function generateColumns<
  In extends object,
  const S extends Spec,
  Thoughts extends string = never,
  const O extends object = object,
>(
  rows: RowStream<In>,
  options: Exact<O, ColumnsOptions<NoInfer<AsRow<In>>, S, Thoughts>>,
): GeneratedStream<AsRow<In>, WithValues<In, S, Thoughts, O>>;
export function generateColumns<In extends object>(
  rows: readonly In[] | RowStream<In>,
  options: ColumnsOptions<AsRow<In>, Spec>,
): unknown {
  return generateRows(rows, () => {
    checkOptions("generateColumns", options, COLUMNS_OPTIONS);
    const { columns, thoughts, ...rest } = options;
    return { ...rest, output: outputOf(columns, thoughts) };
  });
}

const COLUMNS_OPTIONS: OptionChecks<ColumnsOptions<Row, Spec>> = {
  ...OPTIONS_WITHOUT_OUTPUT,
  columns: required(anything, "names of columns, a schema or a JSON Schema"),
  thoughts: aColumn,
};

/** A row of the input with the values that were asked for, and what the options say of both. */
type WithValues<In, S extends Spec, Thoughts extends string, O> = ExplodedRow<
  AsRow<In>,
  WithThoughts<RowOf<S>, Thoughts>,
  SingleAnswer<O>
>;

function outputOf(columns: Spec, thoughts: string | undefined): Output {
  try {
    return objectOf(columns, thoughts === undefined ? {} : { thoughts });
  } catch (error) {
    // The columns are what `objectOf` calls its spec.
    if (!isParrotError(error) || error.option !== "spec") throw error;
    throw new ParrotError(error.code, error.message, { cause: error, option: "columns" });
  }
}
