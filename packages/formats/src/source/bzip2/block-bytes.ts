import { Bzip2Error } from "./bzip2-error.ts";
import type { Block } from "./read-block.ts";

const PIECE_BYTES = 64 * 1024;

/** A byte that came so many times is followed by the number of times that it comes again. */
const REPEATED = 4;

/** The most bytes that one of a block stands for. */
const MAX_REPEAT = 255;

/**
 * The bytes of a block in pieces: a block of 900 kB may be one of 46 MB before its runs were shortened.
 *
 * @param checksum what that of all bytes has to be
 */
export function* blockBytes({ entries, first }: Block, checksum: number): Generator<Uint8Array, void> {
  let at = first;
  let [latest, run] = [-1, 0];
  let [piece, length] = [Buffer.allocUnsafe(PIECE_BYTES), 0];
  let found = -1;
  for (let left = entries.length; left > 0; left--) {
    const entry = entries[at] ?? 0;
    const value = entry & 0xff;
    at = entry >>> 8;
    if (run === REPEATED) {
      piece.fill(latest, length, length + value);
      length += value;
      run = 0;
    } else {
      run = value === latest ? run + 1 : 1;
      latest = value;
      piece[length] = value;
      length += 1;
    }
    if (length + MAX_REPEAT <= PIECE_BYTES && left > 1) continue;
    const bytes = piece.subarray(0, length);
    found = updated(found, bytes);
    yield bytes;
    [piece, length] = [Buffer.allocUnsafe(PIECE_BYTES), 0];
  }
  if (~found !== checksum) throw new Bzip2Error("wrong checksum of a block");
}

/** The checksum of Ethernet, from the highest bit to the lowest: zlib's begins with the lowest. */
const CHECKSUMS = Int32Array.from({ length: 256 }, (_, value) => {
  let checksum = value << 24;
  for (let bit = 0; bit < 8; bit++) checksum = (checksum << 1) ^ (checksum < 0 ? 0x04c11db7 : 0);
  return checksum;
});

function updated(before: number, bytes: Uint8Array): number {
  let checksum = before;
  for (const value of bytes) checksum = (checksum << 8) ^ (CHECKSUMS[(checksum >>> 24) ^ value] ?? 0);
  return checksum;
}
