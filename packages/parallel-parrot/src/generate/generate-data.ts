import { checkOptions, type AsRow, type Row } from "@parallel-parrot/core";
import type { ArrowRecordBatch, ArrowTable } from "@parallel-parrot/formats";
import type { ExplodedRow } from "@parallel-parrot/tidy";
import type { BatchStream, GeneratedBatches, GeneratedFrame, KnownFrame } from "../frames/generated-frame.ts";
import { PIPELINE_OPTIONS, type Exact, type PipelineOptions } from "../pipeline-options.ts";
import { generateRows } from "./generate-rows.ts";
import type { Generated, GeneratedStream, RowStream } from "./generated.ts";

/** Options of {@linkcode generateData}. */
export type DataOptions<R extends Row, T extends Row> = PipelineOptions<R, T>;

/**
 * Asks for objects for each row of an array and makes a row of each: the columns of the row and those of the object.
 *
 * ```ts
 * const { rows } = await generateData([{ text: "An article." }], {
 *   provider: openai({ model: "gpt-4.1-mini" }),
 *   prompt: "Write question and answer pairs about: ${text}",
 *   output: listOf(["question", "answer"]),
 * });
 * console.log(rows[0]?.question);
 * ```
 *
 * @param options How to ask: {@linkcode DataOptions}
 * @throws ParrotError when no row can be answered: an invalid key, an unknown model, a column that does not exist
 */
export function generateData<In extends object, T extends Row, const O extends object = object>(
  rows: readonly In[],
  options: Exact<O, DataOptions<NoInfer<AsRow<In>>, T>>,
): Promise<Generated<AsRow<In>, ExplodedRow<AsRow<In>, T, O>>>;
/**
 * Asks for objects for each row of a table of Arrow, or of its bytes as polars, DuckDB and pandas write them, and
 * gives the same kind with their values as columns.
 *
 * @param options How to ask: {@linkcode DataOptions}
 */
export function generateData<
  Frame extends ArrowTable | Uint8Array,
  T extends Row,
  const O extends object = object,
>(rows: KnownFrame<Frame>, options: Exact<O, DataOptions<Row, T>>): Promise<GeneratedFrame<Frame, T>>;
/**
 * Asks for objects for each row of record batches of Arrow that come one by one, and gives such batches with their
 * values as columns.
 *
 * @param options How to ask: {@linkcode DataOptions}
 */
export function generateData<Batch extends ArrowRecordBatch, T extends Row, const O extends object = object>(
  rows: BatchStream<Batch>,
  options: Exact<O, DataOptions<Row, T>>,
): GeneratedBatches<Batch, T>;
/**
 * Asks for objects for each row of a stream, such as `csvSource("reviews.csv")`, and gives at once a stream of the
 * rows with their values as columns. Memory does not grow with the input.
 *
 * @param options How to ask: {@linkcode DataOptions}
 */
export function generateData<In extends object, T extends Row, const O extends object = object>(
  rows: RowStream<In>,
  options: Exact<O, DataOptions<NoInfer<AsRow<In>>, T>>,
): GeneratedStream<AsRow<In>, ExplodedRow<AsRow<In>, T, O>>;
export function generateData<In extends object, T extends Row>(
  rows: readonly In[] | RowStream<In>,
  options: DataOptions<AsRow<In>, T>,
): unknown {
  return generateRows(rows, () => {
    checkOptions("generateData", options, PIPELINE_OPTIONS);
    return options;
  });
}
