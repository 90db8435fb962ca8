import type { ArrowSchema } from "./arrow-field.ts";
import { FlatTable } from "./flatbuffer-reader.ts";

/** What files begin and end with. */
export const MAGIC = "ARROW1";
/** What a message begins with, except in the oldest files. */
export const CONTINUATION = 0xff_ff_ff_ff;

/** Kinds of messages by their numbers. */
export const SCHEMA = 1;
export const DICTIONARY_BATCH = 2;
export const RECORD_BATCH = 3;

/** Most bytes that a record batch may have: it is in memory whole. */
export const MAX_BATCH_BYTES: number = 2 ** 30;

/** The largest description of a message or of a file; text that is no Arrow looks as if it had a larger one. */
export const MAX_METADATA_BYTES: number = 256 * 2 ** 20;

/** The version of messages since which unions have no nulls of their own. */
const V5 = 4;

/** A message with its body. */
export interface ArrowMessage {
  readonly kind: number;
  readonly header: FlatTable;
  readonly body: Uint8Array;
  readonly isBeforeV5: boolean;
}

/** Where the messages of an input come from. */
export interface ArrowMessages {
  /** What the columns are; `undefined` where there is nothing at all. */
  schema(): Promise<ArrowSchema | undefined>;
  /** The next batch, of rows or of a dictionary; `undefined` at the end. */
  next(): Promise<ArrowMessage | undefined>;
}

/** An input that is no Arrow, or a kind of it that is not read. */
export class NotArrow extends Error {}

/** An input that ends within a message, or before its end was told. */
export class CutOff extends Error {}

/** A message as its description says, whose body is read by its length. */
export async function messageOf(
  description: Uint8Array,
  readBody: (length: number) => Promise<Uint8Array>,
): Promise<ArrowMessage> {
  const message = FlatTable.root(description);
  const [header, length] = [message.table(2), message.long(3)];
  if (header === undefined || length < 0) throw new RangeError("a message is damaged");
  if (length > MAX_BATCH_BYTES)
    throw new RangeError(
      `a record batch has ${length} bytes, and at most ${MAX_BATCH_BYTES} are read at once; write it with smaller batches`,
    );
  return { kind: message.byte(1), header, body: await readBody(length), isBeforeV5: message.short(0) < V5 };
}
