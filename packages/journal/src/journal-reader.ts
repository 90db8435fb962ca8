import type { StatementSync } from "node:sqlite";
import type { RunSummary, StoredRecord } from "./journal.ts";
import { failed, messageOf } from "./journal-error.ts";
import { checkFormat } from "./prepare-file.ts";
import { ReadAhead } from "./read-ahead.ts";
import { ANSWER_COLUMNS } from "./schema.ts";
import { openDatabase, type Database } from "./sqlite.ts";
import { ID, toRecord, toRun, valuesOf } from "./stored-columns.ts";
import { readRecords } from "./stored-records.ts";

/** A connection that only reads. It sees what is committed, also while others write. */
export class JournalReader {
  readonly #path: string;
  readonly #database: Database;
  readonly #find: StatementSync;
  /** How far the runs are that other processes or earlier stages made; the callers know of their own. */
  readonly #settled = new Map<number, number>();
  /** The last record there was when it was opened. */
  readonly #lastBefore: number;
  #ahead: ReadAhead | undefined;

  /** @throws what SQLite says, or a ParrotError `JOURNAL_UNUSABLE` */
  static open(path: string): JournalReader {
    const database = openDatabase(path, { readOnly: true });
    try {
      database.exec("PRAGMA busy_timeout = 2000");
      checkFormat(path, database);
      return new JournalReader(path, database);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  private constructor(path: string, database: Database) {
    this.#path = path;
    this.#database = database;
    this.#lastBefore = this.#lastId();
    this.#find = database.prepare(
      `SELECT ${ANSWER_COLUMNS}, id FROM answer WHERE key = ? ORDER BY id DESC LIMIT 1`,
    );
    this.#find.setReturnArrays(true);
    for (const { id, settled } of this.runs()) this.#settled.set(id, settled);
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

  find(key: string): StoredRecord | undefined {
    return this.#read(() => {
      const values = this.#ahead?.take(key) ?? this.#lookUp(key);
      return values === undefined ? undefined : this.#toRecord(values);
    });
  }

  /** A later record of a key is durable. */
  replaced(key: string): void {
    this.#ahead?.forget(key);
  }

  runs(): readonly RunSummary[] {
    return this.#read(() => this.#database.prepare("SELECT * FROM run ORDER BY id").all().map(toRun));
  }

  *records({ run }: { readonly run?: number } = {}): Generator<StoredRecord> {
    const rows = readRecords(this.#database, run === undefined ? {} : { run });
    for (;;) {
      const record = this.#read(() => {
        const { value } = rows.next();
        return value === undefined ? undefined : this.#toRecord(value);
      });
      if (record === undefined) return;
      yield record;
    }
  }

  close(): void {
    this.#database.close();
  }

  #lookUp(key: string): readonly unknown[] | undefined {
    const values = valuesOf(this.#find.get(key));
    if (values !== undefined) this.#ahead?.readAround(Number(values[ID]));
    return values;
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

  /** @param values the {@linkcode ANSWER_COLUMNS} and `id` */
  #toRecord(values: readonly unknown[]): StoredRecord {
    const [, run, row] = values;
    const isSettled = Number(row) < (this.#settled.get(Number(run)) ?? 0);
    return { ...toRecord(values, isSettled), isOwn: Number(values[ID]) > this.#lastBefore };
  }
}
