import { isUtf8 } from "node:buffer";
import { promisify } from "node:util";
import zlib, { type BrotliOptions, type ZlibOptions, type ZstdOptions } from "node:zlib";
import { Semaphore } from "../waiting/semaphore.ts";
import { codeOf } from "./system-codes.ts";

type Decompress = (data: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>;

const gunzipped: Decompress = promisify<Buffer, ZlibOptions, Buffer>(zlib.gunzip);

const unzstd = promisify<Buffer, ZstdOptions, Buffer>(zlib.zstdDecompress);
/** The memory that a zstd body may ask for beside its output: 8 MiB, as RFC 9659 allows, and not zlib's 128 MiB. */
const ZSTD_PARAMS = { [zlib.constants.ZSTD_d_windowLogMax]: 23 };

const DECODERS: Readonly<Record<string, Decompress>> = {
  gzip: gunzipped,
  "x-gzip": gunzipped,
  deflate: promisify<Buffer, ZlibOptions, Buffer>(zlib.inflate),
  br: promisify<Buffer, BrotliOptions, Buffer>(zlib.brotliDecompress),
  zstd: (data, options) => unzstd(data, { ...options, params: ZSTD_PARAMS }),
};

/** What some servers call `deflate`, although it has not the header of one. */
const inflatedRaw: Decompress = promisify<Buffer, ZlibOptions, Buffer>(zlib.inflateRaw);

/** How many bodies are decompressed at once. Each takes a thread, and as much memory as its output may have. */
const MAX_AT_ONCE = 4;
const semaphore = new Semaphore(MAX_AT_ONCE);

/** Whether these are the first bytes of a gzip file. No text begins so. */
export function isGzip(data: Buffer): boolean {
  return data[0] === 0x1f && data[1] === 0x8b;
}

/**
 * Undoes a `content-encoding`, for a few bodies at a time. Stops at `maxBytes` of output, so that a small body cannot
 * become a huge one. The bytes have the last word: proxies announce what they have undone already, or `utf-8`, or
 * nothing at all, so that a text is taken as it is, and what begins like gzip is unpacked.
 *
 * @throws RangeError when the output would be larger than `maxBytes`; any other error means a broken body
 */
export async function decompress(data: Buffer, encoding: string, maxBytes: number): Promise<Buffer> {
  await semaphore.acquire();
  try {
    return await decode(data, encoding, maxBytes);
  } finally {
    semaphore.release();
  }
}

async function decode(data: Buffer, encoding: string, maxBytes: number): Promise<Buffer> {
  let result = data;
  let unknown: string | undefined;
  // Encodings are listed in the order in which they were applied (RFC 9110 §8.4).
  for (const name of encoding.toLowerCase().split(",").toReversed()) {
    const coding = name.trim();
    const decoder = DECODERS[coding];
    if (decoder !== undefined) result = await undo(decoder, result, maxBytes);
    else if (coding !== "" && coding !== "identity") unknown = coding;
  }
  if (isGzip(result)) result = await undo(gunzipped, result, maxBytes);
  if (unknown === undefined || isUtf8(result)) return result;
  throw new TypeError(`Cannot decode the content-encoding "${unknown}"`);
}

async function undo(decoder: Decompress, data: Buffer, maxBytes: number): Promise<Buffer> {
  try {
    return await decoder(data, { maxOutputLength: maxBytes });
  } catch (error) {
    if (error instanceof RangeError || codeOf(error) === "ZSTD_error_frameParameter_windowTooLarge")
      throw new RangeError(`The response is larger than ${maxBytes} bytes`, { cause: error });
    if (isUtf8(data)) return data;
    if (decoder === DECODERS["deflate"]) return undo(inflatedRaw, data, maxBytes);
    throw error;
  }
}
