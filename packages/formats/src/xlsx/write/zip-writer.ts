import { constants, crc32, deflateRawSync } from "node:zlib";

/** No part may be longer without the larger records of zip, which not all programs read. */
const MAX_BYTES = 2 ** 32 - 1;
/** The end of compressed data: a last block with nothing in it. */
const LAST_BLOCK = Buffer.from([0x03, 0x00]);
/** 1980-01-01, with which zip begins to count: the same rows give the same bytes. */
const [TIME, DAY] = [0, 0x21];
/** Sizes come behind a part. */
const SIZES_FOLLOW = 0x08;
const DEFLATED = 8;
const VERSION = 20;
const DESCRIPTOR_BYTES = 16;

/** How much of a part there is so far. */
export interface PartMark {
  readonly crc: number;
  readonly size: number;
  readonly compressed: number;
}

interface Part extends PartMark {
  readonly name: Buffer;
  readonly offset: number;
}

const EMPTY: PartMark = { crc: 0, size: 0, compressed: 0 };

/** Writes the parts of a zip file one after the other, each in any number of pieces. */
export class ZipWriter {
  readonly #parts: Part[] = [];
  #offset = 0;

  /** A whole part. */
  part(name: string, content: string): Buffer {
    const writer = this.begin(name);
    const bytes = writer.add(Buffer.from(content));
    return Buffer.concat([writer.head, bytes, writer.end()]);
  }

  /** Begins a part. The next one begins after its end. */
  begin(name: string): PartWriter {
    const [offset, encoded] = [this.#offset, Buffer.from(name)];
    const head = localHeader(encoded);
    return new PartWriter(head, (mark) => {
      this.#parts.push({ ...mark, name: encoded, offset });
      this.#offset = offset + head.length + mark.compressed + DESCRIPTOR_BYTES;
    });
  }

  /** The list of parts, with which the file ends. */
  end(): Buffer {
    const entries = this.#parts.map(directoryEntry);
    const size = entries.reduce((sum, { length }) => sum + length, 0);
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06_05_4b_50, 0);
    end.writeUInt16LE(entries.length, 8);
    end.writeUInt16LE(entries.length, 10);
    end.writeUInt32LE(size, 12);
    end.writeUInt32LE(this.#offset, 16);
    return Buffer.concat([...entries, end]);
  }
}

/** Writes a part in pieces, each of which is compressed on its own. */
export class PartWriter {
  /** What comes before the first piece. */
  readonly head: Buffer;
  readonly #onEnd: (mark: PartMark) => void;
  #mark = EMPTY;

  constructor(head: Buffer, onEnd: (mark: PartMark) => void) {
    this.head = head;
    this.#onEnd = onEnd;
  }

  /** How much there is so far. */
  get mark(): PartMark {
    return this.#mark;
  }

  /** @throws RangeError where the part would become too long; it is then as if it had not been called */
  add(content: Uint8Array): Buffer {
    const bytes = deflateRawSync(content, { finishFlush: constants.Z_SYNC_FLUSH });
    const { crc, size, compressed } = this.#mark;
    if (size + content.length > MAX_BYTES) throw new RangeError(`it has more than ${MAX_BYTES} bytes`);
    this.#mark = {
      crc: crc32(content, crc),
      size: size + content.length,
      compressed: compressed + bytes.length,
    };
    return bytes;
  }

  /** Goes back to where the part was once, as what followed could not be written. */
  rewind(mark: PartMark): void {
    this.#mark = mark;
  }

  /** The end of the part. */
  end(): Buffer {
    const { crc, size, compressed } = this.#mark;
    const whole = { crc, size, compressed: compressed + LAST_BLOCK.length };
    this.#onEnd(whole);
    const descriptor = Buffer.alloc(DESCRIPTOR_BYTES);
    descriptor.writeUInt32LE(0x08_07_4b_50, 0);
    writeMark(descriptor, whole, 4);
    return Buffer.concat([LAST_BLOCK, descriptor]);
  }
}

function writeMark(target: Buffer, { crc, size, compressed }: PartMark, at: number): void {
  target.writeUInt32LE(crc, at);
  target.writeUInt32LE(compressed, at + 4);
  target.writeUInt32LE(size, at + 8);
}

function localHeader(name: Buffer): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04_03_4b_50, 0);
  writeCommon(header, 4);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, name]);
}

function directoryEntry({ name, offset, ...mark }: Part): Buffer {
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02_01_4b_50, 0);
  entry.writeUInt16LE(VERSION, 4);
  writeCommon(entry, 6);
  writeMark(entry, mark, 16);
  entry.writeUInt16LE(name.length, 28);
  entry.writeUInt32LE(offset, 42);
  return Buffer.concat([entry, name]);
}

function writeCommon(target: Buffer, at: number): void {
  target.writeUInt16LE(VERSION, at);
  target.writeUInt16LE(SIZES_FOLLOW, at + 2);
  target.writeUInt16LE(DEFLATED, at + 4);
  target.writeUInt16LE(TIME, at + 6);
  target.writeUInt16LE(DAY, at + 8);
}
