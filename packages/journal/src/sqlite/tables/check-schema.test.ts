// @module-tag slow

import { readFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { aRecord } from "../../../fixtures/a-record.ts";
import { temporaryFolder } from "../../../fixtures/temporary-folder.ts";
import { inspectJournal, openJournal, pruneJournal } from "../../index.ts";

const file = temporaryFolder();

async function journalWith(sql: string): Promise<string> {
  const path = file("run.db");
  const journal = await openJournal(path);
  await (await journal.begin()).append(aRecord("a"));
  await journal.close();
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  // Whoever makes a hostile journal holds back nothing.
  if ("enableDefensive" in database) database.enableDefensive(false);
  database.exec(sql);
  database.close();
  return path;
}

/** Renames, and makes another of the old name. */
const instead = (table: string, made: string): string =>
  `PRAGMA legacy_alter_table = ON; ALTER TABLE ${table} RENAME TO old; ${made}; DROP TABLE old`;

const COUNT = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 9) SELECT max(i) FROM n";

describe("a journal whose schema was changed", () => {
  it.each([
    ["a trigger", `CREATE TRIGGER t AFTER INSERT ON run BEGIN DELETE FROM answer; END`],
    ["a trigger on reading's side", `CREATE TRIGGER t BEFORE UPDATE ON run BEGIN SELECT 1; END`],
    ["a view", `CREATE VIEW v AS ${COUNT}`],
    ["a view in the place of a table", instead("answer", "CREATE VIEW answer AS SELECT * FROM run")],
    ["a table more", "CREATE TABLE more (x)"],
    ["a virtual table", "CREATE VIRTUAL TABLE v USING fts5 (x)"],
    ["an index more", "CREATE INDEX more ON answer (run)"],
    ["an index on an expression", "CREATE INDEX more ON answer (abs(run))"],
    ["statistics", "ANALYZE"],
    ["a column more", "ALTER TABLE run ADD COLUMN x TEXT"],
    ["a computed column", "ALTER TABLE run ADD COLUMN x INTEGER GENERATED ALWAYS AS (abs(id)) VIRTUAL"],
    ["no index", "DROP INDEX answer_key"],
    ["no table of batch jobs", "DROP TABLE batch_job"],
    ["another index of that name", "DROP INDEX answer_key; CREATE INDEX answer_key ON answer (key, id)"],
    ["columns without types", instead("answer", "CREATE TABLE answer (id INTEGER PRIMARY KEY, key, run)")],
    [
      "another default",
      `PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'DEFAULT 0', 'DEFAULT 1') WHERE name = 'run'`,
    ],
  ])(
    "a journal whose schema was changed by %s is refused before anything of it runs, and left as it is",
    async (_, sql) => {
      const path = await journalWith(sql);
      const before = await readFile(path);
      for (const open of [
        () => openJournal(path),
        () => inspectJournal(path),
        () => pruneJournal(path, { keepRuns: 0 }),
      ])
        await expect(open()).rejects.toMatchObject({
          code: "JOURNAL_UNUSABLE",
          message: expect.stringMatching(/its tables are not those of a journal|damaged/),
        });
      expect(await readFile(path)).toEqual(before);
    },
  );

  it("a journal whose schema was changed is refused also where it has more runs than memory is given to", async () => {
    const path = await journalWith(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 600000)
      INSERT INTO run (identity, manifest, state, started_at, touched_at) SELECT i, '{}', 'stopped', 0, 0 FROM n`,
    );
    await expect(openJournal(path)).rejects.toThrow("its runs need more than 268435456 bytes of memory");
    const journal = await inspectJournal(path);
    expect(() => journal.runs()).toThrow("its runs need more than");
    journal.close();
  });

  it.each([
    ["with a long identity", "identity = CAST(zeroblob(270000000) AS TEXT)"],
    ["with a long state", "state = CAST(zeroblob(270000000) AS TEXT)"],
    ["with a long checksum", "sha256 = zeroblob(270000000)"],
    [
      "with a manifest of millions of lists",
      "manifest = '[' || replace(hex(zeroblob(1000001)), '00', '[],') || '1]'",
    ],
  ])(
    "a journal whose schema was changed is refused also where it has a run %s, which would take the memory",
    async (_, change) => {
      const path = await journalWith(`UPDATE run SET ${change}`);
      await expect(openJournal(path)).rejects.toThrow("its runs need more than 268435456 bytes of memory");
      const journal = await inspectJournal(path);
      expect(() => journal.runs()).toThrow("its runs need more than");
      journal.close();
    },
  );

  it("a journal whose schema was changed is refused also where its lock has a trigger", async () => {
    const path = await journalWith("SELECT 1");
    const lock = new DatabaseSync(`${path}-lock`);
    lock.exec("CREATE TRIGGER t AFTER DELETE ON owner BEGIN INSERT INTO owner VALUES (1, 2); END");
    lock.close();
    await expect(openJournal(path)).rejects.toMatchObject({
      code: "JOURNAL_UNUSABLE",
      message: expect.stringContaining("-lock cannot be taken: it is not a lock file; delete it"),
    });
  });
});
