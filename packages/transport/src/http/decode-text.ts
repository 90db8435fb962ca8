import { isUtf8 } from "node:buffer";
import { TextDecoder } from "node:util";

/**
 * The text of a body. JSON is UTF-8 by its standard, so that a body which is UTF-8 is read as that, whatever charset
 * the server announces: many announce the `iso-8859-1` of their framework and send UTF-8. A byte order mark is no part
 * of the text, and a JSON parser would stop at it.
 */
export function decodeText(bytes: Buffer, contentType: string | undefined): string {
  const charset = markedCharset(bytes) ?? announcedCharset(contentType);
  const isOther = charset !== undefined && (charset.startsWith("utf-16") || !isUtf8(bytes));
  if (isOther) return decoderOf(charset).decode(bytes);
  return bytes.toString("utf8", hasUtf8Mark(bytes) ? UTF8_MARK.length : 0);
}

const UTF8_MARK = Buffer.from("\uFEFF");

function hasUtf8Mark(bytes: Buffer): boolean {
  return bytes[0] === UTF8_MARK[0] && bytes.subarray(0, UTF8_MARK.length).equals(UTF8_MARK);
}

function markedCharset(bytes: Buffer): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  return bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : undefined;
}

const CHARSET = /;\s*charset\s*=\s*["']?([^\s;"']+)/i;

/** `undefined` for UTF-8, which needs no decoder of its own. */
function announcedCharset(contentType = ""): string | undefined {
  const charset = CHARSET.exec(contentType)?.[1]?.toLowerCase();
  return charset === "utf-8" || charset === "utf8" ? undefined : charset;
}

/** A charset that nobody knows is read as UTF-8. */
function decoderOf(charset: string): TextDecoder {
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}
