import { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import { fromRandomAccessReaderPromise, RandomAccessReader, type Entry, type ZipFile } from "yauzl";
import type { RandomAccessFile } from "../../source/random-access-file.ts";

/** More parts than any workbook has: each takes memory. */
const MAX_ENTRIES = 100_000;
const CHUNK_BYTES = 64 * 1024;

/** The parts of a zip file by their names, whose case does not count. */
export class ZipArchive {
  readonly #zip: ZipFile;
  readonly #entries: ReadonlyMap<string, Entry>;

  private constructor(zip: ZipFile, entries: ReadonlyMap<string, Entry>) {
    this.#zip = zip;
    this.#entries = entries;
  }

  /** Reads the list of parts. @throws Error where the file is no zip file, or is damaged */
  static async open(file: RandomAccessFile): Promise<ZipArchive> {
    const options = { lazyEntries: true, autoClose: false };
    const zip = await fromRandomAccessReaderPromise(new ZipBytes(file), file.size, options);
    const entries = new Map<string, Entry>();
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileName.toLowerCase();
      if (entries.has(name)) throw new Error(`it has two parts called ${entry.fileName}`);
      entries.set(name, entry);
      if (entries.size > MAX_ENTRIES) throw new Error(`it has more than ${MAX_ENTRIES} parts`);
    }
    return new ZipArchive(zip, entries);
  }

  has(name: string): boolean {
    return this.#entries.has(name.toLowerCase());
  }

  /** How many bytes a part has; 0 where there is none. */
  sizeOf(name: string): number {
    return this.#entries.get(name.toLowerCase())?.uncompressedSize ?? 0;
  }

  /** The bytes of a part, of which no more are unpacked than are taken. @throws Error where they are damaged */
  async *chunks(name: string): AsyncGenerator<Uint8Array, void, undefined> {
    const entry = this.#entries.get(name.toLowerCase());
    if (entry === undefined) throw new Error(`its part ${name} is missing`);
    if (entry.isEncrypted()) throw new Error(`its part ${name} is encrypted`);
    let sum = 0;
    for await (const chunk of await this.#zip.openReadStreamPromise(entry)) {
      const bytes = chunk as Uint8Array;
      sum = crc32(bytes, sum);
      yield bytes;
    }
    if (sum !== entry.crc32) throw new Error(`the checksum of its part ${name} is wrong`);
  }
}

/** The bytes of a file as the library takes them. */
class ZipBytes extends RandomAccessReader {
  readonly #file: RandomAccessFile;

  constructor(file: RandomAccessFile) {
    super();
    this.#file = file;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#chunks(start, end), { objectMode: false, highWaterMark: CHUNK_BYTES });
  }

  /** The file is closed by whoever opened it. */
  override close(callback: (error: Error | null) => void): void {
    callback(null);
  }

  async *#chunks(start: number, end: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let at = start; at < end; at += CHUNK_BYTES)
      yield await this.#file.read(at, Math.min(CHUNK_BYTES, end - at));
  }
}
