const MAGIC = 0x18_4d_22_04;
/** Where a block is stored as it is, and not compressed. */
const STORED = 0x80_00_00_00;

/** The bytes in a frame of LZ4, of which there are exactly so many. Throws where it is damaged. */
export function decodeLz4Frame(frame: Uint8Array, length: number): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (view.getUint32(0, true) !== MAGIC) throw new RangeError("it is no frame of LZ4");
  const flags = view.getUint8(4);
  const hasBlockChecksums = (flags & 0x10) !== 0;
  // The length of the content and the number of a dictionary may stand before the checksum of the header.
  let at = 6 + ((flags & 0x08) === 0 ? 0 : 8) + ((flags & 0x01) === 0 ? 0 : 4) + 1;
  const out = new Uint8Array(length);
  let filled = 0;
  for (;;) {
    const size = view.getUint32(at, true);
    at += 4;
    if (size === 0) break;
    const bytes = size & ~STORED;
    if (at + bytes > frame.length) throw new RangeError("a frame of LZ4 is cut off");
    const block = frame.subarray(at, at + bytes);
    if (size >= STORED) {
      out.set(block, filled);
      filled += block.length;
    } else filled = decodeBlock(block, out, filled);
    at += bytes + (hasBlockChecksums ? 4 : 0);
  }
  if (filled !== length) throw new RangeError(`a frame of LZ4 has ${filled} bytes in place of ${length}`);
  return out;
}

/** Adds the bytes of a block, which may repeat some of the blocks before it. Gives where it ended. */
function decodeBlock(block: Uint8Array, out: Uint8Array, start: number): number {
  let at = 0;
  let filled = start;
  const length = (first: number): number => {
    let all = first;
    if (first !== 15) return all;
    for (let more = 255; more === 255;) {
      more = block[at++] ?? damaged();
      all += more;
    }
    return all;
  };
  while (at < block.length) {
    const token = block[at++] ?? damaged();
    const literals = length(token >> 4);
    if (at + literals > block.length || filled + literals > out.length) damaged();
    out.set(block.subarray(at, at + literals), filled);
    at += literals;
    filled += literals;
    // The last sequence has no match.
    if (at === block.length) break;
    const distance = (block[at++] ?? damaged()) | ((block[at++] ?? damaged()) << 8);
    const matched = length(token & 15) + 4;
    if (distance === 0 || distance > filled || filled + matched > out.length) damaged();
    if (distance >= matched) out.copyWithin(filled, filled - distance, filled - distance + matched);
    // What is repeated is written while it is read.
    else
      for (let place = filled; place < filled + matched; place += 1) out[place] = out[place - distance] ?? 0;
    filled += matched;
  }
  return filled;
}

function damaged(): never {
  throw new RangeError("a block of LZ4 is damaged");
}
