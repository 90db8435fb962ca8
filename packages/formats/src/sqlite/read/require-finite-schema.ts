import type { RandomAccessFile } from "../../source/random-access-file.ts";

/** Kinds of pages: with children, and with entries. */
const [BRANCH, LEAF] = [5, 13];
/** What stands before the head of the first page. */
const FILE_HEAD = 100;

/**
 * Refuses a file whose list of tables has no end. SQLite reads all of that list before it does anything else, in one
 * call that nothing can interrupt, and in a file that a stranger has made its pages can lead back to themselves. So each
 * page of it may be there once, and its entries take no more bytes than the file has.
 *
 * @throws RangeError where the list has no end
 */
export async function requireFiniteSchema(file: RandomAccessFile): Promise<void> {
  const head = Buffer.from(await file.read(0, FILE_HEAD));
  const said = head.readUInt16BE(16);
  const pageBytes = said === 1 ? 65_536 : said;
  const [seen, waiting] = [new Set<number>(), [1]];
  let entryBytes = 0;
  for (let number = waiting.pop(); number !== undefined; number = waiting.pop()) {
    if (seen.has(number)) throw endless();
    seen.add(number);
    const start = (number - 1) * pageBytes;
    // What lies behind the end of the file is damaged, which SQLite says better.
    if (pageBytes < 512 || start < 0 || start + pageBytes > file.size) return;
    const page = Buffer.from(await file.read(start, pageBytes));
    const at = number === 1 ? FILE_HEAD : 0;
    const kind = page.readUInt8(at);
    if (kind !== BRANCH && kind !== LEAF) continue;
    const places = at + (kind === BRANCH ? 12 : 8);
    const count = Math.min(page.readUInt16BE(at + 3), Math.floor((pageBytes - places) / 2));
    if (kind === BRANCH) waiting.push(page.readUInt32BE(at + 8));
    for (let entry = 0; entry < count; entry += 1) {
      const place = page.readUInt16BE(places + 2 * entry);
      if (place + 4 > pageBytes) continue;
      if (kind === BRANCH) waiting.push(page.readUInt32BE(place));
      else entryBytes += lengthAt(page, place);
      if (entryBytes > file.size) throw endless();
    }
  }
}

/** A length in SQLite's form: seven bits in a byte, the highest first. */
function lengthAt(page: Buffer, place: number): number {
  let length = 0;
  for (let index = place; index < page.length && index < place + 9; index += 1) {
    const byte = page.readUInt8(index);
    length = length * 128 + (byte & 0x7f);
    if (byte < 0x80) break;
  }
  return length;
}

function endless(): RangeError {
  return new RangeError("its list of tables leads back to itself");
}
