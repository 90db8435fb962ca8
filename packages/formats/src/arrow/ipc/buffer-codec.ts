import { zstdDecompressSync } from "node:zlib";
import { decodeLz4Frame } from "./lz4-frame.ts";

/** How the buffers of a record batch are compressed, each by itself. */
export type BufferCodec = "lz4" | "zstd";

/** The bytes of the length that stands before a buffer. */
const PREFIX_BYTES = 8;
/** The length of a buffer that is stored as it is. */
const STORED = -1n;

/** A buffer as it was before it was compressed. Throws where that has more bytes than it may. */
export function decompressBuffer(buffer: Uint8Array, codec: BufferCodec, maxBytes: number): Uint8Array {
  if (buffer.length === 0) return buffer;
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  const told = view.getBigInt64(0, true);
  const stored = buffer.subarray(PREFIX_BYTES);
  if (told === STORED) return stored;
  const length = Number(told);
  if (length < 0 || length > maxBytes) throw new RangeError(`a column has ${told} bytes, which are too many`);
  if (length === 0) return stored.subarray(0, 0);
  if (codec === "lz4") return decodeLz4Frame(stored, length);
  const bytes = zstdDecompressSync(stored, { maxOutputLength: length });
  if (bytes.length !== length)
    throw new RangeError(`a column has ${bytes.length} bytes in place of ${length}`);
  return bytes;
}
