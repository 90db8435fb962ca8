import { createHash } from "node:crypto";
import { copyFile, link, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { loadSqlite, parseJson, type Row } from "@parallel-parrot/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSource, sqliteSource, type InputDigest, type OpenSourceOptions } from "../index.ts";

const FIXTURE = fileURLToPath(new URL("../../fixtures/python.db", import.meta.url));

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "parrot-sqlite-test-"));
});
afterEach(() => rm(directory, { recursive: true }));

function at(name: string): string {
  return join(directory, name);
}

/** A database that a script has made. */
function database(script: string, name = "rows.db"): string {
  const made = open(name);
  made.exec(script);
  made.close();
  return at(name);
}

function open(name: string): DatabaseSync {
  const { DatabaseSync: Database } = loadSqlite();
  return new Database(at(name));
}

async function readAll(path: string, options: OpenSourceOptions = {}): Promise<Row[]> {
  return Array.fromAsync(openSource(path, options));
}

function plain(cell: unknown): unknown {
  return cell instanceof Uint8Array ? [...cell] : cell;
}

describe("sqliteSource", () => {
  it("sqliteSource reads the only table as Python's sqlite3 does, with every digit and byte", async () => {
    const text = await readFile(FIXTURE.replace(/$/, ".jsonl"), "utf8");
    const rows = await readAll(FIXTURE);
    const lines = text.trimEnd().split("\n");
    expect(rows).toHaveLength(lines.length);
    for (const [index, line] of lines.entries()) {
      for (const [column, cell] of parseJson(line) as [string, unknown][])
        expect([column, plain(rows[index]?.[column])]).toEqual([column, cell]);
    }
    expect(await readAll(FIXTURE, { longNumbers: "text" })).toMatchObject([
      { big: "9223372036854775807" },
      {},
      {},
      {},
    ]);
  });

  it("sqliteSource tells the types that hold all cells, by declarations where the cells are what they say", async () => {
    const declared = openSource(FIXTURE);
    const types = (await declared.columnTypes()) ?? new Map();
    await declared.cancel();
    expect(Object.fromEntries([...types].map(([column, type]) => [column, type.type]))).toEqual(
      Object.fromEntries([
        ["id", "integer"],
        ["big", "integer"],
        ["real", "float"],
        ["text", "text"],
        ["blob", "bytes"],
        ["flag", "boolean"],
        ["day", "date"],
        ["moment", "timestamp"],
        ["mixed", "text"],
        ["__proto__", "integer"],
        ["2020", "integer"],
      ]),
    );
    const path = database(
      "CREATE TABLE t (flag BOOLEAN, day DATE); INSERT INTO t VALUES (2, 'soon'), (1, '2026-11-30')",
    );
    const source = openSource(path);
    expect([...((await source.columnTypes()) ?? [])].map(([, { type }]) => type)).toEqual(["text", "text"]);
    expect(await Array.fromAsync(source)).toEqual([
      { flag: 2, day: "soon" },
      { flag: true, day: "2026-11-30" },
    ]);
  });

  it("sqliteSource counts texts in which a character stands for bytes that are not UTF-8", async () => {
    const path = database(
      "CREATE TABLE t (a TEXT); INSERT INTO t VALUES (CAST(x'636166e9' AS TEXT)), ('café'), (CAST(x'e9' AS TEXT))",
    );
    const source = sqliteSource(path);
    expect(await Array.fromAsync(source)).toEqual([{ a: "caf\uFFFD" }, { a: "café" }, { a: "\uFFFD" }]);
    expect(source.notes).toEqual([{ code: "UNKNOWN_CHARACTER", count: 2, first: "caf\uFFFD" }]);
  });

  it("sqliteSource needs to be told which of several tables to read, and names them", async () => {
    const path = database(
      'CREATE TABLE a (x); CREATE TABLE "b ""c" (y); INSERT INTO "b ""c" VALUES (1); CREATE VIEW v AS SELECT 2 AS z',
    );
    await expect(readAll(path)).rejects.toMatchObject({
      option: "table",
      message: expect.stringContaining(
        'it has several tables; name one in the option "table": "a", "b \\"c", "v"',
      ),
    });
    expect(await readAll(path, { table: 'B "C' })).toEqual([{ y: 1 }]);
    expect(await readAll(path, { table: "v" })).toEqual([{ z: 2 }]);
    await expect(readAll(path, { table: "d" })).rejects.toThrow('it has no table "d"');
    await expect(readAll(database("SELECT 1; PRAGMA user_version = 1", "none.db"))).rejects.toThrow(
      "it has no table",
    );
  });

  it("sqliteSource reads a table in the order of its rows, whatever index it has and whatever its columns are called", async () => {
    const path = database(
      "CREATE TABLE t (rowid, _ROWID_); CREATE INDEX i ON t (rowid, _ROWID_); INSERT INTO t VALUES (3, 1), (1, 2), (2, 3)",
    );
    expect(await readAll(path)).toEqual([
      { rowid: 3, _ROWID_: 1 },
      { rowid: 1, _ROWID_: 2 },
      { rowid: 2, _ROWID_: 3 },
    ]);
  });

  it("sqliteSource reads the rows of a query in its order, and tells equal names apart", async () => {
    const path = database("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)");
    const query =
      "-- all\n/* of */ SELECT t.a, u.a, count(*) FROM t JOIN t u GROUP BY 1, 2 ORDER BY 1 DESC, 2;";
    const source = openSource(path, { query });
    expect(await source.columns()).toEqual(["a", "a_2", "count(*)"]);
    expect((await Array.fromAsync(source))[0]).toEqual({ a: 2, a_2: 1, "count(*)": 1 });
  });

  it.each<readonly [string, string]>([
    ["DELETE FROM t", "has to begin with SELECT, WITH or VALUES"],
    ["PRAGMA journal_mode = DELETE", "has to begin with SELECT"],
    ["ATTACH 'x.db' AS x", "has to begin with SELECT"],
    ["SELECT 1; DELETE FROM t", "is more than one statement"],
    ["WITH x AS (SELECT 1) DELETE FROM t RETURNING a", "SQLite says: "],
    ["SELECT load_extension('x')", "SQLite says: "],
    ["SELECT missing FROM t", "no such column"],
    ["SELECT", "SQLite says: "],
  ])("sqliteSource refuses the query %s, and the database stays as it is", async (query, message) => {
    const path = database("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
    const before = await readFile(path);
    await expect(readAll(path, { query })).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining(message),
    });
    expect(await readFile(path)).toEqual(before);
    expect(await readdir(directory)).toEqual(["rows.db"]);
  });

  it("sqliteSource runs nothing with effects that the schema of a stranger names", async () => {
    const path = at("rows.db");
    const made = open("rows.db");
    made.exec(
      "CREATE TABLE t (a); INSERT INTO t VALUES (1); CREATE VIEW v AS SELECT load_extension('x') AS a",
    );
    made.close();
    await expect(readAll(path, { table: "v" })).rejects.toThrow("SQLite says: ");
    expect(() => sqliteSource(path, { table: "t", query: "SELECT 1" })).toThrow("set one of table and query");
  });

  it("sqliteSource leaves no files beside a database with a write-ahead log, and reads what only the log has", async () => {
    database("PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)");
    let closed: InputDigest | undefined;
    expect(await readAll(at("rows.db"), { onDigest: (told) => (closed = told) })).toEqual([{ a: 1 }]);
    expect(await readdir(directory)).toEqual(["rows.db"]);
    expect(closed?.sha256).toBe(
      createHash("sha256")
        .update(await readFile(at("rows.db")))
        .digest("hex"),
    );
    const writing = open("rows.db");
    writing.exec("INSERT INTO t VALUES (2)");
    let digest: InputDigest | undefined;
    expect(await readAll(at("rows.db"), { onDigest: (told) => (digest = told) })).toEqual([
      { a: 1 },
      { a: 2 },
    ]);
    expect(digest?.sha256).not.toBe(closed?.sha256);
    writing.close();
  });

  it("sqliteSource writes to no other file whose second name stands beside a database with a write-ahead log", async () => {
    const writing = open("made.db");
    writing.exec("PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)");
    await copyFile(at("made.db"), at("rows.db"));
    await copyFile(at("made.db-wal"), at("rows.db-wal"));
    writing.close();
    await writeFile(at("profile"), "# start-up file\n");
    await link(at("profile"), at("rows.db-shm"));
    await expect(readAll(at("rows.db"))).rejects.toThrow(/rows\.db-shm is a second name of another file/);
    expect(await readFile(at("profile"), "utf8")).toBe("# start-up file\n");
  });

  it("sqliteSource refuses a database in which a program was ended while it wrote", async () => {
    const writing = open("rows.db");
    writing.exec("PRAGMA cache_size = 1; CREATE TABLE t (a); BEGIN");
    const insert = writing.prepare("INSERT INTO t VALUES (?)");
    for (let row = 0; row < 100; row += 1) insert.run("x".repeat(4000));
    await copyFile(at("rows.db"), at("left.db"));
    await copyFile(at("rows.db-journal"), at("left.db-journal"));
    writing.exec("ROLLBACK");
    writing.close();
    const before = await readFile(at("left.db"));
    await expect(readAll(at("left.db"))).rejects.toThrow(
      "a program is writing to it, or was ended while it did",
    );
    expect(await readFile(at("left.db"))).toEqual(before);
  });

  it("sqliteSource refuses a database whose list of tables leads back to itself, which SQLite would read for ever", async () => {
    const tables = Array.from({ length: 400 }, (_, table) => `CREATE TABLE "table ${table}" (a, b, c)`);
    const path = database(`${tables.join(";")}; INSERT INTO "table 0" VALUES (1, 2, 3)`);
    expect(await readAll(path, { table: "table 0" })).toEqual([{ a: 1, b: 2, c: 3 }]);
    const bytes = await readFile(path);
    // The last child of the first page becomes its first one.
    const first = bytes.readUInt16BE(112);
    bytes.copy(bytes, 108, first, first + 4);
    await writeFile(path, bytes);
    await expect(readAll(path, { table: "table 0" })).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining("its list of tables leads back to itself"),
    });
  });

  it("sqliteSource refuses a row above maxRecordBytes", async () => {
    const path = database("CREATE TABLE t (a); INSERT INTO t VALUES (1), (zeroblob(2000))");
    await expect(readAll(path, { maxRecordBytes: 1000 })).rejects.toMatchObject({ row: 1 });
  });

  it.each<readonly [string, () => Promise<string>, string]>([
    ["text", () => text("a,b\n1,2\n"), "it is not an SQLite database"],
    ["an empty file", () => text(""), "it is empty"],
    ["a damaged file", async () => damaged(), "SQLite says: "],
    [
      "a journal of parrot",
      async () => database("PRAGMA application_id = 0x50415252; CREATE TABLE run (a)"),
      "it is a journal of parrot",
    ],
  ])("sqliteSource refuses %s with one message", async (_, make, message) => {
    await expect(readAll(await make())).rejects.toThrow(message);
  });

  async function text(content: string): Promise<string> {
    await writeFile(at("text.db"), content);
    return at("text.db");
  }

  async function damaged(): Promise<string> {
    const path = database(
      "CREATE TABLE t (a); INSERT INTO t SELECT hex(randomblob(3000)) FROM (VALUES (1), (2), (3))",
    );
    const bytes = await readFile(path);
    await writeFile(path, bytes.fill(0xff, 4096));
    return path;
  }

  it("sqliteSource gives no more rows once its stream is cancelled", async () => {
    const source = openSource(FIXTURE);
    await source.columns();
    await source.cancel();
    await expect(source.getReader().read()).resolves.toMatchObject({ done: true });
  });

  it("sqliteSource ends where the pages of a table lie in it again and again", async () => {
    const path = database(
      "PRAGMA page_size = 512; CREATE TABLE t (a); WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 400) INSERT INTO t SELECT 'row ' || x FROM c",
    );
    const bytes = await readFile(path);
    const [PAGE, BRANCH] = [512, 5];
    const root = bytes.subarray(PAGE, 2 * PAGE);
    expect(root.readUInt8(0)).toBe(BRANCH);
    // A hundred million rows: each page has its rows once for each of the pages above it.
    let child = root.readUInt32BE(root.readUInt16BE(12));
    const added: Buffer[] = [];
    for (let level = 0; level < 5; level += 1) {
      added.push(branch(child));
      child = bytes.length / PAGE + added.length;
    }
    branch(child).copy(bytes, PAGE);
    const whole = Buffer.concat([bytes, ...added]);
    whole.writeUInt32BE(whole.length / PAGE, 28);
    await writeFile(path, whole);
    await expect(readAll(path)).rejects.toThrow("more rows than the file has bytes");

    /** A page whose children are all the same page. */
    function branch(page: number): Buffer {
      const count = 40;
      const made = Buffer.alloc(PAGE);
      made.writeUInt8(BRANCH, 0);
      made.writeUInt16BE(count, 3);
      made.writeUInt16BE(PAGE - count * 5, 5);
      made.writeUInt32BE(page, 8);
      for (let cell = 0; cell < count; cell += 1) {
        const at = PAGE - (cell + 1) * 5;
        made.writeUInt32BE(page, at);
        made.writeUInt8(cell + 1, at + 4);
        made.writeUInt16BE(at, 12 + cell * 2);
      }
      return made;
    }
  });

  it.skipIf(Number(process.versions.node.split(".", 1)) < 24)(
    "sqliteSource does not make the cells of a view that would take a terabyte",
    async () => {
      const cells = Array.from({ length: 1000 }, (_, at) => `zeroblob(900000000) AS c${at}`).join(", ");
      const path = database(`CREATE VIEW v AS SELECT ${cells}`);
      await expect(readAll(path)).rejects.toThrow("raise the option maxRecordBytes");
    },
  );
});
