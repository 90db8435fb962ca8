import { isUtf8 } from "node:buffer";
import { Semaphore } from "../waiting/semaphore.ts";
import { codingsOf, DEFLATE, GZIP, isGzip, RAW_DEFLATE, type ContentCoding } from "./content-codings.ts";
import { codeOf } from "./system-codes.ts";

/** How many bodies are decompressed at once. Each takes a thread, and as much memory as its output may have. */
const MAX_AT_ONCE = 4;
const semaphore = new Semaphore(MAX_AT_ONCE);

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
  const { codings, unknown } = codingsOf(encoding);
  let result = data;
  for (const coding of codings) result = await undo(coding, result, maxBytes);
  if (isGzip(result)) result = await undo(GZIP, result, maxBytes);
  if (unknown === undefined || isUtf8(result)) return result;
  throw new TypeError(`Cannot decode the content-encoding "${unknown}"`);
}

async function undo(coding: ContentCoding, data: Buffer, maxBytes: number): Promise<Buffer> {
  try {
    return await coding.undo(data, { maxOutputLength: maxBytes });
  } catch (error) {
    if (isTooLarge(error))
      throw new RangeError(`The response is larger than ${maxBytes} bytes`, { cause: error });
    if (isUtf8(data)) return data;
    if (coding === DEFLATE) return undo(RAW_DEFLATE, data, maxBytes);
    throw error;
  }
}

/** Whether a body cannot be unpacked as that would take more memory than it may. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof RangeError || codeOf(error) === "ZSTD_error_frameParameter_windowTooLarge";
}
