import type { StatementSync } from "node:sqlite";
import type { KeptRecord, RunSummary } from "./journal.ts";
import { failed, messageOf } from "./journal-error.ts";
import { sizeOf, type JournalSize } from "./journal-size.ts";
import { openExisting } from "./open-existing.ts";
import type { Database } from "./sqlite.ts";
import { toRecord, toRun, valuesOf } from "./stored-columns.ts";
import { latestRecord, readRecords, type RecordFilter } from "./stored-records.ts";

/** A journal to look at. Each call sees what is durable by then. */
export interface JournalInspection {
  readonly path: string;
  /** All runs, oldest first. */
  runs(): readonly RunSummary[];
  /** The latest record of a request. */
  find(key: string): KeptRecord | undefined;
  /** The records there are, oldest first; read one by one, so that the journal may be larger than memory. */
  records(filter?: RecordFilter): Iterable<KeptRecord>;
  size(): Promise<JournalSize>;
  close(): void;
}

/**
 * Looks into a journal without a lock and without changing it, also while a run writes to it.
 *
 * @throws ParrotError `JOURNAL_UNUSABLE` where there is none, or one of a newer version, or a damaged one;
 *   `JOURNAL_FAILED` where a part of it cannot be read
 */
export async function inspectJournal(path: string): Promise<JournalInspection> {
  const database = await openExisting(path);
  database.exec("PRAGMA query_only = ON");
  return new Inspection(path, database);
}

class Inspection implements JournalInspection {
  readonly path: string;
  readonly #database: Database;
  #latest: StatementSync | undefined;

  constructor(path: string, database: Database) {
    this.path = path;
    this.#database = database;
  }

  find(key: string): KeptRecord | undefined {
    return this.#read(() => {
      this.#latest ??= latestRecord(this.#database);
      return recordOf(valuesOf(this.#latest.get(key)));
    });
  }

  runs(): readonly RunSummary[] {
    return this.#read(() => this.#database.prepare("SELECT * FROM run ORDER BY id").all().map(toRun));
  }

  *records(filter: RecordFilter = {}): Generator<KeptRecord> {
    const rows = readRecords(this.#database, filter);
    for (;;) {
      const record = this.#read(() => {
        const { value } = rows.next();
        return recordOf(value);
      });
      if (record === undefined) return;
      yield record;
    }
  }

  async size(): Promise<JournalSize> {
    try {
      return await sizeOf(this.path, this.#database);
    } catch (error) {
      throw failed(this.path, messageOf(error), error);
    }
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #read<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw failed(this.path, messageOf(error), error);
    }
  }
}

/** @param values as {@linkcode readRecords} gives them */
function recordOf(values: readonly unknown[] | undefined): KeptRecord | undefined {
  return values === undefined ? undefined : toRecord(values, values.at(-1) === 1);
}
