import { ParrotError } from "@parallel-parrot/core";
import { repeatedName } from "../../columns/distinct-names.ts";
import { loadApacheArrow } from "./apache-arrow.ts";
import type { ArrowFrame } from "./arrow-frame.ts";
import { isArrowTable, type ArrowRecordBatch, type ArrowTable } from "./arrow-shapes.ts";
import { batchFrame, tableFrame } from "./table-frame.ts";

/**
 * Opens a table of apache-arrow, or bytes of Arrow IPC as polars, DuckDB and pandas give them, as a frame.
 *
 * @throws ParrotError `INVALID_OPTION` for bytes that are no Arrow, for two columns of one name, and for a table
 * where apache-arrow cannot be loaded
 */
export async function openFrame(input: ArrowTable | Uint8Array): Promise<ArrowFrame> {
  if (!isArrowTable(input)) {
    // Loaded when it is needed, as an old Node.js lacks the codec in it, and has to be told of in a sentence.
    const { bytesFrame } = await import("./bytes-frame.ts");
    return withOneOfEachName(await bytesFrame(input));
  }
  // What the table that comes out cannot be made without has to be known before anything is paid for.
  await loadApacheArrow();
  return withOneOfEachName(tableFrame(input));
}

/**
 * Opens a record batch of apache-arrow as a frame.
 *
 * @throws ParrotError `INVALID_OPTION` for two columns of one name
 */
export function openBatchFrame(batch: ArrowRecordBatch): ArrowFrame {
  return withOneOfEachName(batchFrame(batch));
}

function withOneOfEachName(frame: ArrowFrame): ArrowFrame {
  const twice = repeatedName(frame.columns);
  if (twice === undefined) return frame;
  throw new ParrotError(
    "INVALID_OPTION",
    `Cannot read the rows: the table has two columns called "${twice}"`,
    {
      column: twice,
      option: "rows",
    },
  );
}
