import { closeSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { getCell, loadSqlite, messageOf, ParrotError, type Row } from "@parallel-parrot/core";
import { TEXT, type ColumnTypes } from "../../columns/column-type.ts";
import { newColumn, schemaTypes, type SchemaColumns } from "../../columns/schema-columns.ts";
import type { CellChanges } from "../../sink/cell-changes.ts";
import type { RowEncoder } from "../../sink/row-writer.ts";
import { UnwritableCell } from "../../sink/unwritable-row.ts";
import { quoteName } from "../quote-name.ts";
import { declarationOf, toValue, type ToValue } from "./stored-columns.ts";

/** The most columns that SQLite has in a table. */
const MAX_COLUMNS = 2000;
/** The kind of an error that the disk makes: it is full, or fails. */
const DISK_ERRORS: ReadonlySet<number> = new Set([10, 13]);
const CHUNK_BYTES: number = 2 ** 20;

const NOTHING = new Uint8Array();

/** What a database has besides its rows. */
export interface SqliteDialect extends SchemaColumns {
  readonly table: string;
}

interface Column {
  readonly name: string;
  readonly toValue: ToValue;
}

/**
 * Writes rows into a database of its own, in one transaction, whose bytes are the output once the last row is in it. It
 * lies in the folder for temporary files, without a name where the system can do so, and is gone when the process is.
 */
export class SqliteEncoder implements RowEncoder {
  readonly keepsRows = true;
  readonly #dialect: SqliteDialect;
  readonly #changes: CellChanges;
  #file: TemporaryDatabase | undefined;
  #insert: StatementSync | undefined;
  #columns: readonly Column[] = [];
  #known: ReadonlySet<string> = new Set();
  #rows = 0;

  /** @throws ParrotError `INVALID_OPTION` where SQLite cannot have these columns */
  constructor(dialect: SqliteDialect, changes: CellChanges) {
    this.#dialect = dialect;
    this.#changes = changes;
    const types = schemaTypes(dialect, []);
    if (types.size > 0) this.#begin(types);
  }

  encode(row: Row, index: number): Uint8Array {
    if (this.#columns.length === 0) this.#begin(schemaTypes(this.#dialect, Object.keys(row)));
    for (const column of Object.keys(row))
      if (!this.#known.has(column)) throw newColumn("SQLite", column, index);
    const values = this.#columns.map((column) => valueOf(row, column, this.#changes));
    try {
      this.#insert?.run(...values);
    } catch (error) {
      throw isDiskError(error) ? noRoom(error) : new UnwritableCell(error, undefined, "SQLite");
    }
    this.#rows += 1;
    return NOTHING;
  }

  end(count: number): AsyncIterable<Uint8Array> {
    const file = this.#file ?? this.#begin(new Map());
    const { database } = file;
    try {
      if (count < this.#rows)
        database.prepare(`DELETE FROM ${quoteName(this.#dialect.table)} WHERE rowid > ?`).run(count);
      database.exec("COMMIT");
      database.close();
    } catch (error) {
      throw noRoom(error);
    }
    return file.chunks();
  }

  close(): void {
    this.#file?.remove();
  }

  #begin(given: ColumnTypes): TemporaryDatabase {
    // A table without columns there cannot be.
    const types: ColumnTypes = given.size === 0 ? new Map([["column_1", TEXT]]) : given;
    requireNames([...types.keys()]);
    const { table } = this.#dialect;
    const columns = [...types].map(([name, type]) => `${quoteName(name)} ${declarationOf(type)}`);
    const file = new TemporaryDatabase();
    const { database } = file;
    this.#file = file;
    database.exec(`CREATE TABLE ${quoteName(table)} (${columns.join(", ")})`);
    this.#insert = database.prepare(
      `INSERT INTO ${quoteName(table)} VALUES (${columns.map(() => "?").join(", ")})`,
    );
    this.#columns = [...types].map(([name, type]) => ({ name, toValue: toValue(type) }));
    this.#known = new Set(types.keys());
    return file;
  }
}

/** A database in a file that nobody else sees. */
class TemporaryDatabase {
  readonly database: DatabaseSync;
  readonly #folder: string;
  readonly #descriptor: number;
  #isOpen = true;

  constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), "parrot-sqlite-"));
    const path = join(this.#folder, "rows.db");
    this.#descriptor = openSync(path, "w+", 0o600);
    const { DatabaseSync: Database } = loadSqlite();
    this.database = new Database(path);
    // It is thrown away where anything goes wrong, so nothing is written twice to save it.
    this.database.exec(
      "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; PRAGMA temp_store = MEMORY; BEGIN EXCLUSIVE;",
    );
    this.#removeName();
  }

  /** The bytes of the file, some at a time. */
  async *chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let at = 0; ;) {
      const chunk = new Uint8Array(CHUNK_BYTES);
      const length = readSync(this.#descriptor, chunk, 0, CHUNK_BYTES, at);
      if (length === 0) return;
      yield chunk.subarray(0, length);
      at += length;
    }
  }

  remove(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (this.database.isOpen) this.database.close();
    closeSync(this.#descriptor);
    this.#removeName();
  }

  /** On some systems, a file that is open keeps its name. */
  #removeName(): void {
    try {
      rmSync(this.#folder, { recursive: true, force: true });
    } catch {
      // It is removed when it is closed.
    }
  }
}

function valueOf(row: Row, { name, toValue: make }: Column, changes: CellChanges): ReturnType<ToValue> {
  try {
    return make(getCell(row, name), changes);
  } catch (error) {
    throw new UnwritableCell(error, name, "SQLite");
  }
}

function requireNames(names: readonly string[]): void {
  if (names.length > MAX_COLUMNS)
    throw invalidColumns(`a table has at most ${MAX_COLUMNS} columns, and there are ${names.length}`);
  const seen = new Map<string, string>();
  for (const name of names) {
    // SQLite takes letters of ASCII for the same, large or small.
    const folded = name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
    const other = seen.get(folded);
    if (other !== undefined)
      throw invalidColumns(`it takes the columns "${other}" and "${name}" for the same`);
    seen.set(folded, name);
  }
}

function invalidColumns(problem: string): ParrotError {
  return new ParrotError(
    "INVALID_OPTION",
    `Cannot write these columns as SQLite: ${problem}; write jsonl or csv`,
    {
      option: "columns",
    },
  );
}

function isDiskError(error: unknown): boolean {
  const code = error instanceof Error && "errcode" in error ? Number(error.errcode) : 0;
  // The lowest byte is the kind of the error.
  return DISK_ERRORS.has(code & 0xff);
}

function noRoom(error: unknown): ParrotError {
  return new ParrotError(
    "OUTPUT_UNWRITABLE",
    `Cannot write SQLite: the database is made in the folder ${tmpdir()}, and ${messageOf(error)}; TMPDIR names another folder`,
    { cause: error },
  );
}
