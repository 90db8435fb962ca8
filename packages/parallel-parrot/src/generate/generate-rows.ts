import {
  asError,
  arraySource,
  collect,
  describeGiven,
  PacketStream,
  ParrotError,
  untilError,
  type AsRow,
  type Row,
  type Stage,
} from "@parallel-parrot/core";
import { isArrowRecordBatch } from "@parallel-parrot/formats";
import { requireRow } from "@parallel-parrot/template";
import { BatchStages } from "../frames/batch-stages.ts";
import { frameColumns } from "../frames/frame-columns.ts";
import { generateFrame, isFrame } from "../frames/generate-frame.ts";
import { withFinished } from "../with-finished.ts";
import { createRun } from "../pipeline.ts";
import type { PipelineOptions } from "../pipeline-options.ts";
import type { RowStream } from "./generated.ts";

/**
 * Asks for answers to rows of whatever kind.
 *
 * @param read gives the checked options. For an array, what it throws rejects the promise.
 */
export function generateRows<In extends object, T extends Row>(
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
