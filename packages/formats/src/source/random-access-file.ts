import { createHash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";
import { unreadable } from "./file-reader.ts";
import type { InputDigest } from "./input-digest.ts";
import { isAddress } from "./remote/remote-address.ts";
import { RemoteFile } from "./remote/remote-file.ts";
import { emptyInput, invalidInput, type InputName } from "./input-name.ts";

const MIN_WINDOW_BYTES = 64 * 1024;
/** A request takes as long as reading some hundred kilobytes. */
const REMOTE_WINDOW_BYTES = 2 ** 20;

/** Most bytes that are read ahead of a place, over all places of a file together. */
const MAX_AHEAD_BYTES = 64 * 2 ** 20;

/** Where the bytes of a file are. */
interface Bytes {
  readonly size: number;
  /** How many bytes are worth reading at once, where little of them may be wanted. */
  readonly window: number;
  /** So many bytes from a place on; fewer where the file ends before. */
  read(start: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  isUnchanged(): Promise<boolean>;
  close(): Promise<void>;
}

/** A file that is read at any of its places, for formats that do not begin at their first byte. */
export class RandomAccessFile {
  readonly name: InputName;
  readonly size: number;
  readonly #bytes: Bytes;

  private constructor(name: InputName, bytes: Bytes) {
    this.name = name;
    this.size = bytes.size;
    this.#bytes = bytes;
  }

  /**
   * Opens a file that is not empty.
   *
   * @param path of a file, or its web address
   * @param format what its format is called where a pipe cannot be read as that
   */
  static async open(path: string, name: InputName, format: string): Promise<RandomAccessFile> {
    const bytes = isAddress(path) ? await openAddress(path, name) : await openFile(path, name, format);
    if (bytes.size > 0) return new RandomAccessFile(name, bytes);
    await bytes.close();
    throw emptyInput(name);
  }

  /** So many bytes from a place on, in memory of their own. @throws RangeError where the file ends before */
  async read(start: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await this.#bytes.read(start, length);
    if (bytes.length < length) throw new RangeError(`the file ends at byte ${start + bytes.length}`);
    return bytes;
  }

  /** How many bytes to read at once where as many places as this are read in turn. */
  windowOf(places: number): number {
    return Math.max(Math.min(this.#bytes.window, MAX_AHEAD_BYTES / places), MIN_WINDOW_BYTES);
  }

  /** @throws ParrotError `INVALID_INPUT` where the file is not the one that was opened any more */
  async requireUnchanged(): Promise<void> {
    if (await this.#bytes.isUnchanged()) return;
    throw invalidInput(this.name, {}, "the file was changed while it was read; run it again");
  }

  /** The digest of the whole file, whatever of it was read. */
  async digest(): Promise<InputDigest> {
    const hash = createHash("sha256");
    const chunk = this.#bytes.window * 8;
    for (let at = 0; at < this.size; at += chunk)
      hash.update(await this.read(at, Math.min(chunk, this.size - at)));
    return { bytes: this.size, sha256: hash.digest("hex") };
  }

  close(): Promise<void> {
    return this.#bytes.close();
  }
}

async function openFile(path: string, name: InputName, format: string): Promise<Bytes> {
  const handle = await open(path).catch((error: unknown) => {
    throw unreadable(name, error);
  });
  try {
    const status = await handle.stat();
    if (status.isDirectory()) throw unreadable(name, Object.assign(new Error(), { code: "EISDIR" }));
    if (!status.isFile()) throw notSeekable(name, format);
    const state = stateOf(status);
    return {
      size: status.size,
      window: MIN_WINDOW_BYTES,
      read: (start, length) => readAt(handle, start, length),
      isUnchanged: async () => stateOf(await handle.stat()) === state,
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function readAt(handle: FileHandle, start: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, start + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

/** Each answer of the server tells whether the file is still the same. */
async function openAddress(address: string, name: InputName): Promise<Bytes> {
  const file = new RemoteFile(address, name);
  await file.read(0, 1);
  return {
    size: file.size ?? 0,
    window: REMOTE_WINDOW_BYTES,
    read: (start, length) => file.read(start, length),
    isUnchanged: () => Promise.resolve(true),
    close() {
      file.close();
      return Promise.resolve();
    },
  };
}

interface FileStatus {
  readonly size: number;
  readonly mtimeMs: number;
}

function stateOf(status: FileStatus): string {
  return `${status.size} ${status.mtimeMs}`;
}

/** The error of an input that can only be read from its first byte to its last. */
export function notSeekable(name: InputName, format: string): Error {
  return invalidInput(
    name,
    {},
    `${format} is not read in order from its beginning, as a stream is; save it as a file and name that`,
  );
}
