import zlib from "node:zlib";

/** Shorter bodies are kept as text: they would hardly shrink, and any SQLite program can read them. */
const LEAST_COMPRESSED = 4096;
/** What a compressed body may have of its bytes to be worth it. */
const WORTH_IT = 0.75;

/** A body as it is stored: text, or where that is much shorter a zstd frame. */
export function packBody(body: string): string | Uint8Array {
  if (body.length < LEAST_COMPRESSED) return body;
  const bytes = Buffer.from(body);
  const packed = zlib.zstdCompressSync(bytes);
  return packed.length < bytes.length * WORTH_IT ? packed : body;
}

/** The longest value of SQLite: nobody has kept a longer body. */
const MAX_BODY_BYTES = 1_000_000_000;

/** The body that was stored. @throws where it is no zstd frame, or one of more than a gigabyte */
export function unpackBody(stored: unknown): string {
  if (!(stored instanceof Uint8Array)) return String(stored);
  return zlib.zstdDecompressSync(stored, { maxOutputLength: MAX_BODY_BYTES }).toString("utf8");
}
