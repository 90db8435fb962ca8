import { closeSync, existsSync, lstatSync, openSync, readSync } from "node:fs";
import { firstPagesOfLog } from "./log-pages.ts";
import { realPath } from "./real-path.ts";
import { openGuarded } from "./sqlite.ts";

/** Files that were looked at, by drive, number and birth: numbers are given again. */
const seen = new Set<string>();

/**
 * Refuses a file whose list of tables is longer than the first page. SQLite reads all of that list before it does
 * anything else, and nothing can stop it: a file of 70 kB can have a list without an end, and one of 12 kB a
 * text in it of a gigabyte. The tables of a journal take half a page.
 *
 * It is looked at before this process uses the file, and once: to close a file releases all locks that the process has
 * on it.
 *
 * @throws where the list is longer
 */
export function requireShortSchema(path: string): void {
  const place = realPath(path);
  const status = lstatSync(place, { bigint: true, throwIfNoEntry: false });
  if (status?.isFile() !== true) return;
  const id = `${status.dev} ${status.ino} ${status.birthtimeNs}`;
  if (seen.has(id)) return;
  if (existsSync(`${place}-journal`)) rollBack(place);
  requireShort(firstPageOf(place));
  for (const page of firstPagesOfLog(`${place}-wal`)) requireShort(page);
  seen.add(id);
}

/** Has SQLite undo what a killed process has left half-done, which may be the list itself. The list is not read. */
function rollBack(path: string): void {
  const database = openGuarded(path);
  try {
    database.exec("PRAGMA busy_timeout = 2000; PRAGMA user_version;");
  } finally {
    database.close();
  }
}

const MAX_PAGE_BYTES = 65_536;

function firstPageOf(path: string): Buffer {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(MAX_PAGE_BYTES);
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(file);
  }
}

const MAGIC = "SQLite format 3\0";
/** Where the head of the list begins: before it is the head of the file. */
const HEAD = 100;
/** Where the places of its entries begin. */
const PLACES = HEAD + 8;
/** The kind of a page that has entries and no children. */
const LEAF = 13;

function requireShort(page: Buffer): void {
  if (!hasLongSchema(page)) return;
  throw new Error(
    "it has more tables than this program makes, so it is of another program or was tampered with; move it away",
  );
}

/** @param start of a file; SQLite refuses by itself what has no first page */
function hasLongSchema(start: Buffer): boolean {
  if (start.length < PLACES || start.toString("latin1", 0, MAGIC.length) !== MAGIC) return false;
  const said = start.readUInt16BE(16);
  const page = start.subarray(0, said === 1 ? MAX_PAGE_BYTES : said);
  if (page.length < PLACES || page.readUInt8(HEAD) !== LEAF) return true;
  let bytes = 0;
  for (let entry = 0; entry < page.readUInt16BE(HEAD + 3); entry++) {
    const place = PLACES + 2 * entry;
    bytes += place + 2 > page.length ? Infinity : lengthAt(page, page.readUInt16BE(place));
    // Entries that overlap, or go on in other pages.
    if (bytes > page.length) return true;
  }
  return false;
}

/** A length in SQLite's form: seven bits in a byte, the highest first. More than the page has where it ends before. */
function lengthAt(page: Buffer, place: number): number {
  let length = 0;
  for (let index = place; index < page.length; index++) {
    const byte = page.readUInt8(index);
    length = length * 128 + (byte & 0x7f);
    if (byte < 0x80 || length > page.length) return length;
  }
  return Infinity;
}
