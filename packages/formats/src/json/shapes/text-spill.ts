import { randomUUID } from "node:crypto";
import { closeSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ParrotError } from "@parallel-parrot/core";

const BATCH_LENGTH = 256 * 1024;

/**
 * Keeps text on the disk, in the system's folder for temporary files, to read it again at any place. Only its owner can
 * read the file, and it has no name, so that it is gone with the process, however that ends.
 */
export class TextSpill {
  #file: number | undefined;
  #text = "";
  #written = 0;

  /** Where the next text will lie, in bytes. */
  get end(): number {
    this.#flush();
    return this.#written;
  }

  add(text: string): void {
    this.#text += text;
    if (this.#text.length >= BATCH_LENGTH) this.#flush();
  }

  read(at: number, length: number): Buffer {
    this.#flush();
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, this.#written - at)));
    for (let read = 0; read < bytes.length;) {
      const count = readSync(this.#file ?? this.#open(), bytes, read, bytes.length - read, at + read);
      if (count === 0)
        throw new ParrotError("INPUT_UNREADABLE", "A temporary file was cut off while it was in use");
      read += count;
    }
    return bytes;
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #flush(): void {
    if (this.#text === "") return;
    const bytes = Buffer.from(this.#text);
    this.#text = "";
    try {
      this.#file ??= this.#open();
      for (let written = 0; written < bytes.length;)
        written += writeSync(this.#file, bytes, written, bytes.length - written, this.#written + written);
    } catch (cause) {
      throw new ParrotError(
        "INPUT_UNREADABLE",
        `Cannot keep columns of the input in ${tmpdir()}, to put rows together: ${cause instanceof Error ? cause.message : String(cause)}; name another folder by the variable TMPDIR`,
        { cause },
      );
    }
    this.#written += bytes.length;
  }

  #open(): number {
    const path = join(tmpdir(), `.parrot-${randomUUID()}`);
    const file = openSync(path, "wx+", 0o600);
    rmSync(path, { force: true });
    return file;
  }
}
