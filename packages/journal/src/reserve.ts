import { randomFillSync } from "node:crypto";
import { closeSync, statfsSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { openNamelessFile } from "./nameless-file.ts";

/** What is in flight when a disk fills up: thousands of short answers, or hundreds of long ones. */
const RESERVE_BYTES = 16 * 2 ** 20;
/** Of a disk that is nearly full, nothing is taken. */
const LEAST_FREE_BYTES = 4 * RESERVE_BYTES;

/** Room on the disk that is taken at the start, and given to the last answers when there is no other. */
export class Reserve {
  readonly #path: string;
  #file: number | undefined;
  #isSpent = false;

  /** @param path of the journal */
  constructor(path: string) {
    this.#path = path;
  }

  /** Lets it be taken once more. */
  renew(): void {
    this.#isSpent = false;
  }

  /** Takes the room, once. Does without where it cannot be had. */
  hold(): void {
    if (this.#file !== undefined || this.#isSpent) return;
    try {
      const { bavail, bsize } = statfsSync(dirname(this.#path));
      if (bavail * bsize < LEAST_FREE_BYTES) this.#isSpent = true;
      else this.#file = fill(this.#path);
    } catch {
      this.#isSpent = true;
    }
  }

  /** Gives the room back; false where there is none, or none any more. */
  release(): boolean {
    this.#isSpent = true;
    if (this.#file === undefined) return false;
    closeSync(this.#file);
    this.#file = undefined;
    return true;
  }
}

/** Random bytes: zeros take no room on some disks. */
function fill(path: string): number {
  const file = openNamelessFile(`${path}-reserve`);
  try {
    const block = randomFillSync(Buffer.allocUnsafe(2 ** 20));
    for (let written = 0; written < RESERVE_BYTES;) written += writeSync(file, block);
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}
