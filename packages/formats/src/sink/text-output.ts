import type { ByteOutput } from "./byte-output.ts";

/** So many characters are gathered before they are written, as a system call for each row is too slow. */
const BATCH_CHARACTERS = 64 * 1024;
/** For texts of this length it takes half the time of `Buffer.from`. */
const encoder = new TextEncoder();

/** Gathers pieces of text into large writes. After one that failed, everything else fails with its error. */
export interface TextOutput {
  /** How many pieces the output has taken. */
  readonly written: number;
  /** Returns a promise when the caller should wait. */
  write(text: string): Promise<void> | undefined;
  /** Writes what is gathered. */
  flush(): Promise<void>;
}

export function textOutput(output: ByteOutput): TextOutput {
  let gathered = "";
  let pieces = 0;
  let written = 0;
  /** The write in progress, or the one that failed. */
  let writing: Promise<void> | undefined;

  async function flush(): Promise<void> {
    while (writing !== undefined) await writing;
    if (gathered === "") return;
    const bytes = encoder.encode(gathered);
    const count = pieces;
    gathered = "";
    pieces = 0;
    writing = put(bytes, count);
    await writing;
  }

  async function put(bytes: Uint8Array, count: number): Promise<void> {
    await output.write(bytes);
    written += count;
    writing = undefined;
  }

  return {
    get written() {
      return written;
    },
    write(text) {
      gathered += text;
      pieces += 1;
      return gathered.length >= BATCH_CHARACTERS ? flush() : undefined;
    },
    flush,
  };
}
