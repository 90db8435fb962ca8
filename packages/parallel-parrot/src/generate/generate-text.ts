import {
  aColumn,
  checkOptions,
  type AsRow,
  type OptionChecks,
  type Output,
  type Row,
} from "@parallel-parrot/core";
import type { ArrowRecordBatch, ArrowTable } from "@parallel-parrot/formats";
import { text, type WithThoughts } from "@parallel-parrot/parse";
import type { ExplodedRow } from "@parallel-parrot/tidy";
import type { BatchStream, GeneratedBatches, GeneratedFrame, KnownFrame } from "../frames/generated-frame.ts";
import { OPTIONS_WITHOUT_OUTPUT, type Exact, type PipelineOptions } from "../pipeline-options.ts";
import { generateRows } from "./generate-rows.ts";
import type { Generated, GeneratedStream, RowStream } from "./generated.ts";
import type { SingleAnswer } from "./single-answer.ts";

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

/**
 * Asks for a text for each row of an array and gives the rows with it, in `column`, as an array.
 *
 * ```ts
 * const { rows } = await generateText([{ review: "I love it." }], {
 *   provider: openai({ model: "gpt-4.1-mini" }),
 *   prompt: "What is the sentiment of this review? ${review}",
 *   column: "sentiment",
 * });
 * console.log(rows[0]?.sentiment);
 * ```
 *
 * @param options How to ask: {@linkcode TextOptions}
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
/**
 * Asks for a text for each row of a table of Arrow, or of its bytes as polars, DuckDB and pandas write them, and
 * gives the same kind with `column` added.
 *
 * @param options How to ask: {@linkcode TextOptions}
 */
export function generateText<
  Frame extends ArrowTable | Uint8Array,
  Column extends string = "output",
  Thoughts extends string = never,
  const O extends object = object,
>(
  rows: KnownFrame<Frame>,
  options: Exact<O, TextOptions<Row, Column, Thoughts>>,
): Promise<GeneratedFrame<Frame, WithThoughts<Record<Column, string>, Thoughts>>>;
/**
 * Asks for a text for each row of record batches of Arrow that come one by one, and gives such batches with `column`
 * added.
 *
 * @param options How to ask: {@linkcode TextOptions}
 */
export function generateText<
  Batch extends ArrowRecordBatch,
  Column extends string = "output",
  Thoughts extends string = never,
  const O extends object = object,
>(
  rows: BatchStream<Batch>,
  options: Exact<O, TextOptions<Row, Column, Thoughts>>,
): GeneratedBatches<Batch, WithThoughts<Record<Column, string>, Thoughts>>;
/**
 * Asks for a text for each row of a stream, such as `csvSource("reviews.csv")`, and gives at once a stream of the
 * rows with `column` added. Memory does not grow with the input.
 *
 * @param options How to ask: {@linkcode TextOptions}
 */
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
  return generateRows(rows, () => {
    checkOptions("generateText", options, TEXT_OPTIONS);
    const { column = "output", thoughts, ...rest } = options;
    const output: Output = thoughts === undefined ? text(column) : text(column, { thoughts });
    return { ...rest, output };
  });
}

const TEXT_OPTIONS: OptionChecks<TextOptions<Row, string>> = {
  ...OPTIONS_WITHOUT_OUTPUT,
  column: aColumn,
  thoughts: aColumn,
};

/** A row of the input with the text that answers it, and what the options say of both. */
type WithText<In, Column extends string, Thoughts extends string, O> = ExplodedRow<
  AsRow<In>,
  WithThoughts<Record<Column, string>, Thoughts>,
  SingleAnswer<O>
>;
