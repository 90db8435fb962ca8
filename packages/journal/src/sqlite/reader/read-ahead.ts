import type { StatementSync } from "node:sqlite";
import { DistinctKeys } from "../tables/distinct-keys.ts";
import { BODY, checkedColumns, FORMAT_VERSION, ID } from "../tables/schema.ts";
import type { Database } from "../sqlite.ts";
import { valuesOf } from "../tables/stored-columns.ts";

/** Records in one block. */
const BLOCK = 256;
/** A body that takes more bytes where it is stored is read alone, as a look-up costs little beside it. */
const MAX_BODY_BYTES = 16 * 1024;
/** About how many bytes the records may take that are read and not yet asked for. */
const MAX_BYTES = 32 * 2 ** 20;
/** What a record takes besides its body. */
const RECORD_BYTES = 512;

type Values = readonly unknown[];

/**
 * Records that are likely to be asked for next. Whoever runs again asks for the same keys in the order in which
 * they were kept, or nearly: a block of records read in their order costs a third of looking up each by its key.
 * Only those from before the journal was opened are read, each block once.
 */
export class ReadAhead {
  readonly #block: StatementSync;
  /** The same without the records that have a later one of their key, which takes three times as long. */
  readonly #latestOfBlock: StatementSync;
  readonly #keys: DistinctKeys;
  readonly #last: number;
  /** By key, oldest first. */
  readonly #records = new Map<string, Values>();
  readonly #blocks = new Set<number>();
  /** Whether there are records now that were not there at first. */
  #mayBeReplaced = false;
  #bytes = 0;
  #taken = 0;
  /** How many records were read for nothing, as they were dropped before anybody asked for them. */
  #wasted = 0;

  /** @param last the id of the last record to be read */
  constructor(database: Database, last: number) {
    this.#last = last;
    this.#keys = new DistinctKeys(database);
    const block = `SELECT ${checkedColumns(FORMAT_VERSION)} FROM answer WHERE id BETWEEN ? AND ? AND octet_length(body) <= ${MAX_BODY_BYTES}`;
    // Ids are distinct, but in an attacker's file one page may come again and again.
    const limit = `LIMIT ${BLOCK}`;
    this.#block = database.prepare(`${block} ${limit}`);
    this.#latestOfBlock = database.prepare(
      `${block} AND NOT EXISTS (SELECT 1 FROM answer AS later WHERE later.key = answer.key AND later.id > answer.id) ${limit}`,
    );
    this.#block.setReturnArrays(true);
    this.#latestOfBlock.setReturnArrays(true);
  }

  /** A record that has been read, once: whoever asks again looks it up. */
  take(key: string): Values | undefined {
    const values = this.#records.get(key);
    if (values === undefined) return undefined;
    this.#remove(key, values);
    this.#taken += 1;
    return values;
  }

  /** A later record takes the place of this key's, if it has one. */
  forget(key: string): void {
    this.#mayBeReplaced = true;
    const values = this.#records.get(key);
    if (values !== undefined) this.#remove(key, values);
  }

  /** Reads the block of a record that was looked up; not where most were read for nothing, as the order differs then. */
  readAround(id: number): void {
    const block = Math.floor(id / BLOCK);
    if (id > this.#last || this.#wasted > this.#taken || this.#blocks.has(block)) return;
    this.#blocks.add(block);
    for (const row of this.#read(block * BLOCK, Math.min((block + 1) * BLOCK - 1, this.#last))) {
      const values = valuesOf(row) ?? [];
      if (values[ID] !== id) this.#add(String(values[0]), values);
    }
    this.#dropOldest();
  }

  #read(first: number, last: number): readonly unknown[] {
    try {
      this.#keys.goOn();
      const areAllLatest = this.#keys.isSure && !this.#mayBeReplaced;
      return (areAllLatest ? this.#block : this.#latestOfBlock).all(first, last);
    } catch {
      // A damaged record is reported when it is asked for.
      return [];
    }
  }

  #add(key: string, values: Values): void {
    this.#records.set(key, values);
    this.#bytes += bytesOf(values);
  }

  #remove(key: string, values: Values): void {
    this.#records.delete(key);
    this.#bytes -= bytesOf(values);
  }

  #dropOldest(): void {
    for (const [key, values] of this.#records) {
      if (this.#bytes <= MAX_BYTES) return;
      this.#remove(key, values);
      this.#wasted += 1;
    }
  }
}

/** A character takes two bytes at most. */
function bytesOf({ [BODY]: body }: Values): number {
  return RECORD_BYTES + (body instanceof Uint8Array ? body.length : 2 * String(body).length);
}
