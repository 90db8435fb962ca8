import type { Compression } from "../compression.ts";
import type { ByteReader } from "./byte-reader.ts";
import { BZIP2_BLOCK, BZIP2_END } from "./bzip2/bzip2-reader.ts";
import { decompressed } from "./decompressed.ts";
import { firstThen } from "./first-then.ts";
import { invalidInput, type InputName } from "./input-name.ts";

/** By which bytes compressed data begins. */
const COMPRESSIONS: readonly (readonly [compression: Compression, first: Buffer])[] = [
  ["gzip", Buffer.of(0x1f, 0x8b)],
  ["zstd", Buffer.of(0x28, 0xb5, 0x2f, 0xfd)],
  ...bzip2Beginnings().map((first) => ["bzip2", first] as const),
];

/** A text may begin with "BZh" too, so what follows the level of compression counts: a block, or the end of nothing. */
function bzip2Beginnings(): readonly Buffer[] {
  return [BZIP2_BLOCK, BZIP2_END].flatMap((mark) =>
    Array.from({ length: 9 }, (_, index) => Buffer.from(`425a683${index + 1}${mark.toString(16)}`, "hex")),
  );
}

/** By which bytes files begin that are no text, whatever they are called, and what to do with them. */
const OTHERS: readonly (readonly [first: Buffer, what: string])[] = [
  [
    Buffer.of(0x50, 0x4b, 3, 4),
    "an Excel workbook or another ZIP archive; set the option format to what it is, or save the sheet as CSV",
  ],
  [
    Buffer.of(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1),
    "an old Excel workbook (.xls) or another file of Office; save the sheet as CSV",
  ],
  [Buffer.from("PAR1"), 'Parquet; set the option format: "parquet"'],
  [Buffer.from("ARROW1"), 'Arrow; set the option format: "arrow"'],
  [Buffer.from("SQLite format 3\0"), "a SQLite database; set the option format to that, or export the table"],
  [Buffer.from("%PDF-"), "a PDF; extract its text first"],
];

const FIRST_BYTES: readonly Buffer[] = [
  ...COMPRESSIONS.map(([, first]) => first),
  ...OTHERS.map(([first]) => first),
];

/**
 * A reader of the decompressed bytes of text, which may be compressed whatever its name says: its first bytes tell.
 *
 * @param named the compression that the name tells
 * @param onFound is told the compression where that is another
 */
export function foundDecompressed(
  reader: ByteReader,
  named: Compression,
  name: InputName,
  onFound: (compression: Compression) => void,
): ByteReader {
  let opening: Promise<ByteReader> | undefined;

  async function open(): Promise<ByteReader> {
    let head: Buffer = Buffer.alloc(0);
    while (mayBecomeKnown(head)) {
      const chunk = await reader.read();
      if (chunk === undefined) break;
      head = Buffer.concat([head, chunk]);
    }
    const [, other] = OTHERS.find(([first]) => beginsWith(head, first)) ?? [];
    if (other !== undefined)
      throw invalidInput(name, {}, `it is ${other}`, {
        option: other.includes("option format") ? "format" : undefined,
      });
    const compression = compressionBy(head, named);
    if (compression !== named) onFound(compression);
    return decompressed(firstThen(head.length > 0 ? head : undefined, reader), compression, name);
  }

  return {
    async read() {
      opening ??= open();
      return (await opening).read();
    },
    async cancel(reason) {
      // An opening in progress waits for bytes that a cancel ends.
      await reader.cancel(reason);
      const opened = await opening?.catch(() => undefined);
      await opened?.cancel(reason);
    },
  };
}

/** Text without any control character but those of lines is not compressed, whatever its name says. */
function compressionBy(head: Buffer, named: Compression): Compression {
  const [found] = COMPRESSIONS.find(([, first]) => beginsWith(head, first)) ?? [];
  if (found !== undefined || named === "none") return found ?? "none";
  return head.length > 0 && head.every((byte) => byte >= 0x20 || byte === 9 || byte === 10 || byte === 13)
    ? "none"
    : named;
}

/** Whether more bytes may show what these are the first of. */
function mayBecomeKnown(head: Buffer): boolean {
  return FIRST_BYTES.some(
    (first) => head.length < first.length && first.subarray(0, head.length).equals(head),
  );
}

function beginsWith(head: Buffer, first: Buffer): boolean {
  return head.subarray(0, first.length).equals(first);
}
