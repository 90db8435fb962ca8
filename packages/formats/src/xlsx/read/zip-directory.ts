import type { RandomAccessFile } from "../../source/random-access-file.ts";

/** A part of a zip file, as the list at its end tells of it. */
export interface ZipEntry {
  readonly name: string;
  readonly isEncrypted: boolean;
  /** 0 for bytes as they are, 8 for those that are deflated. */
  readonly method: number;
  readonly crc: number;
  readonly compressed: number;
  readonly size: number;
  /** Where its own header is. */
  readonly offset: number;
}

const [END_MARK, ENTRY_MARK, LOCAL_MARK] = [0x06_05_4b_50, 0x02_01_4b_50, 0x04_03_4b_50];
const [LARGE_LOCATOR_MARK, LARGE_END_MARK] = [0x07_06_4b_50, 0x06_06_4b_50];
const [END_BYTES, ENTRY_BYTES, LOCAL_BYTES, LOCATOR_BYTES, LARGE_END_BYTES] = [22, 46, 30, 20, 56];
/** A comment may stand behind the end. */
const MAX_COMMENT_BYTES = 0xff_ff;
/** A number that is told in 64 bits elsewhere. */
const [ELSEWHERE_16, ELSEWHERE_32] = [0xff_ff, 0xff_ff_ff_ff];
const LARGE_FIELD = 1;
/** More than any workbook has: the list is in memory. */
const MAX_ENTRIES = 100_000;
const MAX_DIRECTORY_BYTES: number = 64 * 2 ** 20;

interface Directory {
  readonly count: number;
  readonly bytes: number;
  readonly offset: number;
}

/** Reads the list of parts. @throws Error where the file is no zip file, or is damaged */
export async function readDirectory(file: RandomAccessFile): Promise<readonly ZipEntry[]> {
  const { count, bytes, offset } = await findDirectory(file);
  if (count > MAX_ENTRIES || bytes > MAX_DIRECTORY_BYTES)
    throw new RangeError(`it has ${count} parts, more than ${MAX_ENTRIES}`);
  const list = await bytesAt(file, offset, bytes);
  const entries: ZipEntry[] = [];
  for (let at = 0; entries.length < count;) {
    if (at + ENTRY_BYTES > list.length || list.readUInt32LE(at) !== ENTRY_MARK) throw damagedList();
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) => list.readUInt16LE(at + field));
    const nameEnd = at + ENTRY_BYTES + (nameBytes ?? 0);
    const extraEnd = nameEnd + (extraBytes ?? 0);
    if (extraEnd > list.length) throw damagedList();
    entries.push(entryOf(list.subarray(at, nameEnd), list.subarray(nameEnd, extraEnd)));
    at = extraEnd + (commentBytes ?? 0);
  }
  return entries;
}

/** Where the bytes of a part begin. @throws Error where the file is damaged */
export async function contentOffset(file: RandomAccessFile, { name, offset }: ZipEntry): Promise<number> {
  const header = await bytesAt(file, offset, LOCAL_BYTES);
  if (header.readUInt32LE(0) !== LOCAL_MARK) throw new Error(`its part ${name} is not where its list says`);
  return offset + LOCAL_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
}

async function findDirectory(file: RandomAccessFile): Promise<Directory> {
  const start = Math.max(file.size - END_BYTES - MAX_COMMENT_BYTES, 0);
  const tail = await bytesAt(file, start, file.size - start);
  let at = tail.length - END_BYTES;
  while (at >= 0 && tail.readUInt32LE(at) !== END_MARK) at -= 1;
  if (at < 0) throw new Error("it does not end as a zip file does; is it cut off?");
  const [count, bytes, offset] = [
    tail.readUInt16LE(at + 10),
    tail.readUInt32LE(at + 12),
    tail.readUInt32LE(at + 16),
  ];
  if (count !== ELSEWHERE_16 && bytes !== ELSEWHERE_32 && offset !== ELSEWHERE_32)
    return { count, bytes, offset };
  const locator = at - LOCATOR_BYTES;
  if (locator < 0 || tail.readUInt32LE(locator) !== LARGE_LOCATOR_MARK) return { count, bytes, offset };
  const end = await bytesAt(file, numberAt(tail, locator + 8), LARGE_END_BYTES);
  if (end.readUInt32LE(0) !== LARGE_END_MARK) throw damagedList();
  return { count: numberAt(end, 32), bytes: numberAt(end, 40), offset: numberAt(end, 48) };
}

function entryOf(fixed: Buffer, extra: Buffer): ZipEntry {
  const large = largeNumbers(extra);
  // Those that are told elsewhere stand there in this order.
  const [size = 0, compressed = 0, offset = 0] = [24, 20, 42].map((field) => {
    const told = fixed.readUInt32LE(field);
    return told === ELSEWHERE_32 ? (large.shift() ?? told) : told;
  });
  return {
    name: fixed.subarray(ENTRY_BYTES).toString("utf8"),
    isEncrypted: (fixed.readUInt16LE(8) & 1) === 1,
    method: fixed.readUInt16LE(10),
    crc: fixed.readUInt32LE(16),
    compressed,
    size,
    offset,
  };
}

/** The numbers of 64 bits that an entry has. */
function largeNumbers(extra: Buffer): number[] {
  for (let at = 0; at + 4 <= extra.length;) {
    const end = at + 4 + extra.readUInt16LE(at + 2);
    if (end > extra.length) break;
    if (extra.readUInt16LE(at) === LARGE_FIELD)
      return Array.from({ length: Math.floor((end - at - 4) / 8) }, (_, place) =>
        numberAt(extra, at + 4 + place * 8),
      );
    at = end;
  }
  return [];
}

function numberAt(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at));
}

/** @throws Error where a place of the list is beyond the file */
async function bytesAt(file: RandomAccessFile, start: number, length: number): Promise<Buffer> {
  if (start + length > file.size) throw damagedList();
  const { buffer, byteOffset } = await file.read(start, length);
  return Buffer.from(buffer, byteOffset, length);
}

function damagedList(): Error {
  return new Error("its list of parts is damaged; is it cut off?");
}
