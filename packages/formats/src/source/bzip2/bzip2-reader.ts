import type { ByteReader } from "../byte-reader.ts";
import { BitReader } from "./bit-reader.ts";
import { blockBytes } from "./block-bytes.ts";
import { Bzip2Error } from "./bzip2-error.ts";
import { readBlock } from "./read-block.ts";

/** How a block begins, and the end of a stream: the first digits of π and of its square root. */
export const BZIP2_BLOCK = 0x314159265359;
export const BZIP2_END = 0x177245385090;

/** The most entries of a block, for each level of compression. */
const LEVEL_ENTRIES = 100_000;

/**
 * No block is longer: 20 bits for each of 900,000 entries, and 36 kB for what says how to read them. A block is read
 * once so many bytes are there, or all.
 */
const MAX_BLOCK_BYTES = 2_300_000;

/** A reader of the decompressed bytes of bzip2, one block at a time; one stream may follow another. */
export function bzip2Reader(reader: ByteReader): ByteReader {
  const chunks = decompressedChunks(reader);
  return {
    async read() {
      const next = await chunks.next();
      return next.done === true ? undefined : next.value;
    },
    cancel: (reason) => reader.cancel(reason),
  };
}

async function* decompressedChunks(reader: ByteReader): AsyncGenerator<Uint8Array, void> {
  const bits = new BitReader();
  let room = new Uint32Array();

  async function fill(bytes: number): Promise<void> {
    const chunks: Uint8Array[] = [];
    let missing = bytes - bits.byteLength;
    while (missing > 0) {
      const chunk = await reader.read();
      if (chunk === undefined) break;
      chunks.push(chunk);
      missing -= chunk.length;
    }
    if (chunks.length > 0) bits.append(chunks);
  }

  await fill(1);
  while (bits.byteLength > 0) {
    await fill(4);
    const entries = readLevel(bits) * LEVEL_ENTRIES;
    if (entries > room.length) room = new Uint32Array(entries);
    let checksum = 0;
    for (;;) {
      await fill(MAX_BLOCK_BYTES);
      const mark = bits.readLong();
      const stored = bits.readChecksum();
      if (mark === BZIP2_END) {
        if (stored !== checksum) throw new Bzip2Error("wrong checksum of the whole");
        break;
      }
      if (mark !== BZIP2_BLOCK) throw new Bzip2Error("no block where one should begin");
      checksum = ((checksum << 1) | (checksum >>> 31)) ^ stored;
      yield* blockBytes(readBlock(bits, room.subarray(0, entries)), stored);
    }
    bits.align();
    await fill(1);
  }
}

/** Reads how a stream begins, which says how large its blocks are. */
function readLevel(bits: BitReader): number {
  const mark = bits.read(24);
  const level = bits.read(8) - 0x30;
  // "BZh"
  if (mark !== 0x425a68 || level < 1 || level > 9) throw new Bzip2Error("bytes that are not bzip2");
  return level;
}
