import { read as readFile } from "node:fs";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { messageOf, ParrotError } from "@parallel-parrot/core";

const read = promisify(readFile);

/** A part of an open file. */
export interface FileSlice {
  /** Its descriptor, as a file without a name has no path. */
  readonly file: number;
  readonly start: number;
  readonly bytes: number;
}

/** A body that is a part of a file between two texts. */
export interface SlicedBody {
  readonly before: string;
  readonly slice: FileSlice;
  readonly after: string;
}

/** How much of the file is in memory at once. */
const PIECE_BYTES = 64 * 2 ** 10;

/** Reads a body from a file, no faster than it is sent. */
export class FileBody {
  readonly bytes: number;
  /** How many bytes were taken to be sent. */
  takenBytes = 0;
  /** Why the file could not be read, if it could not. */
  error: ParrotError | undefined;
  readonly #body: SlicedBody;
  readonly #onTaken: () => void;

  /** @param onTaken is called for each piece that is taken */
  constructor(body: SlicedBody, onTaken: () => void) {
    this.#body = body;
    this.#onTaken = onTaken;
    this.bytes = Buffer.byteLength(body.before) + body.slice.bytes + Buffer.byteLength(body.after);
  }

  /** Whether all of it was taken. Until then a server cannot have the whole request. */
  get isWhole(): boolean {
    return this.takenBytes === this.bytes;
  }

  stream(): Readable {
    return Readable.from(this.#taken(), { objectMode: false, highWaterMark: PIECE_BYTES });
  }

  async *#taken(): AsyncGenerator<Buffer> {
    for await (const piece of this.#pieces()) {
      this.takenBytes += piece.length;
      this.#onTaken();
      yield piece;
    }
  }

  async *#pieces(): AsyncGenerator<Buffer> {
    const { before, slice, after } = this.#body;
    if (before !== "") yield Buffer.from(before);
    const end = slice.start + slice.bytes;
    for (let at = slice.start; at < end;) {
      const piece = await this.#readPiece(slice.file, at, Math.min(PIECE_BYTES, end - at));
      at += piece.length;
      yield piece;
    }
    if (after !== "") yield Buffer.from(after);
  }

  async #readPiece(file: number, at: number, length: number): Promise<Buffer> {
    try {
      const { bytesRead, buffer } = await read(file, Buffer.allocUnsafe(length), 0, length, at);
      if (bytesRead === 0) throw new Error("it was cut off");
      return buffer.subarray(0, bytesRead);
    } catch (cause) {
      this.error = new ParrotError(
        "JOURNAL_FAILED",
        `What is to be sent cannot be read again from the file beside the journal: ${messageOf(cause)}`,
        { cause },
      );
      throw this.error;
    }
  }
}
