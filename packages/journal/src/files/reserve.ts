import { randomFillSync } from "node:crypto";
import { closeSync, statfsSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { openNamelessFile } from "./nameless-file.ts";

const BLOCK_BYTES = 2 ** 20;
/** At most a quarter of the free room is set aside. */
const SHARE = 4;
/** A smaller reserve would hold no answers. */
const LEAST_BYTES = 32 * 2 ** 10;

/** How much a {@linkcode Reserve} takes. */
export interface ReserveOptions {
  readonly mostBytes: number;
  /** Tells two reserves of one journal apart. */
  readonly name: string;
}

/** Room on the disk that is taken at the start, for the last answers that are written when the disk is full. */
export class Reserve {
  readonly #path: string;
  readonly #mostBytes: number;
  #file: number | undefined;
  #isSpent = false;

  /** @param path of the journal */
  constructor(path: string, { name, mostBytes }: ReserveOptions) {
    this.#path = `${path}-${name}`;
    this.#mostBytes = mostBytes;
  }

  /** Allows it to be taken once more. */
  renew(): void {
    this.#isSpent = false;
  }

  /** Takes the room, once. Goes on without it where the disk does not have it. */
  hold(): void {
    if (this.#file !== undefined || this.#isSpent) return;
    try {
      const { bavail, bsize } = statfsSync(dirname(this.#path));
      const bytes = Math.min(this.#mostBytes, Math.floor((bavail * bsize) / SHARE));
      if (bytes < LEAST_BYTES) this.#isSpent = true;
      else this.#file = fill(this.#path, bytes);
    } catch {
      this.#isSpent = true;
    }
  }

  /** Gives the room back. False where none was taken, or it was given back already. */
  release(): boolean {
    this.#isSpent = true;
    if (this.#file === undefined) return false;
    closeSync(this.#file);
    this.#file = undefined;
    return true;
  }
}

/** Random bytes: zeros take no room on some disks. */
function fill(path: string, bytes: number): number {
  const file = openNamelessFile(path);
  try {
    const block = randomFillSync(Buffer.allocUnsafe(Math.min(bytes, BLOCK_BYTES)));
    for (let written = 0; written < bytes;)
      written += writeSync(file, block, 0, Math.min(block.length, bytes - written));
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}
