// @module-tag slow

import { spawnSync } from "node:child_process";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { aRecord } from "../../fixtures/a-record.ts";
import { appendCommand, startAppending } from "../../fixtures/start-appending.ts";
import { temporaryFolder } from "../../fixtures/temporary-folder.ts";
import { exportRecords, inspectJournal, openJournal, type JournalRecord } from "../index.ts";

/** Mounting a small disk needs root; elsewhere that test is skipped, and shown so. */
const MAY_MOUNT = process.getuid?.() === 0 && spawnSync("unshare", ["--mount", "true"]).status === 0;

const file = temporaryFolder();

const record = (key: string, changes: Partial<JournalRecord> = {}): JournalRecord => ({
  ...aRecord(key),
  ...changes,
});

/** Two runs, of which the first is done with its first row. */
async function makeJournal(path: string): Promise<void> {
  const journal = await openJournal(path);
  const first = await journal.begin({ identity: "first", manifest: { input: "in.csv" } });
  await first.append(record("a", { cost: 0.5 }));
  await first.append(record("b", { row: 1, outcome: "failure", code: "BAD_REQUEST", status: 400 }));
  first.settle(1);
  await first.end("stopped");
  const second = await journal.begin();
  await second.append(record("a", { body: "x".repeat(10_000) }));
  await journal.close();
}

describe("inspectJournal", () => {
  it("inspectJournal names the process that writes to a journal, while one does", async () => {
    const path = file("run.db");
    const writer = await openJournal(path);
    const journal = await inspectJournal(path);
    expect(await journal.writer()).toEqual({ pid: process.pid, since: expect.stringMatching(/^2\d{3}-/) });
    await writer.close();
    expect(await journal.writer()).toBeUndefined();
    journal.close();
    await rm(`${path}-lock`);
    const again = await inspectJournal(path);
    expect(await again.writer()).toBeUndefined();
    again.close();
    expect(await readdir(dirname(path))).not.toContain("run.db-lock");
  });

  it("inspectJournal shows runs, records and the size of a journal, and leaves nothing beside it", async () => {
    const path = file("run.db");
    await makeJournal(path);
    const before = await readFile(path);
    const journal = await inspectJournal(path);
    expect(journal.runs()).toMatchObject([
      { id: 1, identity: "first", manifest: { input: "in.csv" }, state: "stopped", settled: 1, cost: 0.5 },
      { id: 2, identity: undefined, state: "running", settled: 0 },
    ]);
    expect([...journal.records()]).toEqual([
      { ...record("a", { cost: 0.5 }), run: 1, isSettled: true, origin: "own" },
      {
        ...record("b", { row: 1, outcome: "failure", code: "BAD_REQUEST", status: 400 }),
        run: 1,
        isSettled: false,
        origin: "own",
      },
      { ...record("a", { body: "x".repeat(10_000) }), run: 2, isSettled: false, origin: "own" },
    ]);
    expect(await journal.size()).toEqual({ records: 3, bytes: before.length });
    journal.close();
    expect(await readFile(path)).toEqual(before);
    expect((await readdir(dirname(path))).toSorted()).toEqual(["run.db", "run.db-lock"]);
  });

  it("inspectJournal finds records by run, key and outcome", async () => {
    const path = file("run.db");
    await makeJournal(path);
    const journal = await inspectJournal(path);
    const found = (filter: Parameters<typeof journal.records>[0]): unknown =>
      Array.from(journal.records(filter), ({ run, key }) => `${run} ${key}`);
    expect(found({ run: 1 })).toEqual(["1 a", "1 b"]);
    expect(found({ key: "a" })).toEqual(["1 a", "2 a"]);
    expect(found({ key: "a", run: 2 })).toEqual(["2 a"]);
    expect(found({ outcome: "failure" })).toEqual(["1 b"]);
    expect(found({ run: 3 })).toEqual([]);
    expect([journal.find("a"), journal.find("none")]).toMatchObject([
      { ...record("a", { body: "x".repeat(10_000) }), run: 2, isSettled: false },
      undefined,
    ]);
    journal.close();
  });

  it("inspectJournal sees what another process has acknowledged, while that goes on", async () => {
    const path = file("run.db");
    const writer = startAppending(appendCommand(path, "key", Infinity));
    await writer.hasKept(1);
    const journal = await inspectJournal(path);
    for (const count of [1, 200, 400, 2000]) {
      await writer.hasKept(count);
      const kept = [...writer.kept];
      const keys = new Set(Array.from(journal.records(), ({ key }) => key));
      expect(kept.filter((key) => !keys.has(key))).toEqual([]);
    }
    expect(journal.runs()).toMatchObject([{ id: 1, identity: "appended", state: "running" }]);
    // It ends at what was there when it began, also where the writer is faster.
    let seen = 0;
    for (const _ of journal.records()) if (seen++ === 100) await writer.hasKept(writer.kept.length + 1000);
    expect(seen).toBeLessThan((await journal.size()).records);
    journal.close();
    expect(writer.rejected).toEqual([]);
    writer.child.kill("SIGKILL");
    await writer.ended;
  });

  it("inspectJournal does not keep the log of a writer from being emptied, however slowly it is read", async () => {
    const path = file("run.db");
    const journal = await openJournal(path);
    const run = await journal.begin();
    await Promise.all([1, 2, 3].map((row) => run.append(record(String(row), { row }))));
    const inspection = await inspectJournal(path);
    const records = inspection.records()[Symbol.iterator]();
    records.next();
    const other = new DatabaseSync(path);
    expect(other.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()).toMatchObject({ busy: 0 });
    other.close();
    inspection.close();
    await journal.close();
  });

  it("inspectJournal stays open while others write the journal and close it", async () => {
    const path = file("run.db");
    await makeJournal(path);
    const journal = await inspectJournal(path);
    const again = await openJournal(path);
    await (await again.begin()).append(record("written meanwhile"));
    await again.close();
    expect((await journal.size()).records).toBe(4);
    journal.close();
  });

  it("inspectJournal sees what a killed process has kept", async () => {
    const path = file("run.db");
    const writer = startAppending(appendCommand(path, "key", Infinity));
    await writer.hasKept(100);
    writer.child.kill("SIGKILL");
    await writer.ended;
    const journal = await inspectJournal(path);
    const keys = new Set(Array.from(journal.records(), ({ key }) => key));
    expect(writer.kept.filter((key) => !keys.has(key))).toEqual([]);
    journal.close();
  });

  it("inspectJournal refuses what is no journal, or is not there, and makes none", async () => {
    const refusal = (path: string): Promise<unknown> => inspectJournal(path).catch((error: unknown) => error);
    expect(await refusal(file("none.db"))).toMatchObject({
      code: "JOURNAL_UNUSABLE",
      message: `Cannot use ${file("none.db")} as a journal: there is no such file`,
    });
    await writeFile(file("text.db"), "not a database at all, but long enough for a header".repeat(9));
    expect(await refusal(file("text.db"))).toMatchObject({
      code: "JOURNAL_UNUSABLE",
      message: expect.stringContaining("it is not a journal, or is badly damaged; name another file"),
    });
    await writeFile(file("empty.db"), "");
    expect(await refusal(file("empty.db"))).toMatchObject({
      message: expect.stringContaining("it is empty"),
    });
    const other = new DatabaseSync(file("other.db"));
    other.exec("CREATE TABLE mine (x)");
    other.close();
    expect(await refusal(file("other.db"))).toMatchObject({
      message: expect.stringContaining("a database of another program"),
    });
    await makeJournal(file("newer.db"));
    const newer = new DatabaseSync(file("newer.db"));
    newer.exec("PRAGMA user_version = 7");
    newer.close();
    expect(await refusal(file("newer.db"))).toMatchObject({
      message: expect.stringContaining("its format is version 7, and this program reads up to version 3"),
    });
    expect(await refusal(dirname(file("x")))).toMatchObject({
      message: expect.stringContaining("it is not a file"),
    });
    expect(await readdir(dirname(file("x")))).not.toContain("none.db");
  });

  it.skipIf(!MAY_MOUNT)("inspectJournal says what it needs where nothing can be written", async () => {
    const folder = dirname(file("x"));
    expect(spawnSync("mount", ["-t", "tmpfs", "tmpfs", folder]).status).toBe(0);
    try {
      await makeJournal(file("run.db"));
      spawnSync("mount", ["-o", "remount,ro", folder]);
      await expect(inspectJournal(file("run.db"))).rejects.toThrow(
        "copy the journal to a folder of your own",
      );
      await expect(openJournal(file("new.db"))).rejects.toThrow(
        "name a journal in a folder that you may write to",
      );
    } finally {
      spawnSync("umount", [folder]);
    }
  });

  it("inspectJournal says which file it is where a part of it cannot be read", async () => {
    const path = file("run.db");
    const journal = await openJournal(path);
    const run = await journal.begin();
    await Promise.all(Array.from({ length: 500 }, (_, row) => run.append(record(String(row), { row }))));
    await journal.close();
    const bytes = await readFile(path);
    await writeFile(path, bytes.fill(0xff, 4096 * 4));
    const damaged = await inspectJournal(path);
    const error = {
      code: "JOURNAL_UNUSABLE",
      file: path,
      message: `The journal ${path} is damaged: move it away with the files beside it that begin with its name, and run again. To see what can still be read of it: sqlite3 ${path} .recover`,
    };
    expect(() => [...damaged.records()]).toThrow(expect.objectContaining(error));
    await expect(damaged.size()).rejects.toMatchObject(error);
    damaged.close();
  });
});

describe("exportRecords", () => {
  it("exportRecords gives flat rows, each with the same columns", async () => {
    const path = file("run.db");
    await makeJournal(path);
    const journal = await inspectJournal(path);
    const rows = [...exportRecords(journal, { run: 1 })];
    journal.close();
    expect(rows.map((row) => JSON.stringify(row))).toEqual([
      '{"run":1,"row":0,"replicate":0,"key":"a","outcome":"answer","code":null,"status":200,"requests":1,"inputTokens":10,"outputTokens":5,"cachedInputTokens":2,"reasoningTokens":1,"cacheWriteTokens":0,"cost":0.5,"attempts":1,"sentAt":"2023-11-14T22:13:20.000Z","durationMs":800,"batchJob":null,"isSettled":true,"origin":"own","body":"{\\"answer\\":\\"a\\"}"}',
      '{"run":1,"row":1,"replicate":0,"key":"b","outcome":"failure","code":"BAD_REQUEST","status":400,"requests":1,"inputTokens":10,"outputTokens":5,"cachedInputTokens":2,"reasoningTokens":1,"cacheWriteTokens":0,"cost":null,"attempts":1,"sentAt":"2023-11-14T22:13:20.000Z","durationMs":800,"batchJob":null,"isSettled":false,"origin":"own","body":"{\\"answer\\":\\"b\\"}"}',
    ]);
  });
});
