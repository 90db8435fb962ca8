import { Readable } from "node:stream";
import { crc32, createInflateRaw } from "node:zlib";
import type { RandomAccessFile } from "../../source/random-access-file.ts";
import { contentOffset, readDirectory, type ZipEntry } from "./zip-directory.ts";

const CHUNK_BYTES: number = 64 * 1024;
const [STORED, DEFLATED] = [0, 8];

/** The parts of a zip file by their names, whose case does not count. */
export class ZipArchive {
  readonly #file: RandomAccessFile;
  readonly #entries: ReadonlyMap<string, ZipEntry>;

  private constructor(file: RandomAccessFile, entries: ReadonlyMap<string, ZipEntry>) {
    this.#file = file;
    this.#entries = entries;
  }

  /** Reads the list of parts. @throws Error where the file is no zip file, or is damaged */
  static async open(file: RandomAccessFile): Promise<ZipArchive> {
    const entries = new Map<string, ZipEntry>();
    for (const entry of await readDirectory(file)) {
      const name = entry.name.toLowerCase();
      if (entries.has(name)) throw new Error(`it has two parts called ${entry.name}`);
      entries.set(name, entry);
    }
    return new ZipArchive(file, entries);
  }

  has(name: string): boolean {
    return this.#entries.has(name.toLowerCase());
  }

  /** How many bytes a part has; 0 where there is none. */
  sizeOf(name: string): number {
    return this.#entries.get(name.toLowerCase())?.size ?? 0;
  }

  /** The bytes of a part, of which no more are unpacked than are taken. @throws Error where they are damaged */
  async *chunks(name: string): AsyncGenerator<Uint8Array, void, undefined> {
    const entry = this.#entries.get(name.toLowerCase());
    if (entry === undefined) throw new Error(`its part ${name} is missing`);
    if (entry.isEncrypted) throw new Error(`its part ${name} is encrypted`);
    let [sum, size] = [0, 0];
    for await (const bytes of this.#unpacked(entry)) {
      sum = crc32(bytes, sum);
      size += bytes.length;
      // What says that it is small, and is not, would be unpacked without a limit.
      if (size > entry.size) throw new Error(`its part ${name} is longer than its list says`);
      yield bytes;
    }
    if (sum !== entry.crc || size !== entry.size)
      throw new Error(`the checksum of its part ${name} is wrong`);
  }

  #unpacked(entry: ZipEntry): AsyncIterable<Uint8Array> {
    if (entry.method === STORED) return this.#packed(entry);
    if (entry.method !== DEFLATED)
      throw new Error(`its part ${entry.name} is compressed in a way of its own`);
    const inflate = createInflateRaw({ chunkSize: CHUNK_BYTES });
    const packed = Readable.from(this.#packed(entry), { objectMode: false, highWaterMark: CHUNK_BYTES });
    packed.on("error", (error) => inflate.destroy(error));
    inflate.on("close", () => packed.destroy());
    return packed.pipe(inflate);
  }

  async *#packed(entry: ZipEntry): AsyncGenerator<Uint8Array, void, undefined> {
    const start = await contentOffset(this.#file, entry);
    const end = start + entry.compressed;
    for (let at = start; at < end; at += CHUNK_BYTES)
      yield await this.#file.read(at, Math.min(CHUNK_BYTES, end - at));
  }
}
