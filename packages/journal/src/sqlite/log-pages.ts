import { closeSync, lstatSync, openSync, readSync } from "node:fs";

const HEAD_BYTES = 32;
const FRAME_HEAD_BYTES = 24;
const MAGIC = 0x377f0682;

/**
 * The first page of a database as it stands in the write-ahead log beside it, once for each time that it was changed.
 * A log counts up to the first frame whose checksum does not fit: that is the end that SQLite finds too. The bytes hold
 * until the next are asked for.
 */
export function* firstPagesOfLog(path: string): Generator<Buffer> {
  // A pipe must not be opened: that would wait for somebody to write to it.
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) return;
  const file = openSync(path, "r");
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    const magic = readSync(file, head, 0, HEAD_BYTES, 0) === HEAD_BYTES ? head.readUInt32BE(0) : 0;
    if (magic !== MAGIC && magic !== MAGIC + 1) return;
    const sums = new Checksums(magic === MAGIC);
    sums.add(head.subarray(0, 24));
    const pageBytes = head.readUInt32BE(8);
    if (!sums.are(head.subarray(24)) || pageBytes < 512 || pageBytes > 65_536) return;
    const frame = Buffer.alloc(FRAME_HEAD_BYTES + pageBytes);
    for (let place = HEAD_BYTES; readSync(file, frame, 0, frame.length, place) === frame.length;) {
      sums.add(frame.subarray(0, 8));
      sums.add(frame.subarray(FRAME_HEAD_BYTES));
      const isOfThisLog = frame.subarray(8, 16).equals(head.subarray(16, 24));
      if (!isOfThisLog || !sums.are(frame.subarray(16))) return;
      if (frame.readUInt32BE(0) === 1) yield frame.subarray(FRAME_HEAD_BYTES);
      place += frame.length;
    }
  } finally {
    closeSync(file);
  }
}

/** The two sums over all that a log has up to some place. */
class Checksums {
  readonly #isLittleEndian: boolean;
  #first = 0;
  #second = 0;

  constructor(isLittleEndian: boolean) {
    this.#isLittleEndian = isLittleEndian;
  }

  /** @param bytes a multiple of eight */
  add(bytes: Buffer): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let index = 0; index + 8 <= bytes.length; index += 8) {
      this.#first = (this.#first + view.getUint32(index, this.#isLittleEndian) + this.#second) >>> 0;
      this.#second = (this.#second + view.getUint32(index + 4, this.#isLittleEndian) + this.#first) >>> 0;
    }
  }

  /** Whether these bytes say what the sums are. */
  are(bytes: Buffer): boolean {
    return bytes.readUInt32BE(0) === this.#first && bytes.readUInt32BE(4) === this.#second;
  }
}
