import type { FileSlice } from "../../http/streamed/file-body.ts";
import { NamelessFile } from "./nameless-file.ts";

/** Lines that follow each other in a file, with the separator between each two. {@linkcode close} must follow. */
export interface SpooledLines {
  readonly bytes: number;
  slice(): FileSlice;
  /** The texts of lines, counted from 1; those are missing that are not there, and all where lines are not apart by line ends. */
  linesAt(numbers: ReadonlySet<number>): ReadonlyMap<number, string>;
  close(): void;
}

/** Keeps the lines of jobs that are not made yet in files without names beside the journal. */
export class LineSpool {
  readonly #path: string;
  readonly #separator: string;
  #file: SharedFile;
  /** Where the first line is that was not taken. */
  start = 0;

  /** @param path of the journal */
  constructor(path: string, separator: string) {
    this.#path = `${path}-lines`;
    this.#separator = separator;
    this.#file = new SharedFile(this.#path);
  }

  /** Adds a line. Returns where the next one begins. */
  add(line: string): number {
    this.#file.append(Buffer.from(line + this.#separator));
    return this.#file.bytes;
  }

  /** Gives the lines from the first one up to a place, and keeps those behind it. */
  take(end: number): SpooledLines {
    const file = this.#file;
    const { start } = this;
    const bytes = end - start - Buffer.byteLength(this.#separator);
    file.users += 1;
    this.start = end;
    if (end === file.bytes) this.clear();
    return {
      bytes,
      slice: () => ({ file: file.flush(), start, bytes }),
      linesAt: (numbers) =>
        this.#separator === "\n" ? linesIn(file, { start, bytes }, numbers) : new Map<number, string>(),
      close: () => file.leave(),
    };
  }

  /** Forgets the lines that were not taken. */
  clear(): void {
    this.#file.leave();
    this.#file = new SharedFile(this.#path);
    this.start = 0;
  }

  close(): void {
    this.#file.leave();
  }
}

const LINE_END = 0x0a;
/** Bytes that are looked through at once. */
const CHUNK_BYTES = 2 ** 20;

/** Some of the lines between two places of a file, by their numbers from 1. */
function linesIn(
  file: NamelessFile,
  { start, bytes }: { readonly start: number; readonly bytes: number },
  numbers: ReadonlySet<number>,
): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  const last = Math.max(...numbers);
  let line = 1;
  for (let read = 0; read < bytes && line <= last; read += CHUNK_BYTES) {
    const chunk = file.read(start + read, Math.min(CHUNK_BYTES, bytes - read));
    for (let at = 0; at < chunk.length;) {
      const next = chunk.indexOf(LINE_END, at);
      const end = next === -1 ? chunk.length : next;
      if (numbers.has(line)) found.set(line, (found.get(line) ?? "") + chunk.toString("latin1", at, end));
      if (next === -1) break;
      line += 1;
      at = next + 1;
    }
  }
  return found;
}

/** A file that is closed when the last one has left it. */
class SharedFile extends NamelessFile {
  users = 1;

  leave(): void {
    this.users -= 1;
    if (this.users === 0) this.close();
  }
}
