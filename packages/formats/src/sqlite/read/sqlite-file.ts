import { lstat, realpath, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { DatabaseSync } from "node:sqlite";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { loadSqlite, messageOf } from "@parallel-parrot/core";
import type { InputDigest } from "../../source/input-digest.ts";
import { invalidInput, type InputName } from "../../source/input-name.ts";
import { RandomAccessFile } from "../../source/random-access-file.ts";
import { requireFiniteSchema } from "./require-finite-schema.ts";

const MAGIC = "SQLite format 3\0";
const HEADER_BYTES = 100;
/** Of the header: which kind of log the database has, and which program made it. */
const [LOG_AT, APPLICATION_AT] = [19, 68];
const WRITE_AHEAD_LOG = 2;
/** The mark of this product's journals. */
const PARROT = 0x50_41_52_52;
/** With it begins the journal of a transaction that was not ended. */
const ROLLBACK_MARK = "d9d505f920a163d7";

/** An SQLite file, of which nothing is changed. */
export class SqliteFile {
  readonly database: DatabaseSync;
  readonly #file: RandomAccessFile;
  readonly #logPath: string;

  private constructor(file: RandomAccessFile, database: DatabaseSync, logPath: string) {
    this.#file = file;
    this.database = database;
    this.#logPath = logPath;
  }

  static async open(path: string, name: InputName): Promise<SqliteFile> {
    const file = await RandomAccessFile.open(path, name, "SQLite");
    try {
      const header = await requireHeader(file);
      await requireAtRest(path, name);
      await requireOwnIndex(path, name);
      await requireFiniteSchema(file).catch((error: unknown) => {
        throw invalidInput(name, {}, `${messageOf(error)}; is it damaged?`, { cause: error });
      });
      const logPath = `${path}-wal`;
      return new SqliteFile(file, await openDatabase(path, { header, logPath, name }), logPath);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** More rows than a table of this file can have: each takes some bytes. */
  async maxRows(): Promise<number> {
    return this.#file.size + (await sizeOf(this.#logPath));
  }

  requireUnchanged(): Promise<void> {
    return this.#file.requireUnchanged();
  }

  /** The digest of the file; with its log, where that has what is not in the file yet. */
  async digest(): Promise<InputDigest> {
    const digest = await this.#file.digest();
    const logBytes = await sizeOf(this.#logPath);
    if (logBytes === 0) return digest;
    const hash = createHash("sha256").update(digest.sha256);
    await pipeline(createReadStream(this.#logPath), hash);
    return { bytes: digest.bytes + logBytes, sha256: hash.digest("hex") };
  }

  async close(): Promise<void> {
    if (this.database.isOpen) this.database.close();
    await this.#file.close();
  }
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

async function requireHeader(file: RandomAccessFile): Promise<Buffer> {
  const { name, size } = file;
  const header = Buffer.from(await file.read(0, Math.min(HEADER_BYTES, size)));
  if (header.length < HEADER_BYTES || !header.toString("latin1").startsWith(MAGIC))
    throw invalidInput(
      name,
      {},
      'it is not an SQLite database, which begins with "SQLite format 3"; set the option format to what it is',
      { option: "format" },
    );
  if (header.readUInt32BE(APPLICATION_AT) === PARROT)
    throw invalidInput(
      name,
      {},
      'it is a journal of parrot, which "parrot journal" shows; its rows are no input',
    );
  return header;
}

/** @throws ParrotError `INVALID_INPUT` where a program is writing to the file, or has not ended it */
async function requireAtRest(path: string, name: InputName): Promise<void> {
  const journal = `${path}-journal`;
  if ((await sizeOf(journal)) < 8) return;
  const opened = await RandomAccessFile.open(journal, { ...name, label: journal }, "SQLite");
  const mark = Buffer.from(await opened.read(0, 8)).toString("hex");
  await opened.close();
  if (mark !== ROLLBACK_MARK) return;
  throw invalidInput(
    name,
    {},
    `a program is writing to it, or was ended while it did (${journal} is there); close that program, or open the database with it once`,
  );
}

/**
 * Refuses a hard link in the place of the index of the log, which SQLite makes anew also where it only reads: an archive
 * can bring along such a second name of any file of whoever unpacks it.
 *
 * @throws ParrotError `INVALID_INPUT`
 */
async function requireOwnIndex(path: string, name: InputName): Promise<void> {
  const index = `${await realpath(path)}-shm`;
  const status = await lstat(index).catch(() => undefined);
  if (status !== undefined && status.nlink > 1)
    throw invalidInput(
      name,
      {},
      `${index} is a second name of another file (a hard link), which would be overwritten; remove it`,
    );
}

async function openDatabase(
  path: string,
  { header, logPath, name }: { readonly header: Buffer; readonly logPath: string; readonly name: InputName },
): Promise<DatabaseSync> {
  // A name that begins with `file:` would be another place than the one that was looked at.
  const address = pathToFileURL(resolve(path));
  // A database with a write-ahead log makes files beside it when it is opened, where nobody has it open already.
  if (header[LOG_AT] === WRITE_AHEAD_LOG && (await sizeOf(logPath)) === 0) address.search = "?immutable=1";
  const { DatabaseSync: Database } = loadSqlite();
  try {
    const database = new Database(address, { readOnly: true, allowExtension: false });
    // Nothing in a schema that somebody else has made may call functions with effects.
    database.exec(
      "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA query_only = ON;",
    );
    return database;
  } catch (error) {
    throw damaged(name, error);
  }
}

/** The error of a database or query that SQLite cannot read. */
export function damaged(name: InputName, error: unknown, option?: string): Error {
  return invalidInput(name, {}, `SQLite says: ${messageOf(error)}`, { cause: error, option });
}
