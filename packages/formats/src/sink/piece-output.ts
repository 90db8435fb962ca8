import type { ByteOutput } from "./byte-output.ts";

/** So much is gathered before it is written, as a system call for each row is too slow. */
const BATCH_LENGTH = 64 * 1024;
/** For texts of this length it takes half the time of `Buffer.from`. */
const encoder = new TextEncoder();

/** What an encoder makes of rows: text, or bytes where the format is not one of text. */
export type Piece = string | Uint8Array;

/** Gathers pieces into large writes. After one that failed, everything else fails with its error. */
export interface PieceOutput {
  /** How many rows the output has taken. */
  readonly written: number;
  /**
   * Returns a promise when the caller should wait.
   *
   * @param rows how many rows are in the pieces so far, this one included
   */
  write(piece: Piece, rows: number): Promise<void> | undefined;
  /** Writes what is gathered. */
  flush(): Promise<void>;
}

export function pieceOutput(output: ByteOutput): PieceOutput {
  let text = "";
  let chunks: Uint8Array[] = [];
  let length = 0;
  let rows = 0;
  let written = 0;
  /** The write in progress, or the one that failed. */
  let writing: Promise<void> | undefined;

  async function flush(): Promise<void> {
    while (writing !== undefined) await writing;
    if (length === 0) return;
    const bytes = takeBytes();
    writing = put(bytes, rows);
    await writing;
  }

  function takeBytes(): Uint8Array {
    moveText();
    const [first, ...others] = chunks;
    const bytes = first !== undefined && others.length === 0 ? first : Buffer.concat(chunks);
    chunks = [];
    length = 0;
    return bytes;
  }

  function moveText(): void {
    if (text !== "") chunks.push(encoder.encode(text));
    text = "";
  }

  async function put(bytes: Uint8Array, count: number): Promise<void> {
    await output.write(bytes);
    written = count;
    writing = undefined;
  }

  return {
    get written() {
      return written;
    },
    write(piece, count) {
      if (typeof piece === "string") text += piece;
      else {
        moveText();
        chunks.push(piece);
      }
      length += piece.length;
      rows = count;
      return length >= BATCH_LENGTH ? flush() : undefined;
    },
    flush,
  };
}
