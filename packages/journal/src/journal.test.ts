// @module-tag slow

import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { NO_USAGE } from "@parallel-parrot/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { aRecord } from "../fixtures/a-record.ts";
import { memoryJournal, openJournal, type Journal, type JournalRecord } from "./index.ts";
import { testJournal } from "./testing.ts";

let folder: string;
const open: Journal[] = [];
const path = (): string => join(folder, "run.db");

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-journal-"));
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((journal) => journal.close()));
  await rm(folder, { recursive: true });
});

async function openIt(file = path()): Promise<Journal> {
  const journal = await openJournal(file);
  open.push(journal);
  return journal;
}

const record = (key: string, changes: Partial<JournalRecord> = {}): JournalRecord => ({
  ...aRecord(key),
  ...changes,
});

describe("a journal in a file", () => {
  testJournal(it, { open: openIt });
});

describe("a journal in memory", () => {
  testJournal(it, { open: () => Promise.resolve(memoryJournal()) });
});

describe("openJournal", () => {
  it("openJournal finds everything again after the journal was closed", async () => {
    const first = await openJournal(path());
    const run = await first.begin({ identity: "same" });
    await run.append(record("a"));
    run.settle(1);
    await first.close();
    const again = await (await openIt()).begin({ identity: "same" });
    expect(again.find("a")).toEqual({ ...record("a"), run: 1, isSettled: true, isOwn: false });
    expect(await readdir(folder)).not.toContain("run.db-journal");
  });

  it("a journal leaves one file for the answers when it is closed", async () => {
    const journal = await openJournal(path());
    await (await journal.begin()).append(record("a"));
    await journal.close();
    expect((await readdir(folder)).toSorted()).toEqual(["run.db", "run.db-lock"]);
  });

  it("a journal is readable by its owner alone, its companion files too", async () => {
    const journal = await openIt(join(folder, "new", "deep", "run.db"));
    const run = await journal.begin();
    await run.append(record("a"));
    // By now the reserve, which the first one takes behind its reply, has lost its name.
    await run.append(record("b"));
    const files = await readdir(join(folder, "new", "deep"));
    expect(files).toContain("run.db-wal");
    const modes = await Promise.all(
      files.map(async (file) => (await stat(join(folder, "new", "deep", file))).mode & 0o777),
    );
    expect(new Set(modes)).toEqual(new Set([0o600]));
    expect((await stat(join(folder, "new", "deep"))).mode & 0o777).toBe(0o700);
  });

  it("openJournal refuses a second writer in this process and names the owner; the first goes on", async () => {
    const run = await (await openIt()).begin();
    await expect(openJournal(path())).rejects.toMatchObject({
      code: "JOURNAL_IN_USE",
      message: expect.stringContaining(`by process ${process.pid} since 2`),
    });
    await symlink(path(), join(folder, "link.db"));
    await expect(openJournal(join(folder, "link.db"))).rejects.toMatchObject({ code: "JOURNAL_IN_USE" });
    await run.append(record("a"));
    expect(run.find("a")).toBeDefined();
  });

  it("openJournal refuses a second process, and not any more when the first was killed", async () => {
    const script = join(import.meta.dirname, "../fixtures/hold-journal.ts");
    const holder = execFile(process.execPath, ["--conditions=@parallel-parrot/source", script, path()]);
    await new Promise((resolve) => holder.stdout?.once("data", resolve));
    await expect(openJournal(path())).rejects.toMatchObject({
      code: "JOURNAL_IN_USE",
      message: expect.stringContaining(`by process ${holder.pid} `),
    });
    const gone = new Promise((resolve) => holder.once("exit", resolve));
    holder.kill("SIGKILL");
    await gone;
    expect((await (await openIt()).begin()).find("held")?.body).toBe("kept before the kill");
  });

  it("openJournal gives the lock back where the journal cannot be opened", async () => {
    const path = join(folder, "locked.journal");
    await writeFile(path, "this is no journal".repeat(100));
    await expect(openJournal(path)).rejects.toMatchObject({ code: "JOURNAL_UNUSABLE" });
    await writeFile(path, "");
    await (await openJournal(path)).close();
  });

  it("openJournal refuses what is no journal, or a newer one, and leaves it as it is", async () => {
    await writeFile(
      path(),
      "a text file that happens to be there, longer than a header of SQLite would be, with more",
    );
    await expect(openJournal(path())).rejects.toMatchObject({
      code: "JOURNAL_UNUSABLE",
      file: path(),
      message: expect.stringContaining("it is not a journal, or is badly damaged; name another file"),
    });
    const other = new DatabaseSync(join(folder, "other.db"));
    other.exec("CREATE TABLE mine (x)");
    other.close();
    await expect(openJournal(join(folder, "other.db"))).rejects.toThrow("a database of another program");
    await (await openJournal(join(folder, "new.db"))).close();
    const newer = new DatabaseSync(join(folder, "new.db"));
    newer.exec("PRAGMA user_version = 4");
    newer.close();
    await expect(openJournal(join(folder, "new.db"))).rejects.toThrow(
      "its format is version 4, and this program reads up to version 3",
    );
    await expect(openJournal(folder)).rejects.toThrow("as a journal: it is not a file");
  });

  it("a journal can be opened again after a refusal", async () => {
    await writeFile(path(), "x".repeat(200));
    await expect(openJournal(path())).rejects.toThrow("Cannot use");
    await rm(path());
    await expect(openIt()).resolves.toBeDefined();
  });

  it("a journal makes answers durable before it says so: another process sees them at once", async () => {
    const run = await (await openIt()).begin();
    for (let index = 0; index < 20; index++) {
      await run.append(record(`key ${index}`));
      const reader = new DatabaseSync(path(), { readOnly: true });
      expect(reader.prepare("SELECT count(*) AS n FROM answer").get()).toEqual({ n: index + 1 });
      reader.close();
    }
  });

  it.each([
    ["a part of a token", 5.5, 6],
    ["more than anybody has counted", 1e300, 0],
    ["no number", Number.NaN, 0],
    ["infinitely many", Number.POSITIVE_INFINITY, 0],
    ["less than none", -3, -3],
  ])("a journal keeps an answer that is told to have cost %s", async (_what, told, kept) => {
    const journal = await openIt();
    const run = await journal.begin();
    const usage = {
      ...NO_USAGE,
      requests: told,
      inputTokens: told,
      outputTokens: told,
      cacheWriteTokens: told,
    };
    await run.append(record("a", { usage, cost: told }));
    expect(run.find("a")).toMatchObject({ body: record("a").body, usage: { inputTokens: kept } });
    expect(journal.runs()[0]?.usage.outputTokens).toBe(kept);
  });

  it("a journal shares commits between answers that come together, in order", async () => {
    const journal = await openIt();
    const run = await journal.begin();
    await Promise.all(Array.from({ length: 5000 }, (_, row) => run.append(record(String(row), { row }))));
    expect(Array.from(journal.records(), ({ row }) => row)).toEqual(
      Array.from({ length: 5000 }, (_, row) => row),
    );
  });

  it("a journal rejects a batch that cannot be written, and goes on with the next", async () => {
    const run = await (await openIt()).begin();
    await run.append(record("before"));
    // The column takes whole numbers only.
    await expect(run.append(record("bad", { attempts: 0.5 }))).rejects.toMatchObject({
      code: "JOURNAL_FAILED",
      file: path(),
    });
    await run.append(record("after"));
    expect(["before", "bad", "after"].map((key) => run.find(key)?.key)).toEqual([
      "before",
      undefined,
      "after",
    ]);
  });

  it("a journal prints no warning and lets the process end without close", async () => {
    const script = join(import.meta.dirname, "../fixtures/append-and-leave.ts");
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [
      "--conditions=@parallel-parrot/source",
      script,
      path(),
    ]);
    expect({ stdout, stderr }).toEqual({ stdout: "kept\n", stderr: "" });
    expect((await (await openIt()).begin()).find("left")).toBeDefined();
  });
});
