import { ParrotError } from "@parallel-parrot/core";
import { countLineFeeds } from "./count-lines.ts";
import { invalidInput, type InputName } from "./input-name.ts";
import { shownByte, utf8Checker, type CheckedText, type Utf8Checker } from "./utf8-checker.ts";

/** Byte order marks, and the encodings that they stand for. */
const MARKS: readonly (readonly [mark: readonly number[], encoding: string])[] = [
  [[0xef, 0xbb, 0xbf], "utf-8"],
  [[0xff, 0xfe], "utf-16le"],
  [[0xfe, 0xff], "utf-16be"],
];

/** The marks of UTF-32, which begins as UTF-16 does and which no decoder knows. */
const UTF32_MARKS: readonly (readonly number[])[] = [
  [0xff, 0xfe, 0, 0],
  [0, 0, 0xfe, 0xff],
];

const MARK_BYTES = 4;

/** How text is to be decoded. */
interface EncodedTextOptions {
  /** What it is without a byte order mark. @default UTF-8 */
  readonly encoding?: string | undefined;
  /** Whether messages may advise the option `encoding`. */
  readonly hasOption: boolean;
  /** Is told the encoding that was found by a byte order mark, where that is not what was expected. */
  readonly onFound?: (encoding: string) => void;
}

/**
 * Turns bytes in any encoding into UTF-8, in whole characters. A byte order mark says what they are; without one it is
 * the option.
 */
export function encodedText(
  name: InputName,
  { encoding = "utf-8", hasOption, onFound }: EncodedTextOptions,
): Utf8Checker {
  let head: Buffer = Buffer.alloc(0);
  let text: Utf8Checker | undefined;

  /** What decodes the bytes, once those at their beginning are known. */
  function decoderOf(bytes: Uint8Array): Utf8Checker {
    if (UTF32_MARKS.some((mark) => beginsWith(bytes, mark))) return refusedText(utf32Error(name));
    const [, found] = MARKS.find(([mark]) => beginsWith(bytes, mark)) ?? [];
    if (found !== undefined && found !== encoding) onFound?.(found);
    const known = found ?? encoding;
    return known === "utf-8" ? utf8Checker(name, { hasOption }) : otherText(name, known, found !== undefined);
  }

  return {
    get hasByteOrderMark() {
      return text?.hasByteOrderMark ?? false;
    },
    check(chunk) {
      if (text !== undefined) return text.check(chunk);
      head = Buffer.concat([head, chunk]);
      if (head.length < MARK_BYTES) return { bytes: Buffer.alloc(0) };
      text = decoderOf(head);
      return text.check(head);
    },
    end() {
      if (text !== undefined) return text.end();
      text = decoderOf(head);
      const first = text.check(head);
      return first.error === undefined ? { ...text.end(), bytes: first.bytes } : first;
    },
  };
}

function beginsWith(bytes: Uint8Array, mark: readonly number[]): boolean {
  return mark.every((byte, at) => bytes[at] === byte);
}

function utf32Error(name: InputName): ParrotError {
  return invalidInput(
    name,
    {},
    "it is UTF-32, as its byte order mark says; convert it to UTF-8, such as by iconv -f UTF-32 -t UTF-8",
  );
}

/** Text that is not read at all. */
function refusedText(error: ParrotError): Utf8Checker {
  const refuse = (): CheckedText => ({ bytes: Buffer.alloc(0), error });
  return { hasByteOrderMark: true, check: refuse, end: refuse };
}

/** The name by which decoders know an encoding. @throws ParrotError `INVALID_OPTION` for one that they do not know */
export function encodingOf(label: string | undefined): string | undefined {
  if (label === undefined) return undefined;
  try {
    return new TextDecoder(label).encoding;
  } catch (cause) {
    throw new ParrotError(
      "INVALID_OPTION",
      `Cannot use the option encoding: there is no encoding ${JSON.stringify(label)}; such as "windows-1252", "utf-16le", "shift_jis" or "gb18030"`,
      { option: "encoding", cause },
    );
  }
}

/** Decodes bytes of another encoding than UTF-8. */
function otherText(name: InputName, encoding: string, hasByteOrderMark: boolean): Utf8Checker {
  const options = { fatal: true };
  const decoder = new TextDecoder(encoding, options);
  /** A chunk behind `decoder`, to find the place of a fault in the one at which that one fails. */
  const follower = new TextDecoder(encoding, options);
  let offset = 0;
  let line = 1;

  function fault(chunk: Uint8Array): CheckedText {
    let text = "";
    let at = 0;
    try {
      for (; at < chunk.length; at++) text += follower.decode(chunk.subarray(at, at + 1), { stream: true });
      text += follower.decode();
    } catch (cause) {
      line += countLineFeeds(text);
      const where = `at byte offset ${offset + at}${shownByte(chunk[at])}`;
      const problem = `invalid ${encoding} ${where}; set the option encoding to what it is`;
      return {
        bytes: Buffer.from(text),
        error: invalidInput(name, { line }, problem, { cause, option: "encoding" }),
      };
    }
    return { bytes: Buffer.from(text) };
  }

  return {
    hasByteOrderMark,
    check(chunk) {
      let text: string;
      try {
        text = decoder.decode(chunk, { stream: true });
      } catch {
        return fault(chunk);
      }
      follower.decode(chunk, { stream: true });
      offset += chunk.length;
      line += countLineFeeds(text);
      return { bytes: Buffer.from(text) };
    },
    end() {
      try {
        return { bytes: Buffer.from(decoder.decode()) };
      } catch {
        return fault(new Uint8Array());
      }
    },
  };
}
