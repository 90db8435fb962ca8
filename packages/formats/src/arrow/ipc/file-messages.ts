import {
  CONTINUATION,
  CutOff,
  MAGIC,
  MAX_METADATA_BYTES,
  messageOf,
  type ArrowMessage,
  type ArrowMessages,
} from "./arrow-message.ts";
import type { ArrowSchema } from "./arrow-field.ts";
import { FlatTable } from "./flatbuffer-reader.ts";
import { readSchema } from "./read-schema.ts";

/** What is read at any of its places. */
export interface RandomAccess {
  readonly size: number;
  /** So many bytes from a place on, in memory of their own. */
  read(start: number, length: number): Promise<Uint8Array>;
}

interface Block {
  readonly offset: number;
  readonly metadataLength: number;
}

/** The messages of a file of Arrow, where its footer says that they are. Those of dictionaries come first. */
export class FileMessages implements ArrowMessages {
  readonly #file: RandomAccess;
  readonly #blocks: Block[] = [];
  #next = 0;

  constructor(file: RandomAccess) {
    this.#file = file;
  }

  async schema(): Promise<ArrowSchema> {
    const { size } = this.#file;
    const tail = Buffer.from(await this.#read(size - MAGIC.length - 4, MAGIC.length + 4));
    if (tail.toString("latin1", 4) !== MAGIC) throw new CutOff();
    const length = tail.readInt32LE();
    const footer = FlatTable.root(await this.#description(size - tail.length - length, length));
    const schema = footer.table(1);
    if (schema === undefined) throw new RangeError("its footer is damaged");
    // A block is two integers of 32 bits between two of 64.
    const blocks = [...footer.longs(2, 3), ...footer.longs(3, 3)];
    for (let at = 0; at < blocks.length; at += 3)
      this.#blocks.push({
        offset: blocks[at] ?? 0,
        metadataLength: Number(BigInt.asIntN(32, BigInt(blocks[at + 1] ?? 0))),
      });
    return readSchema(schema);
  }

  async next(): Promise<ArrowMessage | undefined> {
    const block = this.#blocks[this.#next];
    if (block === undefined) return undefined;
    this.#next += 1;
    const { offset, metadataLength } = block;
    const metadata = await this.#description(offset, metadataLength);
    // The oldest files have only its length in front of a message.
    const start = Buffer.from(metadata).readUInt32LE() === CONTINUATION ? 8 : 4;
    return messageOf(metadata.subarray(start), (length) => this.#read(offset + metadataLength, length));
  }

  async #description(start: number, length: number): Promise<Uint8Array> {
    if (length > MAX_METADATA_BYTES) throw new RangeError("its footer is damaged");
    return this.#read(start, length);
  }

  #read(start: number, length: number): Promise<Uint8Array> {
    if (start < 0 || length < 0 || start + length > this.#file.size) throw new CutOff();
    return this.#file.read(start, length);
  }
}
