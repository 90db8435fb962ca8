import type { StatementSync } from "node:sqlite";
import type { JobFilter, StoredJob } from "../batch-jobs.ts";
import type { JournalOptions, KeptRecord, RunSummary } from "../journal.ts";
import { failed, messageOf } from "../journal-error.ts";
import { writerOfJournal } from "../files/lock.ts";
import type { LockOwner } from "../files/take-lock.ts";
import { sizeOf, type JournalSize } from "./journal-size.ts";
import { openExisting } from "./open-existing.ts";
import type { Origin } from "../origin.ts";
import { Seals } from "./tables/seals.ts";
import type { Database } from "./sqlite.ts";
import { originOf, readRuns, toOthersRecord, toRecord, valuesOf } from "./tables/stored-columns.ts";
import { BATCHES_VERSION } from "./tables/schema.ts";
import { originOfJob, readJobs } from "./tables/stored-jobs.ts";
import { readRecords, recordsOfKey, toNumber, type RecordFilter } from "./tables/stored-records.ts";

/** A record as somebody who looks into a journal sees it. */
export interface InspectedRecord extends KeptRecord {
  /** Who made it, as far as its checks tell. Only an own one is ever found by a run. */
  readonly origin: Origin;
}

/** A journal to look at. Each call sees what is durable by then. */
export interface JournalInspection {
  readonly path: string;
  /** All runs, oldest first. */
  runs(): readonly RunSummary[];
  /** The record of a request that a run with the same options would find. */
  find(key: string): KeptRecord | undefined;
  /**
   * The records there are, whoever has made them, oldest first; read one by one, so that the journal may be larger
   * than memory.
   */
  records(filter?: RecordFilter): Iterable<InspectedRecord>;
  /** The jobs at batch APIs that a journal remembers, oldest first, whoever has made them. */
  batchJobs(filter?: JobFilter): readonly StoredJob[];
  size(): Promise<JournalSize>;
  /** The process that writes to it now; `undefined` where none does. */
  writer(): Promise<LockOwner | undefined>;
  close(): void;
}

/**
 * Looks into a journal without a lock and without changing it, also while a run writes to it.
 *
 * @throws ParrotError `JOURNAL_UNUSABLE` where there is none, or one of a newer version, a damaged one, or one that
 *   another user may change; `JOURNAL_FAILED` where a part of it cannot be read
 */
export async function inspectJournal(
  path: string,
  { secret, adopt = false }: JournalOptions = {},
): Promise<JournalInspection> {
  const seals = new Seals(secret);
  const { database, version } = await openExisting(path);
  database.exec("PRAGMA query_only = ON");
  return new Inspection(path, database, { version, seals, adopt });
}

interface Reading {
  readonly version: number;
  readonly seals: Seals;
  /** Whether records of others are found, as by a run that takes them over. */
  readonly adopt: boolean;
}

class Inspection implements JournalInspection {
  readonly path: string;
  readonly #database: Database;
  readonly #version: number;
  readonly #seals: Seals;
  readonly #adopt: boolean;
  #ofKey: StatementSync | undefined;

  constructor(path: string, database: Database, { version, seals, adopt }: Reading) {
    this.path = path;
    this.#database = database;
    this.#version = version;
    this.#seals = seals;
    this.#adopt = adopt;
  }

  find(key: string): KeptRecord | undefined {
    return this.#read(() => {
      this.#ofKey ??= recordsOfKey(this.#database, this.#version);
      for (const row of this.#ofKey.iterate(key)) {
        const values = (valuesOf(row) ?? []).map(toNumber);
        const origin = originOf(values, this.#seals);
        if (origin === "damaged") return undefined;
        if (origin === "own" || this.#adopt) return toRecord(values, values.at(-1) === 1);
      }
      return undefined;
    });
  }

  runs(): readonly RunSummary[] {
    return this.#read(() => readRuns(this.#database, this.#seals));
  }

  *records(filter: RecordFilter = {}): Generator<InspectedRecord> {
    const rows = readRecords(this.#database, this.#version, filter);
    for (;;) {
      const record = this.#read(() => {
        const { value } = rows.next();
        return value === undefined ? undefined : this.#toRecord(value);
      });
      if (record === undefined) return;
      yield record;
    }
  }

  batchJobs(filter: JobFilter = {}): readonly StoredJob[] {
    if (this.#version < BATCHES_VERSION) return [];
    return this.#read(() => {
      const seals = this.#seals;
      return readJobs(this.#database, filter, (columns) => originOfJob(this.#database, columns, seals));
    });
  }

  async size(): Promise<JournalSize> {
    try {
      return await sizeOf(this.path, this.#database);
    } catch (error) {
      throw failed(this.path, messageOf(error), error);
    }
  }

  writer(): Promise<LockOwner | undefined> {
    return writerOfJournal(this.path);
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

  /** @param values as {@linkcode readRecords} gives them */
  #toRecord(values: readonly unknown[]): InspectedRecord {
    const origin = originOf(values, this.#seals);
    const isSettled = values.at(-1) === 1;
    return { ...(origin === "own" ? toRecord : toOthersRecord)(values, isSettled), origin };
  }
}
