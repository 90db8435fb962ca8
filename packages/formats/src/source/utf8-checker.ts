import { isUtf8 } from "node:buffer";
import type { ParrotError } from "@parallel-parrot/core";
import { invalidInput, type InputName } from "./input-name.ts";

/** What a chunk holds: whole characters, and the error that follows them if there is one. */
export interface CheckedText {
  readonly bytes: Buffer;
  readonly error?: ParrotError;
}

/** Checks bytes to be UTF-8, strips a byte order mark, and gives out whole characters only. */
export interface Utf8Checker {
  /** Whether the input began with a byte order mark. */
  readonly hasByteOrderMark: boolean;
  check(chunk: Uint8Array): CheckedText;
  /** The rest; the error of an input that ends within a character. */
  end(): CheckedText;
}

const BOM = Buffer.from("\uFEFF");
const UTF16_HINT = " (is it UTF-16?)";
/** What text that is not UTF-8 most often is. */
const OTHERS = '"windows-1252"';
const REPLACEMENT = "\uFFFD";

/** @param options whether messages may advise the option `encoding` */
export function utf8Checker(name: InputName, { hasOption }: { readonly hasOption: boolean }): Utf8Checker {
  let cut: Uint8Array = new Uint8Array();
  let offset = 0;
  let line = 1;
  let hasByteOrderMark = false;

  function invalid(problem: string, at: number, hint: string, encodings = OTHERS): ParrotError {
    const remedy = hasOption ? `set the option encoding to what it is, such as ${encodings}, or ` : "";
    const found = `${problem} at byte offset ${at}${hint}`;
    return invalidInput(name, { line }, `${found}; ${remedy}convert it to UTF-8`, {
      option: hasOption ? "encoding" : undefined,
    });
  }

  return {
    get hasByteOrderMark() {
      return hasByteOrderMark;
    },
    check(chunk) {
      const all = cut.length === 0 ? asBuffer(chunk) : Buffer.concat([cut, chunk]);
      cut = cutCharacter(all);
      const whole = all.subarray(0, all.length - cut.length);
      // UTF-16 without a byte order mark may be valid UTF-8, with a null as every other character.
      const nullAt = offset < 2 ? whole.subarray(0, 2 - offset).indexOf(0) : -1;
      if (nullAt !== -1) {
        const error = invalid(
          "a null character",
          offset + nullAt,
          UTF16_HINT,
          nullAt === 0 ? '"utf-16be"' : '"utf-16le"',
        );
        return { bytes: Buffer.alloc(0), error };
      }
      const validBytes = isUtf8(whole) ? whole.length : validPrefix(whole);
      const start = offset === 0 && whole.subarray(0, 3).equals(BOM) ? BOM.length : 0;
      if (start > 0) hasByteOrderMark = true;
      const bytes = whole.subarray(start, validBytes);
      offset += validBytes;
      line += countLines(bytes);
      if (validBytes === whole.length) return { bytes };
      return { bytes, error: invalid("invalid UTF-8", offset, shownByte(whole[validBytes])) };
    },
    end() {
      const bytes = Buffer.alloc(0);
      return cut.length === 0
        ? { bytes }
        : { bytes, error: invalid("invalid UTF-8", offset, shownByte(cut[0])) };
    },
  };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The byte at which something is wrong, by which its encoding may be guessed. */
export function shownByte(byte: number | undefined): string {
  return byte === undefined ? "" : ` (0x${byte.toString(16).padStart(2, "0")})`;
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

/** How many bytes come before the first one that is not UTF-8, where decoding puts a replacement character. */
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
