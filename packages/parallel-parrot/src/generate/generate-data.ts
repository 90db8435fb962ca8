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
  return generateRows(rows, () => {
    checkOptions("generateData", options, PIPELINE_OPTIONS);
    return options;
  });
}
