import { createHash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";
import { unreadable } from "./file-reader.ts";
import type { InputDigest } from "./input-digest.ts";
import { emptyInput, invalidInput, type InputName } from "./input-name.ts";

const CHUNK_BYTES = 1024 * 1024;

/** A file that is read at any of its places, for formats that do not begin at their first byte. */
export class RandomAccessFile {
  readonly name: InputName;
  readonly size: number;
  readonly #handle: FileHandle;
  readonly #state: string;

  private constructor(name: InputName, handle: FileHandle, status: FileStatus) {
    this.name = name;
    this.size = status.size;
    this.#handle = handle;
    this.#state = stateOf(status);
  }

  /**
   * Opens a file that is not empty.
   *
   * @param format what its format is called where a pipe cannot be read as that
   */
  static async open(path: string, name: InputName, format: string): Promise<RandomAccessFile> {
    const handle = await open(path).catch((error: unknown) => {
      throw unreadable(name, error);
    });
    try {
      const status = await handle.stat();
      if (status.isDirectory()) throw unreadable(name, Object.assign(new Error(), { code: "EISDIR" }));
      if (!status.isFile()) throw notSeekable(name, format);
      if (status.size === 0) throw emptyInput(name);
      return new RandomAccessFile(name, handle, status);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** So many bytes from a place on, in memory of their own. @throws RangeError where the file ends before */
  async read(start: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await this.#handle.read(bytes, filled, length - filled, start + filled);
      if (bytesRead === 0) throw new RangeError(`the file ends at byte ${start + filled}`);
      filled += bytesRead;
    }
    return bytes;
  }

  /** @throws ParrotError `INVALID_INPUT` where the file is not the one that was opened any more */
  async requireUnchanged(): Promise<void> {
    if (stateOf(await this.#handle.stat()) === this.#state) return;
    throw invalidInput(this.name, {}, "the file was changed while it was read; run it again");
  }

  /** The digest of the whole file, whatever of it was read. */
  async digest(): Promise<InputDigest> {
    const hash = createHash("sha256");
    for (let at = 0; at < this.size; at += CHUNK_BYTES)
      hash.update(await this.read(at, Math.min(CHUNK_BYTES, this.size - at)));
    return { bytes: this.size, sha256: hash.digest("hex") };
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
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
