import { closeSync, readSync, writeSync } from "node:fs";
import { isObject, parseJson, stringifyJson, type Row } from "@parallel-parrot/core";
import { openNamelessFile } from "@parallel-parrot/journal";

/** The rows of an input, in a file without a name: they may be more than fit in memory, and are asked for in any order. */
export class RowStore {
  readonly #file: number;
  /** Where each row begins; the last one is where the next begins. */
  readonly #offsets: number[] = [0];

  /** @param path where the file is made, before it loses its name @throws the system's error, such as `ENOSPC` */
  constructor(path: string) {
    this.#file = openNamelessFile(path);
  }

  add(row: Row): void {
    const at = this.#offsets.at(-1) ?? 0;
    const bytes = Buffer.from(stringifyJson(row) ?? "{}");
    for (let written = 0; written < bytes.length;)
      written += writeSync(this.#file, bytes, written, bytes.length - written, at + written);
    this.#offsets.push(at + bytes.length);
  }

  /** The row with this number; `undefined` where there is none. */
  get(index: number): Row | undefined {
    const [from, to] = [this.#offsets[index], this.#offsets[index + 1]];
    if (from === undefined || to === undefined) return undefined;
    const bytes = Buffer.alloc(to - from);
    for (let read = 0; read < bytes.length;) {
      const count = readSync(this.#file, bytes, read, bytes.length - read, from + read);
      if (count === 0) return undefined;
      read += count;
    }
    const row = parseJson(bytes.toString());
    return isObject(row) ? { ...row } : undefined;
  }

  close(): void {
    closeSync(this.#file);
  }
}
