import {
  acceptPackets,
  arraySource,
  flatMapStream,
  itemsOf,
  originsOf,
  type Row,
} from "@parallel-parrot/core";
import { isArrowTable, openFrame, type ArrowTable } from "@parallel-parrot/formats";
import { createRun } from "../pipeline.ts";
import type { PipelineOptions } from "../pipeline-options.ts";
import { withFinished } from "../with-finished.ts";
import { addToFrame } from "./add-to-frame.ts";
import { frameColumns } from "./frame-columns.ts";

/** Whether the rows are a table in memory, which comes back as one. */
export function isFrame(rows: unknown): rows is ArrowTable | Uint8Array {
  return rows instanceof Uint8Array || isArrowTable(rows);
}

/** Asks for each row of a table, and gives a table of the same kind. */
export async function generateFrame<T extends Row>(
  table: ArrowTable | Uint8Array,
  read: () => PipelineOptions<Row, T>,
): Promise<unknown> {
  const options = read();
  const frame = await openFrame(table);
  const columns = frameColumns(frame.columns, options);
  const { stage, report } = createRun<Row, T, object>({ ...options, onStop: "close" });
  const builder = frame.build(columns);
  const finished: Row[] = [];
  const sink = new WritableStream<unknown>({
    async write(chunk) {
      const origins = originsOf(chunk);
      for (const [place, row] of itemsOf(chunk as Row).entries()) {
        await addToFrame(builder, row, origins?.[place], stage);
        finished.push(row);
      }
    },
  });
  await arraySource([...frame.batches.keys()])
    .pipeThrough(flatMapStream((batch: number) => frame.rowsOf(batch)))
    .pipeThrough(stage)
    .pipeTo(acceptPackets(sink));
  if (report.stopped !== undefined && options.onStop !== "close")
    throw withFinished(report.stopped, finished);
  const rows = await builder.finish();
  return Object.defineProperties({ rows }, Object.getOwnPropertyDescriptors({ ...report }));
}
