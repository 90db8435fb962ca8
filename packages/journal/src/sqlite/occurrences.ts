import { hash } from "node:crypto";
import type { StatementSync } from "node:sqlite";
import { ParrotError } from "@parallel-parrot/core";
import { messageOf } from "../journal-error.ts";
import { openDatabase, type Database } from "./sqlite.ts";

/** Different texts that are counted in memory; with one more, all of them go to the disk. */
const MAX_IN_MEMORY = 4096;
/** What SQLite keeps of its file in memory. */
const CACHE_KIB = 2048;

/**
 * Counts how often each text has come: exactly, however many there are, and in constant memory. From the 4,097th
 * different one on the counts are in a temporary file without a name, at most 32 bytes for each, with 64 bits of a
 * SHA-256 in the place of the text: of a million texts, two are taken for one once in 37 million times. Half a
 * surrogate pair counts as U+FFFD.
 */
export class Occurrences {
  readonly #memory = new Map<bigint, number>();
  #disk: CountsOnDisk | undefined;
  #distinct = 0;

  /** Different texts so far. */
  get distinct(): number {
    return this.#distinct;
  }

  /**
   * How often this text has come before.
   *
   * @throws ParrotError `JOURNAL_FAILED` where the folder for temporary files has no room, or may not be written to
   */
  next(text: string): number {
    const count = this.#count(keyOf(text));
    if (count === 0) this.#distinct += 1;
    return count;
  }

  /** Gives the file back. */
  close(): void {
    this.#disk?.close();
    this.#memory.clear();
  }

  #count(key: bigint): number {
    if (this.#disk !== undefined) return this.#disk.next(key);
    const count = this.#memory.get(key) ?? 0;
    if (count > 0 || this.#memory.size < MAX_IN_MEMORY) {
      this.#memory.set(key, count + 1);
      return count;
    }
    this.#disk = new CountsOnDisk(this.#memory);
    this.#memory.clear();
    return this.#disk.next(key);
  }
}

class CountsOnDisk {
  readonly #database: Database;
  readonly #count: StatementSync;

  constructor(counts: ReadonlyMap<bigint, number>) {
    this.#database = attempt(() => openDatabase(""));
    this.#count = attempt(() => {
      // Nothing of it outlives the process: no log, no waiting for the disk, and one transaction without an end.
      this.#database.exec(
        `PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
        PRAGMA cache_size = -${CACHE_KIB};
        CREATE TABLE text (hash INTEGER PRIMARY KEY, count INTEGER NOT NULL) STRICT; BEGIN;`,
      );
      const insert = this.#database.prepare("INSERT INTO text VALUES (?, ?)");
      for (const [key, count] of counts) insert.run(key, count);
      return this.#database.prepare(
        "INSERT INTO text VALUES (?, 1) ON CONFLICT (hash) DO UPDATE SET count = count + 1 RETURNING count",
      );
    });
  }

  next(key: bigint): number {
    return attempt(() => Number(this.#count.get(key)?.["count"]) - 1);
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }
}

function keyOf(text: string): bigint {
  // Of all encodings, Node.js is fastest at giving a hash as hexadecimal digits.
  return BigInt.asIntN(64, BigInt(`0x${hash("sha256", text, "hex").slice(0, 16)}`));
}

function attempt<T>(use: () => T): T {
  try {
    return use();
  } catch (cause) {
    throw new ParrotError(
      "JOURNAL_FAILED",
      `Cannot count equal prompts in a temporary file: ${messageOf(cause)}. Make room in the folder for temporary files, or name another folder in the environment variable SQLITE_TMPDIR, and run again`,
      { cause },
    );
  }
}
