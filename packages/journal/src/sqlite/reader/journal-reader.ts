import type { StatementSync } from "node:sqlite";
import type { RunSummary, StoredRecord } from "../../journal.ts";
import { failed, isOutOfRange, messageOf } from "../../journal-error.ts";
import { checkFormat } from "../prepare-file.ts";
import { JobReader } from "./job-reader.ts";
import { ReadAhead } from "./read-ahead.ts";
import { checkedColumns, FORMAT_VERSION, ID } from "../tables/schema.ts";
import type { Origin } from "../../origin.ts";
import type { Seals } from "../tables/seals.ts";
import { openGuarded, type Database } from "../sqlite.ts";
import { originOf, readRuns, toRecord, valuesOf } from "../tables/stored-columns.ts";
import { readRecords, recordsOfKey, toNumber } from "../tables/stored-records.ts";
import { UnusedRecords } from "./unused-records.ts";

/** A connection that only reads. It sees what is committed, also while others write. */
export class JournalReader {
  readonly unused: UnusedRecords = new UnusedRecords();
  readonly batches: JobReader;
  readonly #path: string;
  readonly #database: Database;
  readonly #seals: Seals;
  readonly #find: StatementSync;
  readonly #ofKey: StatementSync;
  /** How far the runs are that other processes or earlier stages made; the callers know of their own. */
  readonly #settled = new Map<number, number>();
  /** The last record there was when it was opened. */
  readonly #lastBefore: number;
  #ahead: ReadAhead | undefined;

  /** @throws what SQLite says, or a ParrotError `JOURNAL_UNUSABLE` */
  static open(path: string, seals: Seals): JournalReader {
    const database = openGuarded(path, { readOnly: true });
    try {
      database.exec("PRAGMA busy_timeout = 2000; PRAGMA query_only = ON;");
      checkFormat(path, database);
      return new JournalReader(path, database, seals);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  private constructor(path: string, database: Database, seals: Seals) {
    this.#path = path;
    this.#database = database;
    this.#seals = seals;
    this.#lastBefore = this.#lastId();
    this.#find = database.prepare(
      `SELECT ${checkedColumns(FORMAT_VERSION)} FROM answer WHERE key = ? ORDER BY id DESC LIMIT 1`,
    );
    this.#find.setReturnArrays(true);
    this.#ofKey = recordsOfKey(database, FORMAT_VERSION);
    this.batches = new JobReader(database, seals, (read) => this.#read(read));
    for (const { id, settled, origin } of this.runs())
      if (origin === "own" || origin === "adopted") this.#settled.set(id, settled);
  }

  /** A run begins, and with it the order in which records are asked for. */
  begin(run: number, settled: number): void {
    this.settle(run, settled);
    this.#ahead = new ReadAhead(this.#database, this.#lastId());
  }

  /** Tells how far a run is: records below are settled. */
  settle(run: number, row: number): void {
    this.#settled.set(run, Math.max(row, this.#settled.get(run) ?? 0));
  }

  /** The latest record of a key, those of others aside; a damaged one is none. */
  find(key: string): StoredRecord | undefined {
    return this.#read(() => {
      const ahead = this.#ahead?.take(key);
      const values = ahead !== undefined && this.#originOf(ahead) === "own" ? ahead : this.#lookUp(key);
      return values === undefined ? undefined : this.#toRecord(values);
    });
  }

  /** A later record of a key is durable. */
  replaced(key: string): void {
    this.#ahead?.forget(key);
  }

  runs(): readonly RunSummary[] {
    return this.#read(() => readRuns(this.#database, this.#seals));
  }

  *records({ run }: { readonly run?: number } = {}): Generator<StoredRecord> {
    const rows = readRecords(this.#database, FORMAT_VERSION, run === undefined ? {} : { run });
    for (;;) {
      const values = this.#read(() => rows.next().value);
      if (values === undefined) return;
      if (this.#originOf(values) === "own") yield this.#read(() => this.#toRecord(values));
    }
  }

  close(): void {
    this.#database.close();
  }

  #lookUp(key: string): readonly unknown[] | undefined {
    const latest = this.#latest(key);
    if (latest === undefined || this.#isUsed(latest)) {
      if (latest !== undefined) this.#ahead?.readAround(Number(latest[ID]));
      return latest;
    }
    for (const row of this.#ofKey.iterate(key)) {
      const values = (valuesOf(row) ?? []).map(toNumber);
      if (this.#isUsed(values)) return values;
      if (this.#originOf(values) === "damaged") return undefined;
    }
    return undefined;
  }

  #latest(key: string): readonly unknown[] | undefined {
    try {
      return valuesOf(this.#find.get(key));
    } catch (error) {
      if (!isOutOfRange(error)) throw error;
      this.unused.add("damaged", undefined);
      return undefined;
    }
  }

  #isUsed(values: readonly unknown[]): boolean {
    const origin = this.#originOf(values);
    if (origin !== "own") this.unused.add(origin, Number(values[ID]));
    return origin === "own";
  }

  #originOf(values: readonly unknown[]): Origin {
    return originOf(values, this.#seals);
  }

  #lastId(): number {
    return Number(this.#database.prepare("SELECT max(id) AS id FROM answer").get()?.["id"] ?? 0);
  }

  #read<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw failed(this.#path, messageOf(error), error);
    }
  }

  /** @param values the `checkedColumns` */
  #toRecord(values: readonly unknown[]): StoredRecord {
    const [, run, row] = values;
    const isSettled = Number(row) < (this.#settled.get(Number(run)) ?? 0);
    return { ...toRecord(values, isSettled), isOwn: Number(values[ID]) > this.#lastBefore };
  }
}
