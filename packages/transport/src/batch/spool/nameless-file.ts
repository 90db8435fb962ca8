import { closeSync } from "node:fs";
import { messageOf, ParrotError } from "@parallel-parrot/core";
import { openNamelessFile } from "@parallel-parrot/journal";
import { readBytes, writeBytes } from "../../run/file-bytes.ts";

/** Bytes that are written or read at once. */
const CHUNK_BYTES = 2 ** 20;

/**
 * A file that is written from its beginning to its end and read in pieces. Only its owner can read it, and it has no
 * name, so that it is gone with the process, however that ends. Calls are synchronous: they use the disk's cache.
 */
export class NamelessFile {
  readonly #path: string;
  readonly #written: Buffer[] = [];
  #writtenBytes = 0;
  #descriptor: number | undefined;
  #flushedBytes = 0;
  #read: { readonly at: number; readonly bytes: Buffer } = { at: 0, bytes: Buffer.alloc(0) };

  /** @param path the name that it has for a moment */
  constructor(path: string) {
    this.#path = path;
  }

  get bytes(): number {
    return this.#flushedBytes + this.#writtenBytes;
  }

  /** @throws ParrotError `JOURNAL_FAILED` where the disk has no room */
  append(bytes: Buffer): void {
    this.#written.push(bytes);
    this.#writtenBytes += bytes.length;
    if (this.#writtenBytes >= CHUNK_BYTES) this.flush();
  }

  /** Writes what was appended. Returns the file's descriptor. */
  flush(): number {
    try {
      this.#descriptor ??= openNamelessFile(this.#path);
      writeBytes(this.#descriptor, Buffer.concat(this.#written), this.#flushedBytes);
    } catch (cause) {
      throw failed("keep rows that wait for a batch on the disk", cause);
    }
    this.#flushedBytes += this.#writtenBytes;
    this.#written.length = 0;
    this.#writtenBytes = 0;
    return this.#descriptor;
  }

  /** Pieces of it that are read one after another are read from the disk together. */
  read(at: number, length: number): Buffer {
    const begin = at - this.#read.at;
    if (begin >= 0 && begin + length <= this.#read.bytes.length)
      return this.#read.bytes.subarray(begin, begin + length);
    const bytes = this.#load(at, Math.min(Math.max(length, CHUNK_BYTES), this.bytes - at));
    this.#read = { at, bytes };
    return bytes.subarray(0, length);
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
    this.#written.length = 0;
  }

  #load(at: number, length: number): Buffer {
    const descriptor = this.flush();
    try {
      return readBytes(descriptor, at, length);
    } catch (cause) {
      throw failed("read rows again that wait for a batch on the disk", cause);
    }
  }
}

function failed(what: string, cause: unknown): ParrotError {
  const message = `Cannot ${what} beside the journal: ${messageOf(cause)}. Everything that was paid for is in the journal: make room, and run again`;
  return new ParrotError("JOURNAL_FAILED", message, { cause });
}
