import type { ProviderResponse } from "@parallel-parrot/providers";
import { isGzip } from "./content-codings.ts";
import { decodeText } from "./decode-text.ts";
import { decompress } from "./decompress.ts";
import { HttpError } from "./http-error.ts";

type Headers = ProviderResponse["headers"];

/**
 * The text of a body that has come whole.
 *
 * @param maxBytes the most bytes that it may have when it is decompressed
 * @throws HttpError
 */
export function readBody(bytes: Buffer, headers: Headers, maxBytes: number): string | Promise<string> {
  const encoding = headerOf(headers, "content-encoding");
  return encoding === "" && !isGzip(bytes) ? textOf(bytes, headers) : unpacked(bytes, headers, maxBytes);
}

/** A header as a text; empty where there is none. */
export function headerOf(headers: Headers, name: string): string {
  return String(headers[name] ?? "");
}

/** What is wrong with a body that cannot be decompressed. */
export function unpackError(error: unknown, encoding: string): HttpError {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof RangeError) return new HttpError("RESPONSE_TOO_LARGE", message, error);
  const name = encoding || "gzip";
  return new HttpError("BAD_RESPONSE", `Cannot decompress the response (${name}): ${message}`, error);
}

async function unpacked(bytes: Buffer, headers: Headers, maxBytes: number): Promise<string> {
  const encoding = headerOf(headers, "content-encoding");
  let plain: Buffer;
  try {
    plain = await decompress(bytes, encoding, maxBytes);
  } catch (error) {
    throw unpackError(error, encoding);
  }
  return textOf(plain, headers);
}

function textOf(bytes: Buffer, headers: Headers): string {
  return decodeText(bytes, headerOf(headers, "content-type"));
}
