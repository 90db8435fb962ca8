import { closeSync, ftruncateSync } from "node:fs";
import { deserialize, serialize } from "node:v8";
import { ParrotError, type Overflow } from "@parallel-parrot/core";
import { openNamelessFile } from "@parallel-parrot/journal";
import { readBytes, writeBytes } from "./file-bytes.ts";
import { isPlainData } from "./plain-data.ts";

/** The most bytes in the file. Rows that come when it is full stay in memory. */
const MAX_FILE_BYTES = 8 * 2 ** 30;

/**
 * Keeps rows that wait for an earlier one on the disk, in a file beside the journal. Only its owner can read the
 * file, and it has no name, so that it is gone with the process, however that ends. Calls are synchronous, and take
 * tens of microseconds, as they write to the disk's cache.
 */
export class SpillFile<T extends { readonly row: object }> implements Overflow<T> {
  readonly #journalPath: () => string | undefined;
  #file: number | undefined;
  /** How many rows are in it. */
  #count = 0;
  #end = 0;
  #isUsable = true;

  /** @param journalPath returns the path of the journal, once there is one and it is a file */
  constructor(journalPath: () => string | undefined) {
    this.#journalPath = journalPath;
  }

  /** How many bytes the file has. */
  get bytes(): number {
    return this.#end;
  }

  put(item: T): (() => T) | undefined {
    // A row with instances of classes would come back as something else.
    if (!this.#isUsable || this.#end >= MAX_FILE_BYTES || !isPlainData(item.row)) return undefined;
    const journal = this.#journalPath();
    if (journal === undefined) return undefined;
    const at = this.#end;
    let length: number;
    try {
      const bytes = serialize(item);
      // The function that reads it back must keep nothing alive but these two numbers.
      ({ length } = bytes);
      this.#file ??= openNamelessFile(`${journal}-waiting`);
      writeBytes(this.#file, bytes, at);
    } catch {
      // A full disk costs only speed: rows wait in memory, and fewer rows are asked ahead.
      this.#isUsable = false;
      return undefined;
    }
    this.#end += length;
    this.#count += 1;
    return () => this.#restore(at, length);
  }

  close(): void {
    this.#isUsable = false;
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #restore(at: number, length: number): T {
    const item = this.#read(at, length);
    this.#count -= 1;
    if (this.#count === 0) this.#empty();
    return item;
  }

  #read(at: number, length: number): T {
    try {
      if (this.#file === undefined) throw new Error("it was closed");
      return deserialize(readBytes(this.#file, at, length)) as T;
    } catch (cause) {
      throw new ParrotError(
        "JOURNAL_FAILED",
        `Rows that waited on the disk beside the journal cannot be read again: ${cause instanceof Error ? cause.message : String(cause)}. Every answer is in the journal: run again`,
        { cause },
      );
    }
  }

  #empty(): void {
    this.#end = 0;
    if (this.#file !== undefined) ftruncateSync(this.#file);
  }
}
