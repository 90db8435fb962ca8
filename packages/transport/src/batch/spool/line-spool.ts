import type { FileSlice } from "../../http/streamed/file-body.ts";
import { NamelessFile } from "./nameless-file.ts";

/** Lines that follow each other in a file, with the separator between each two. {@linkcode close} must follow. */
export interface SpooledLines {
  readonly bytes: number;
  slice(): FileSlice;
  /** The text of a line, counted from 1; `undefined` where there is none, or lines are not apart by line ends. */
  lineAt(number: number): string | undefined;
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
      lineAt: (number) => (this.#separator === "\n" ? lineIn(file, { start, bytes }, number) : undefined),
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

/** One of the lines between two places of a file, counted from 1. */
function lineIn(
  file: NamelessFile,
  { start, bytes }: { readonly start: number; readonly bytes: number },
  number: number,
): string | undefined {
  let line = 1;
  let found = "";
  for (let read = 0; read < bytes && line <= number; read += CHUNK_BYTES) {
    const chunk = file.read(start + read, Math.min(CHUNK_BYTES, bytes - read));
    for (let at = 0; at < chunk.length && line <= number;) {
      const end = chunk.indexOf(LINE_END, at);
      if (line === number) found += chunk.subarray(at, end === -1 ? undefined : end).toString("latin1");
      if (end === -1) break;
      line += 1;
      at = end + 1;
    }
  }
  return found === "" ? undefined : found;
}

/** A file that is closed when the last one has left it. */
class SharedFile extends NamelessFile {
  users = 1;

  leave(): void {
    this.users -= 1;
    if (this.users === 0) this.close();
  }
}
