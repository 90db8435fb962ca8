import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import type { CompressionCodec, Compressors } from "hyparquet";
import { compressors } from "hyparquet-compressors";

/** Node's own where it has one, which is faster and stops at the length that the page says. */
const CODECS: Compressors = {
  ...compressors,
  GZIP: (bytes, length) => gunzipSync(bytes, { maxOutputLength: Math.max(length, 1) }),
  BROTLI: (bytes, length) => brotliDecompressSync(bytes, { maxOutputLength: Math.max(length, 1) }),
  ZSTD: (bytes, length) => zstdDecompressSync(bytes, { maxOutputLength: Math.max(length, 1) }),
};

/** Decompressors by codec. A page without values may be written as nothing at all, or as an empty stream. */
export const DECOMPRESSORS: Compressors = Object.fromEntries(
  Object.entries(CODECS).map(([codec, decompress]) => [
    codec,
    (bytes: Uint8Array, length: number) => (length === 0 ? new Uint8Array() : decompress(bytes, length)),
  ]),
);

/** Whether the pages of a codec can be read. */
export function isKnownCodec(codec: CompressionCodec | undefined): boolean {
  return codec === "UNCOMPRESSED" || (codec !== undefined && DECOMPRESSORS[codec] !== undefined);
}
