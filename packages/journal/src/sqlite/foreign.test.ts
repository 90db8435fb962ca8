// @module-tag slow

import { randomBytes } from "node:crypto";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { aRecord } from "../../fixtures/a-record.ts";
import { temporaryFolder } from "../../fixtures/temporary-folder.ts";
import {
  inspectJournal,
  openJournal,
  pruneJournal,
  type Journal,
  type JournalOptions,
  type Manifest,
  type RunSummary,
} from "../index.ts";

const file = temporaryFolder();
const [MINE, YOURS] = [randomBytes(32), randomBytes(32)];
const OLD = join(import.meta.dirname, "../../fixtures/version-1.db");

/** A finished run of one identity with an answer to each key. */
async function keep(path: string, keys: readonly string[], options?: JournalOptions): Promise<void> {
  const journal = await openJournal(path, options);
  const run = await journal.begin({ identity: "same", manifest: { input: "in.csv" } });
  await Promise.all(keys.map((key) => run.append(aRecord(key))));
  run.settle(1);
  await run.end("stopped");
  await journal.close();
}

async function use<T>(path: string, options: JournalOptions, look: (journal: Journal) => T): Promise<T> {
  const journal = await openJournal(path, options);
  try {
    return await look(journal);
  } finally {
    await journal.close();
  }
}

/** What of these keys a new run finds. */
async function found(path: string, keys: readonly string[], options: JournalOptions = {}): Promise<unknown> {
  return use(path, options, async (journal) => {
    const run = await journal.begin();
    return [keys.filter((key) => run.find(key) !== undefined).join(" "), journal.checks];
  });
}

const originsOf = (runs: readonly RunSummary[]): readonly string[] => runs.map(({ origin }) => origin);
const NONE = { adopted: 0, damaged: 0, foreign: 0 };

/** Changes a journal by hand, as somebody does who has its file. */
function change(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

describe("a journal with a secret", () => {
  it("a journal with a secret shows a short body of somebody else that would become a long one as empty", async () => {
    const path = file("run.db");
    await keep(path, ["a", "b"], { secret: YOURS });
    const database = new DatabaseSync(path);
    const bomb = zstdCompressSync(Buffer.alloc(65 * 2 ** 20));
    expect(bomb.length).toBeLessThan(10_000);
    database.prepare("UPDATE answer SET body = ? WHERE key = 'a'").run(bomb);
    database.close();
    const inspection = await inspectJournal(path, { secret: MINE });
    expect(Array.from(inspection.records(), ({ key, body }) => [key, body])).toEqual([
      ["a", ""],
      ["b", aRecord("b").body],
    ]);
    inspection.close();
  });

  it.each([
    ["is no JSON", '{"a":1}}'],
    ["is nested without an end", `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`],
  ])(
    "a journal with a secret shows a run of which the manifest %s as one without a manifest",
    async (_, manifest) => {
      const path = file("run.db");
      await keep(path, ["a"], { secret: YOURS });
      const database = new DatabaseSync(path);
      database.prepare("UPDATE run SET manifest = ?").run(manifest);
      database.close();
      const inspection = await inspectJournal(path, { secret: MINE });
      expect(inspection.runs()).toMatchObject([{ id: 1, origin: "damaged", manifest: {} }]);
      inspection.close();
    },
  );

  it("a journal with a secret refuses to begin a run with a manifest that it would not show again", async () => {
    const manifest = JSON.parse(`{"a":${"[".repeat(100)}${"]".repeat(100)}}`) as Manifest;
    await use(file("run.db"), { secret: MINE }, async (journal) => {
      await expect(journal.begin({ manifest })).rejects.toMatchObject({
        code: "INVALID_OPTION",
        option: "manifest",
      });
      const run = await journal.begin();
      await expect(run.note(manifest)).rejects.toMatchObject({ option: "manifest" });
    });
  });

  it("a journal with a secret takes no answer of which the cost was made infinite", async () => {
    const path = file("run.db");
    await keep(path, ["a", "b"], { secret: MINE });
    change(path, "UPDATE answer SET cost = 9e999 WHERE key = 'a'");
    expect(await found(path, ["a", "b"], { secret: MINE })).toEqual(["b", { ...NONE, damaged: 1 }]);
  });

  it("a journal with a secret takes no answer for another one, to which somebody has made the index lead", async () => {
    const path = file("run.db");
    await keep(path, ["a", "b", "c"], { secret: MINE });
    const bytes = await readFile(path);
    // An entry of the index ends in the kinds of its two values, the key, and the id of the record.
    const entry = (key: string, id: number): Buffer => Buffer.from([3, 15, 1, key.charCodeAt(0), id]);
    const [b, c] = [bytes.indexOf(entry("b", 2)), bytes.indexOf(entry("c", 3))];
    entry("b", 3).copy(bytes, b);
    entry("c", 2).copy(bytes, c);
    await writeFile(path, bytes);
    expect(await found(path, ["b", "c", "a"], { secret: MINE })).toEqual(["a", { ...NONE, damaged: 2 }]);
  });

  it("a journal with a secret finds what was kept with that secret, and goes on with its run", async () => {
    const path = file("run.db");
    await keep(path, ["a", "b"], { secret: MINE });
    await keep(path, ["c"], { secret: MINE });
    expect(await found(path, ["a", "b", "c"], { secret: MINE })).toEqual(["a b c", NONE]);
    const runs = await use(path, { secret: MINE }, (journal) => journal.runs());
    expect(runs).toMatchObject([{ id: 1, origin: "own", settled: 1, usage: { requests: 3 } }, { id: 2 }]);
  });

  it.each([
    ["with another secret", { secret: YOURS }],
    ["without one", {}],
  ])(
    "a journal with a secret is refused, and left as it is, where something was kept in it %s",
    async (_, options) => {
      const path = file("run.db");
      await keep(path, ["a"], options);
      const before = await readFile(path);
      await expect(openJournal(path, { secret: MINE })).rejects.toMatchObject({
        code: "JOURNAL_FOREIGN",
        file: path,
        option: "adopt",
        message: expect.stringContaining("run 1 with 1 request, not signed by you"),
      });
      expect(await readFile(path)).toEqual(before);
      await keep(path, ["b"], options);
    },
  );

  it("a journal with a secret takes over the answers of others where it is told to, once and for all, and not their runs", async () => {
    const path = file("run.db");
    await keep(path, ["a", "b"], { secret: YOURS });
    const adopt = { secret: MINE, adopt: true };
    expect(await found(path, ["a", "b"], adopt)).toEqual(["a b", { ...NONE, adopted: 2 }]);
    expect(await found(path, ["a", "b"], { secret: MINE })).toEqual(["a b", NONE]);
    expect(await found(path, ["a", "b"], adopt)).toEqual(["a b", NONE]);
    await use(path, { secret: MINE }, async (journal) => {
      expect(originsOf(journal.runs())).toEqual(["adopted", "own", "own", "own"]);
      expect((await journal.begin({ identity: "same" })).id).toBe(5);
    });
    await expect(openJournal(path, { secret: YOURS })).rejects.toMatchObject({ code: "JOURNAL_FOREIGN" });
  });

  it("a journal with a secret does not find a record that was slipped into it, and goes on to its own of the same key", async () => {
    const path = file("run.db");
    await keep(path, ["a", "b"], { secret: MINE });
    change(
      path,
      `INSERT INTO answer SELECT 100 + id, 'c', run, row, replicate, outcome, code, status, 'poison', requests, input_tokens,
        output_tokens, cached_input_tokens, reasoning_tokens, cache_write_tokens, cost, attempts, sent_at, duration_ms, NULL, seal, NULL
        FROM answer;
      INSERT INTO answer SELECT 200 + id, key, run, row, replicate, outcome, code, status, 'poison', requests, input_tokens,
        output_tokens, cached_input_tokens, reasoning_tokens, cache_write_tokens, cost, attempts, sent_at, duration_ms, NULL, NULL, NULL
        FROM answer WHERE key = 'a'`,
    );
    await use(path, { secret: MINE }, async (journal) => {
      const run = await journal.begin();
      expect(run.find("a")?.body).toBe(aRecord("a").body);
      expect(run.find("a")?.body).toBe(aRecord("a").body);
      expect(run.find("b")?.body).toBe(aRecord("b").body);
      expect(run.find("c")).toBeUndefined();
      expect(Array.from(journal.records(), ({ key }) => key)).toEqual(["a", "b"]);
      expect(journal.checks).toEqual({ ...NONE, foreign: 3 });
    });
  });

  it.each([
    "settled = 9",
    "cost = 100",
    "requests = 0",
    "manifest = '{}'",
    "identity = 'other'",
    "state = 'finished'",
    "started_at = 0",
  ])("a journal with a secret does not take a run for its own where somebody has set %s", async (changed) => {
    const path = file("run.db");
    await keep(path, ["a"], { secret: MINE });
    change(path, `UPDATE run SET touched_at = 0`);
    expect(await use(path, { secret: MINE }, (journal) => originsOf(journal.runs()))).toEqual(["own"]);
    change(path, `UPDATE run SET ${changed}`);
    await expect(openJournal(path, { secret: MINE })).rejects.toMatchObject({ code: "JOURNAL_FOREIGN" });
    const journal = await inspectJournal(path, { secret: MINE });
    expect(originsOf(journal.runs())).toEqual(["damaged"]);
    journal.close();
  });

  it("a journal with a secret shows everything that is there, and who made it", async () => {
    const path = file("run.db");
    await keep(path, ["a", "b", "c"], { secret: MINE });
    change(
      path,
      "UPDATE answer SET seal = NULL WHERE key = 'b'; UPDATE answer SET body = '' WHERE key = 'c'",
    );
    const journal = await inspectJournal(path, { secret: MINE });
    expect(Array.from(journal.records(), ({ key, origin }) => `${key} ${origin}`)).toEqual([
      "a own",
      "b foreign",
      "c damaged",
    ]);
    expect(["a", "b", "c"].map((key) => journal.find(key)?.key)).toEqual(["a", undefined, undefined]);
    journal.close();
    const without = await inspectJournal(path);
    expect(["a", "b", "c"].map((key) => without.find(key)?.key)).toEqual(["a", "b", undefined]);
    without.close();
  });

  it("a journal with a secret removes failures of its own runs, which stay its own, and not those of others alone", async () => {
    const path = file("run.db");
    const journal = await openJournal(path, { secret: MINE });
    const run = await journal.begin({ identity: "same" });
    await run.append({ ...aRecord("a"), outcome: "failure", code: "BAD_REQUEST" });
    run.settle(1);
    await journal.close();
    for (const secret of [undefined, YOURS])
      await expect(pruneJournal(path, { failures: true, secret })).rejects.toThrow(
        "Cannot remove only the failures of run 1",
      );
    expect(await pruneJournal(path, { failures: true, secret: MINE })).toMatchObject({ records: 1 });
    const runs = await use(path, { secret: MINE }, (opened) => opened.runs());
    expect(runs).toMatchObject([{ id: 1, origin: "own", settled: 0 }]);
    expect(await pruneJournal(path, { runs: [1] })).toMatchObject({ runs: [1] });
  });

  it("openJournal needs a secret that is one, and one to adopt with", async () => {
    await expect(openJournal(file("run.db"), { secret: randomBytes(8) })).rejects.toThrow("at least 32");
    await expect(openJournal(file("run.db"), { adopt: true })).rejects.toThrow(
      "Cannot use the option adopt without the option secret",
    );
  });
});

describe("a journal of version 1", () => {
  const KEYS = ["a", "b", "c", "d"];

  it("a journal of version 1 is brought up to this version, with everything in it", async () => {
    const path = file("run.db");
    await copyFile(OLD, path);
    const before = await inspectJournal(path);
    const records = [...before.records()];
    const runs = before.runs();
    before.close();
    expect(records.map(({ key, origin }) => `${key} ${origin}`)).toEqual([
      "a own",
      "b own",
      "c own",
      "d own",
    ]);
    await use(path, {}, async (journal) => {
      expect(journal.runs()).toEqual(runs);
      const run = await journal.begin({ identity: "second" });
      expect(run.id).toBe(2);
      expect(KEYS.map((key) => ({ ...run.find(key), origin: "own", isOwn: undefined }))).toEqual(records);
      await run.append(aRecord("e"));
    });
    expect(await found(path, [...KEYS, "e"])).toEqual(["a b c d e", NONE]);
    // From now on its records are checked.
    change(path, "UPDATE answer SET body = 'x' WHERE key = 'b'");
    expect(await found(path, KEYS)).toEqual(["a c d", { ...NONE, damaged: 1 }]);
  });

  it("a journal of version 1 is not used with a secret, nor changed, until it is adopted", async () => {
    const path = file("run.db");
    await copyFile(OLD, path);
    await expect(openJournal(path, { secret: MINE })).rejects.toMatchObject({
      code: "JOURNAL_FOREIGN",
      message: expect.stringContaining(
        "a version of this program that did not sign answers has written them",
      ),
    });
    expect(await readFile(path)).toEqual(await readFile(OLD));
    const inspection = await inspectJournal(path, { secret: MINE });
    expect(originsOf(inspection.runs())).toEqual(["foreign", "foreign"]);
    expect(inspection.find("a")).toBeUndefined();
    inspection.close();
    expect(await found(path, KEYS, { secret: MINE, adopt: true })).toEqual([
      "a b c d",
      { ...NONE, adopted: 4 },
    ]);
    expect(await found(path, KEYS, { secret: MINE })).toEqual(["a b c d", NONE]);
  });

  it("a journal of version 1 can be pruned as it is", async () => {
    const path = file("run.db");
    await copyFile(OLD, path);
    expect(await pruneJournal(path, { failures: true, secret: MINE })).toMatchObject({ records: 1 });
    expect(await pruneJournal(path, { runs: [2] })).toMatchObject({ records: 1 });
    expect(await found(path, KEYS)).toEqual(["a c", NONE]);
  });
});
