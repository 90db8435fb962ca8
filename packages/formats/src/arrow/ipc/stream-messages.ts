import type { ByteReader } from "../../source/byte-reader.ts";
import {
  CONTINUATION,
  CutOff,
  MAGIC,
  MAX_METADATA_BYTES,
  messageOf,
  NotArrow,
  SCHEMA,
  type ArrowMessage,
  type ArrowMessages,
} from "./arrow-message.ts";
import type { ArrowSchema } from "./arrow-field.ts";
import { readSchema } from "./read-schema.ts";

/** The smallest. */
const MIN_METADATA_BYTES = 8;

/** A file whose messages are not all behind each other, so that it is read by its footer alone. */
export class NotInOrder extends Error {}

/** The messages of a stream of Arrow, or of a file that is read as the stream that it has in it. */
export class StreamMessages implements ArrowMessages {
  readonly #bytes: ByteReader;
  #chunk: Uint8Array = new Uint8Array();
  #isFile = false;
  /** Whether the input began as only Arrow does. The oldest streams have no mark. */
  #hasMark = false;

  constructor(bytes: ByteReader) {
    this.#bytes = bytes;
  }

  async schema(): Promise<ArrowSchema | undefined> {
    try {
      const message = await this.#first();
      if (message === undefined) return undefined;
      if (message.kind !== SCHEMA) throw new NotArrow();
      return readSchema(message.header);
    } catch (error) {
      // What has no mark and cannot be read is something else.
      if (this.#hasMark) throw error;
      throw error instanceof NotArrow ? error : new NotArrow(undefined, { cause: error });
    }
  }

  /** The next message; `undefined` at the end, after which the input is read to its last byte. */
  async next(): Promise<ArrowMessage | undefined> {
    const length = await this.#metadataLength();
    if (length === undefined || length === 0) {
      await this.#end(length === 0);
      return undefined;
    }
    return messageOf(await this.#take(length), (bodyLength) => this.#take(bodyLength));
  }

  async #first(): Promise<ArrowMessage | undefined> {
    const start = Buffer.from(await this.#peek(8)).toString("latin1");
    if (start.startsWith("FEA1")) throw new NotArrow("Feather V1");
    if (start.startsWith(MAGIC)) {
      this.#isFile = true;
      this.#hasMark = true;
      await this.#take(8);
    }
    return this.next();
  }

  /** The length of the next message's description; zero at the end that is told, `undefined` where the bytes end. */
  async #metadataLength(): Promise<number | undefined> {
    const first = await this.#takeInt();
    this.#hasMark ||= first === CONTINUATION;
    const length = first === CONTINUATION ? await this.#takeInt() : first;
    if (first === CONTINUATION && length === undefined) throw new CutOff();
    if (length === undefined || length === 0) return length;
    // polars writes the first message of a file without its length.
    if (this.#isFile && length < MIN_METADATA_BYTES) throw new NotInOrder();
    if (length > MAX_METADATA_BYTES) throw new RangeError("a message is damaged");
    return length;
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
