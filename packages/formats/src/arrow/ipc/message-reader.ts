import type { ByteReader } from "../../source/byte-reader.ts";
import { FlatTable } from "./flatbuffer-reader.ts";
import { MAX_BATCH_BYTES } from "./read-batch.ts";

/** What files begin and end with. */
export const MAGIC = "ARROW1";
/** What a message begins with, except in the oldest files. */
const CONTINUATION = 0xff_ff_ff_ff;
/** The largest description of a message; text that is no Arrow looks as if it had a larger one. */
const MAX_METADATA_BYTES = 256 * 2 ** 20;

/** Kinds of messages by their numbers. */
export const SCHEMA = 1;
export const DICTIONARY_BATCH = 2;
export const RECORD_BATCH = 3;

/** A message with its body. */
export interface ArrowMessage {
  readonly kind: number;
  readonly version: number;
  readonly header: FlatTable;
  readonly body: Uint8Array;
}

/** An input that is no Arrow, or a kind of it that is not read. */
export class NotArrow extends Error {}

/** An input that ends within a message, or before its end was told. */
export class CutOff extends Error {}

/** Reads the messages of a stream of Arrow, or of a file, which has such a stream in it. */
export class MessageReader {
  readonly #bytes: ByteReader;
  #chunk: Uint8Array = new Uint8Array();
  #isFile = false;
  #began = false;
  #hasMark = false;

  constructor(bytes: ByteReader) {
    this.#bytes = bytes;
  }

  /** The next message; `undefined` at the end, after which the input is read to its last byte. */
  async next(): Promise<ArrowMessage | undefined> {
    const length = await this.#metadataLength();
    if (length === undefined || length === 0) {
      await this.#end(length === 0);
      return undefined;
    }
    const metadata = FlatTable.root(await this.#take(length));
    const header = metadata.table(2);
    const bodyLength = metadata.long(3);
    if (header === undefined || bodyLength < 0) throw new RangeError("a message is damaged");
    if (bodyLength > MAX_BATCH_BYTES)
      throw new RangeError(
        `a record batch has ${bodyLength} bytes, and at most ${MAX_BATCH_BYTES} are read at once; write it with smaller batches`,
      );
    const body = await this.#take(bodyLength);
    return { kind: metadata.byte(1), version: metadata.short(0), header, body };
  }

  /** Whether the input began as only Arrow does. The oldest streams have no mark. */
  get hasMark(): boolean {
    return this.#hasMark;
  }

  cancel(reason: unknown): Promise<void> {
    return this.#bytes.cancel(reason);
  }

  /** The length of the next message's description; zero at the end that is told, `undefined` where the bytes end. */
  async #metadataLength(): Promise<number | undefined> {
    if (!this.#began) await this.#begin();
    const first = await this.#takeInt();
    this.#hasMark ||= first === CONTINUATION;
    const length = first === CONTINUATION ? await this.#takeInt() : first;
    if (first === CONTINUATION && length === undefined) throw new CutOff();
    if (length !== undefined && length > MAX_METADATA_BYTES) throw new RangeError("a message is damaged");
    return length;
  }

  async #begin(): Promise<void> {
    this.#began = true;
    const start = Buffer.from(await this.#peek(8)).toString("latin1");
    if (start.startsWith("FEA1")) throw new NotArrow("Feather V1");
    if (!start.startsWith(MAGIC)) return;
    this.#isFile = true;
    this.#hasMark = true;
    await this.#take(8);
  }

  async #end(isTold: boolean): Promise<void> {
    // A stream may end by being closed, a file not.
    if (!isTold && this.#isFile) throw new CutOff();
    const rest = await this.#peek(1);
    if (isTold && !this.#isFile && rest.length > 0)
      throw new RangeError("something follows the end of the stream; give each stream by itself");
    while ((await this.#bytes.read()) !== undefined);
  }

  async #takeInt(): Promise<number | undefined> {
    const bytes = await this.#peek(4);
    if (bytes.length === 0) return undefined;
    if (bytes.length < 4) throw new CutOff();
    this.#chunk = this.#chunk.subarray(4);
    return Buffer.from(bytes).readUInt32LE();
  }

  /** So many bytes, or those that are left. They stay. */
  async #peek(length: number): Promise<Uint8Array> {
    while (this.#chunk.length < length) {
      const more = await this.#bytes.read();
      if (more === undefined) break;
      this.#chunk = Buffer.concat([this.#chunk, more]);
    }
    return this.#chunk.subarray(0, length);
  }

  /** So many bytes, in memory of their own, where numbers of any size may begin. */
  async #take(length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    for (let filled = 0; filled < length;) {
      if (this.#chunk.length === 0) {
        const more = await this.#bytes.read();
        if (more === undefined) throw new CutOff();
        this.#chunk = more;
      }
      const part = this.#chunk.subarray(0, length - filled);
      bytes.set(part, filled);
      filled += part.length;
      this.#chunk = this.#chunk.subarray(part.length);
    }
    return bytes;
  }
}
