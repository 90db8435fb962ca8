import zlib from "node:zlib";

/** Shorter bodies are kept as text: they would hardly shrink, and any SQLite program can read them. */
const LEAST_COMPRESSED = 4096;
/** A compressed body is kept where it has less than this part of the bytes. */
const WORTH_IT = 0.75;

/** A body as it is stored: text, or where that is much shorter a zstd frame. */
export function packBody(body: string): string | Uint8Array {
  if (body.length < LEAST_COMPRESSED) return body;
  const bytes = Buffer.from(body);
  const packed = zlib.zstdCompressSync(bytes);
  return packed.length < bytes.length * WORTH_IT ? packed : body;
}

/** The longest value that SQLite can store, so no body is longer. */
const MAX_BODY_BYTES = 1_000_000_000;

/** The longest body of somebody else that is shown: a frame of 15 kB may hold 500 MB. A response has 32 MiB at most. */
const MAX_OTHERS_BYTES = 64 * 2 ** 20;

/**
 * The body that was stored.
 *
 * @param isOwn whether the user has kept it, so that it is what it was
 * @throws where it is not a zstd frame, or is too long
 */
export function unpackBody(stored: unknown, isOwn: boolean): string {
  const maxOutputLength = isOwn ? MAX_BODY_BYTES : MAX_OTHERS_BYTES;
  if (stored instanceof Uint8Array)
    return zlib.zstdDecompressSync(stored, { maxOutputLength }).toString("utf8");
  const text = String(stored);
  if (text.length > maxOutputLength) throw new RangeError("it is too long");
  return text;
}
