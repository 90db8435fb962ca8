import { acceptPackets, itemsOf, type Packet, type Row } from "@parallel-parrot/core";
import { openDestination, type OutputTarget } from "./destination.ts";
import type { Compression } from "./format-of.ts";
import { RowWriter, type RowEncoder } from "./row-writer.ts";

/** Options of every sink. */
export interface SinkOptions {
  /** Columns that come first, in this order; others follow as they first appear. @default none */
  readonly columns?: readonly string[];
  /** @default by a path's extension: `.gz`, `.zst`, otherwise none */
  readonly compression?: Compression;
  /** Whether a file that exists may be replaced. @default false */
  readonly overwrite?: boolean;
  /**
   * File that gets the rows written so far, as a whole file, when the stream is aborted; it is replaced if it
   * exists. Only for an output that is a file. @default none: an abort leaves nothing
   */
  readonly partial?: string;
}

/**
 * A sink of rows. A file appears at its name when the stream closes, whole; before that its rows are in a
 * temporary file beside it, which an abort or error removes.
 */
export interface RowSink extends WritableStream<Row> {
  /** Resolves when the output is open and can be written; rejects with what stands in the way. */
  readonly opened: Promise<void>;
}

/** A sink of what an encoder makes of rows. `revisable` tells the encoder whether its `revision` is heeded. */
export function rowSink(
  target: OutputTarget,
  options: SinkOptions,
  createEncoder: (revisable: boolean) => RowEncoder,
): RowSink {
  const writer = openDestination(target, options).then(
    (destination) => new RowWriter(destination, createEncoder(destination.revise !== undefined)),
  );
  const opened = writer.then(() => undefined);
  // The stream fails with the same error; nobody has to look here.
  opened.catch(() => undefined);
  const stream = new WritableStream<Row | Packet<Row>>({
    start: () => opened,
    write: async (rows, controller) => (await writer).write(itemsOf(rows), controller),
    close: async () => (await writer).finish(),
    abort: async (reason) => (await writer).abort(reason, options.partial),
  });
  return Object.assign(acceptPackets(stream), { opened });
}
