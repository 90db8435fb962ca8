import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import type { CompressionCodec } from "hyparquet";
import { compressors } from "hyparquet-compressors";

type Decompress = (bytes: Uint8Array, length: number) => Uint8Array;

/** Node's own where it has one, which is faster and stops at the length that the page says. */
const CODECS: Partial<Record<CompressionCodec, Decompress>> = {
  ...(compressors.SNAPPY === undefined ? {} : { SNAPPY: compressors.SNAPPY }),
  GZIP: (bytes, length) => gunzipSync(bytes, { maxOutputLength: Math.max(length, 1) }),
  BROTLI: (bytes, length) => brotliDecompressSync(bytes, { maxOutputLength: Math.max(length, 1) }),
  ZSTD: (bytes, length) => zstdDecompressSync(bytes, { maxOutputLength: Math.max(length, 1) }),
  ...(compressors.LZ4 === undefined ? {} : { LZ4: compressors.LZ4 }),
  ...(compressors.LZ4_RAW === undefined ? {} : { LZ4_RAW: compressors.LZ4_RAW }),
};

/** Decompressors by codec. A page without values may be written as nothing at all, or as an empty stream. */
export const DECOMPRESSORS: Partial<Record<CompressionCodec, Decompress>> = Object.fromEntries(
  Object.entries(CODECS).map(([codec, decompress]) => [
    codec,
    (bytes: Uint8Array, length: number) => (length === 0 ? new Uint8Array() : decompress(bytes, length)),
  ]),
);

/** Whether the pages of a codec can be read. */
export function isKnownCodec(codec: CompressionCodec | undefined): boolean {
  return codec === "UNCOMPRESSED" || (codec !== undefined && DECOMPRESSORS[codec] !== undefined);
}
