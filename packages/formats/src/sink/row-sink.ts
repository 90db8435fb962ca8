import { acceptPackets, type Packet, type Row } from "@parallel-parrot/core";
import { noChanges, type CellChanges } from "./cell-changes.ts";
import { openDestination, type OutputTarget } from "./destination.ts";
import type { OutputCompression } from "../compression.ts";
import { RowWriter, type RowEncoder } from "./row-writer.ts";
import type { OnUnwritable } from "./unwritable-row.ts";

/** Options of every sink. */
export interface SinkOptions {
  /** Columns that come first, in this order; others follow as they first appear. @default none */
  readonly columns?: readonly string[];
  /** @default by a path's extension: `.gz`, `.zst`, otherwise none */
  readonly compression?: OutputCompression;
  /** Whether a file that exists may be replaced. @default false */
  readonly overwrite?: boolean;
  /**
   * File in which the rows grow until the output is complete and gets its name; on the same drive, and only for
   * an output that is a file. Rows are in it within a second of their writing, so that it can be followed; those
   * of a compressed file come in larger pieces, and a file of a format with types cannot be read before it is ended. An
   * abort ends it as a whole file, which stays if it has rows.
   * @default none: the rows grow in a hidden file, which an abort removes
   */
  readonly partial?: string | URL;
  /** Whether a `partial` file that exists is replaced, as soon as the output is opened. @default false */
  readonly replacePartial?: boolean;
  /**
   * Called when a file is complete, with its path, and awaited before it gets its name. Where it rejects, the
   * file does not get it, and the stream fails with that.
   */
  readonly beforeNaming?: (path: string) => Promise<void>;
  /**
   * Called with each row that cannot be turned into text, such as one with a circular reference, and awaited. The row
   * that it gives back is written in its place; without one the row is left out. The rows after it are written.
   * @default the stream fails with `INVALID_INPUT`
   */
  readonly onUnwritable?: OnUnwritable;
}

/**
 * A sink of rows. A file appears at its name when the stream closes, whole. Before that its rows are in the file
 * `partial`, or in a temporary file beside it, which an abort or error removes.
 */
export interface RowSink extends WritableStream<Row> {
  /** Resolves when the output is open and can be written; rejects with what stands in the way. */
  readonly opened: Promise<void>;
  /** How many cells and values were changed so far, as the format has no form for them. */
  readonly changes: Readonly<CellChanges>;
}

/** Creates what turns rows into text or bytes; `revisable` tells whether its `revision` is heeded. */
type CreateEncoder = (revisable: boolean, changes: CellChanges) => RowEncoder | Promise<RowEncoder>;

/** A sink of what an encoder makes of rows. */
export function rowSink(target: OutputTarget, options: SinkOptions, createEncoder: CreateEncoder): RowSink {
  const changes = noChanges();
  const writer = openDestination(target, options).then(async (destination) => {
    try {
      const encoder = await createEncoder(destination.file !== undefined, changes);
      return new RowWriter(destination, encoder, options);
    } catch (error) {
      await destination.abort(error).catch(() => undefined);
      throw error;
    }
  });
  const opened = writer.then(() => undefined);
  // The stream fails with the same error, so nobody has to wait for this promise.
  opened.catch(() => undefined);
  const stream = new WritableStream<Row | Packet<Row>>({
    start: () => opened,
    write: async (rows, controller) => (await writer).write(rows, controller),
    close: async () => (await writer).finish(),
    abort: async (reason) => (await writer).abort(reason),
  });
  return Object.assign(acceptPackets(stream), { opened, changes });
}
