import { isUtf8 } from "node:buffer";
import type { ParrotError } from "@parallel-parrot/core";
import { invalidInput, type InputName } from "./input-name.ts";

/** What a chunk holds: whole characters, and the error that follows them if there is one. */
interface CheckedText {
  readonly bytes: Buffer;
  readonly error?: ParrotError;
}

/** Checks bytes to be UTF-8, strips a byte order mark, and gives out whole characters only. */
export interface Utf8Checker {
  check(chunk: Uint8Array): CheckedText;
  /** No bytes; the error of an input that ends within a character. */
  end(): CheckedText;
}

const BOM = Buffer.from("\uFEFF");
const REPLACEMENT = "\uFFFD";

export function utf8Checker(name: InputName): Utf8Checker {
  let cut: Uint8Array = new Uint8Array();
  let offset = 0;
  let line = 1;

  function invalid(byte: number | undefined): ParrotError {
    const hint = offset === 0 && (byte === 0xff || byte === 0xfe) ? " (is it UTF-16?)" : "";
    return invalidInput(name, { line }, `invalid UTF-8 at byte offset ${offset}${hint}; convert it to UTF-8`);
  }

  return {
    check(chunk) {
      const all = cut.length === 0 ? asBuffer(chunk) : Buffer.concat([cut, chunk]);
      cut = cutCharacter(all);
      const whole = all.subarray(0, all.length - cut.length);
      const validBytes = isUtf8(whole) ? whole.length : validPrefix(whole);
      const start = offset === 0 && whole.subarray(0, 3).equals(BOM) ? BOM.length : 0;
      const bytes = whole.subarray(start, validBytes);
      offset += validBytes;
      line += countLines(bytes);
      return validBytes === whole.length ? { bytes } : { bytes, error: invalid(whole[validBytes]) };
    },
    end() {
      const bytes = Buffer.alloc(0);
      return cut.length === 0 ? { bytes } : { bytes, error: invalid(cut[0]) };
    },
  };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The bytes at the end that begin a character and do not finish it. */
function cutCharacter(bytes: Buffer): Buffer {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? bytes.subarray(bytes.length - back) : bytes.subarray(bytes.length);
    }
  }
  return bytes.subarray(bytes.length);
}

/** Bytes before the first one that is not UTF-8: where decoding puts a replacement that is not in the input. */
function validPrefix(bytes: Buffer): number {
  const text = bytes.toString("utf8");
  let offset = 0;
  for (let start = 0, at = text.indexOf(REPLACEMENT); at !== -1; at = text.indexOf(REPLACEMENT, start)) {
    offset += Buffer.byteLength(text.slice(start, at));
    if (bytes.toString("latin1", offset, offset + 3) !== "\xEF\xBF\xBD") break;
    offset += 3;
    start = at + 1;
  }
  return offset;
}

function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) lines += 1;
  return lines;
}
