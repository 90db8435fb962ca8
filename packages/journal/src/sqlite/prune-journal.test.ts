// @module-tag slow

import { stat } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { aJob, someRequests } from "../../fixtures/a-job.ts";
import { aRecord } from "../../fixtures/a-record.ts";
import { appendCommand, startAppending } from "../../fixtures/start-appending.ts";
import { temporaryFolder } from "../../fixtures/temporary-folder.ts";
import { inspectJournal, openJournal, pruneJournal, type JournalRecord, type RunSummary } from "../index.ts";

const file = temporaryFolder();
const HOUR = 3_600_000;

const failure = (key: string, row: number): JournalRecord => ({
  ...aRecord(key),
  row,
  outcome: "failure",
  code: "BAD_REQUEST",
  status: 400,
});

/** Four runs with 100 records each, of which rows 50 and 70 failed; the first was touched four hours ago. */
async function makeJournal(path: string): Promise<void> {
  const journal = await openJournal(path);
  for (let id = 1; id <= 4; id++) {
    const run = await journal.begin({ identity: `run ${id}` });
    await Promise.all(
      Array.from({ length: 100 }, (_, row) => {
        const key = `${id}-${row}`;
        const answer = { ...aRecord(key), row, body: key.repeat(300) };
        return run.append(row === 50 || row === 70 ? failure(key, row) : answer);
      }),
    );
    run.settle(90);
    await run.end("stopped");
  }
  await journal.close();
  const database = new DatabaseSync(path);
  database.exec(`UPDATE run SET touched_at = touched_at - (5 - id) * ${HOUR}`);
  database.close();
}

async function look(path: string): Promise<{ runs: readonly RunSummary[]; keys: readonly string[] }> {
  const journal = await inspectJournal(path);
  const found = { runs: journal.runs(), keys: Array.from(journal.records(), ({ key }) => key) };
  journal.close();
  return found;
}

const runsOf = async (path: string): Promise<unknown> => (await look(path)).runs.map(({ id }) => id);

describe("pruneJournal", () => {
  it("pruneJournal removes runs with their records and gives the space back", async () => {
    const path = file("run.db");
    await makeJournal(path);
    const pruned = await pruneJournal(path, { runs: [1, 3] });
    expect(pruned).toMatchObject({ runs: [1, 3], records: 200 });
    expect(pruned.bytesAfter).toBe((await stat(path)).size);
    expect(pruned.bytesAfter).toBeLessThan(pruned.bytesBefore * 0.6);
    const { runs, keys } = await look(path);
    expect(runs.map(({ id }) => id)).toEqual([2, 4]);
    expect(new Set(keys.map((key) => key[0]))).toEqual(new Set(["2", "4"]));
    expect(keys).toHaveLength(200);
    const journal = await openJournal(path);
    const run = await journal.begin({ identity: "run 4" });
    expect([run.id, run.find("4-1")?.row, run.find("1-1")]).toEqual([4, 1, undefined]);
    await run.append(aRecord("after"));
    await journal.close();
  });

  it("pruneJournal removes runs by age, and keeps as many of the latest as it is told to", async () => {
    const path = file("run.db");
    await makeJournal(path);
    expect((await pruneJournal(path, { olderThanMs: 3.5 * HOUR })).runs).toEqual([1]);
    expect((await pruneJournal(path, { olderThanMs: 1.5 * HOUR, keepRuns: 2 })).runs).toEqual([2]);
    expect((await pruneJournal(path, { keepRuns: 2 })).runs).toEqual([]);
    expect(await runsOf(path)).toEqual([3, 4]);
    expect((await pruneJournal(path, { keepRuns: 0 })).runs).toEqual([3, 4]);
    expect(await look(path)).toEqual({ runs: [], keys: [] });
  });

  it("pruneJournal keeps a run whose answers a later one has found", async () => {
    const path = file("run.db");
    await makeJournal(path);
    const journal = await openJournal(path);
    const run = await journal.begin({ identity: "run 5" });
    expect(run.find("1-3")?.run).toBe(1);
    await run.end("finished");
    await journal.close();
    expect((await pruneJournal(path, { olderThanMs: 0.5 * HOUR })).runs).toEqual([2, 3, 4]);
    expect((await look(path)).keys).toHaveLength(100);
  });

  it("pruneJournal keeps the runs that were used last, not those begun last", async () => {
    const path = file("run.db");
    await makeJournal(path);
    const journal = await openJournal(path);
    await (await journal.begin({ identity: "run 2" })).end("stopped");
    await journal.close();
    await pruneJournal(path, { keepRuns: 2 });
    expect(await runsOf(path)).toEqual([2, 4]);
  });

  it("pruneJournal removes failures alone: their rows may ask again, and what was paid stays on the run", async () => {
    const path = file("run.db");
    await makeJournal(path);
    const before = await look(path);
    expect(await pruneJournal(path, { failures: true, runs: [2] })).toMatchObject({ runs: [], records: 2 });
    const { runs, keys } = await look(path);
    expect(keys).toEqual(before.keys.filter((key) => key !== "2-50" && key !== "2-70"));
    const { settled: _, ...paid } = before.runs[1] ?? {};
    expect(runs).toEqual([before.runs[0], { ...paid, settled: 50 }, before.runs[2], before.runs[3]]);
    expect(await pruneJournal(path, { failures: true })).toMatchObject({ runs: [], records: 6 });
  });

  it("pruneJournal keeps a run that has planned a batch job which is open, says so, and removes it once that is closed", async () => {
    const path = file("run.db");
    await makeJournal(path);
    const journal = await openJournal(path);
    const run = await journal.begin({ identity: "run 2" });
    await run.batches?.plan(aJob("one", someRequests("a", 3)));
    await run.batches?.plan(aJob("two", someRequests("b", 3)));
    await run.batches?.close(2, "harvested");
    await journal.close();
    expect(await pruneJournal(path, { runs: [1, 2] })).toMatchObject({ runs: [1], withOpenJobs: [2] });
    expect(await pruneJournal(path, { failures: true, runs: [2] })).toMatchObject({
      records: 2,
      withOpenJobs: [],
    });
    const again = await openJournal(path);
    expect(again.batches?.find("a-1")).toMatchObject({ job: 1 });
    await again.batches?.close(1, "abandoned");
    await again.close();
    expect(await pruneJournal(path, { runs: [2] })).toMatchObject({ runs: [2], withOpenJobs: [] });
    const inspection = await inspectJournal(path);
    expect(inspection.batchJobs()).toEqual([]);
    inspection.close();
  });

  it("pruneJournal leaves no more on the disk than before, where little is removed", async () => {
    const path = file("run.db");
    await makeJournal(path);
    const { bytesBefore, bytesAfter } = await pruneJournal(path, { failures: true, runs: [2] });
    expect(bytesAfter).toBeLessThanOrEqual(bytesBefore);
    expect(bytesAfter).toBe((await stat(path)).size);
  });

  it("pruneJournal gives back the space that an earlier prune could not", async () => {
    const path = file("run.db");
    await makeJournal(path);
    const database = new DatabaseSync(path);
    database.exec("DELETE FROM answer WHERE run = 1; DELETE FROM run WHERE id = 1");
    database.close();
    const { records, bytesBefore, bytesAfter } = await pruneJournal(path, { keepRuns: 3 });
    expect(records).toBe(0);
    expect(bytesAfter).toBeLessThan(bytesBefore);
  });

  it("pruneJournal lets others read the journal meanwhile", async () => {
    const path = file("run.db");
    await makeJournal(path);
    const journal = await inspectJournal(path);
    const records = journal.records()[Symbol.iterator]();
    records.next();
    await pruneJournal(path, { runs: [1] });
    expect(records.next().value).toMatchObject({ key: "2-0", run: 2 });
    journal.close();
  });

  it("pruneJournal refuses while a run writes, and takes nothing from that run", async () => {
    const path = file("run.db");
    const writer = startAppending(appendCommand(path, "key", Infinity));
    await writer.hasKept(10);
    await expect(pruneJournal(path, { keepRuns: 0 })).rejects.toMatchObject({
      code: "JOURNAL_IN_USE",
      message: expect.stringContaining(`by process ${writer.child.pid} `),
    });
    await writer.hasKept(writer.kept.length + 500);
    expect(writer.rejected).toEqual([]);
    writer.child.kill("SIGKILL");
    await writer.ended;
    expect((await pruneJournal(path, { keepRuns: 0 })).records).toBeGreaterThanOrEqual(writer.kept.length);
  });

  it.each([
    [{}, "Cannot prune the journal: none of the options"],
    [{ failures: false }, "Cannot prune the journal: none of the options"],
    [{ runs: [4, 9] }, "The journal has no run 9"],
    [{ olderThanMs: -1 }, "Cannot use the option olderThanMs: expected a number of at least 0, got -1"],
    [
      { olderThanMs: Number.NaN },
      "Cannot use the option olderThanMs: expected a number of at least 0, got NaN",
    ],
    [{ keepRuns: 1.5 }, "Cannot use the option keepRuns: expected a whole number of at least 0, got 1.5"],
  ])("pruneJournal refuses the options %j and removes nothing", async (options, message) => {
    const path = file("run.db");
    await makeJournal(path);
    await expect(pruneJournal(path, options)).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringContaining(message),
    });
    expect(await runsOf(path)).toEqual([1, 2, 3, 4]);
  });

  it("pruneJournal refuses a journal that is not there, and makes none", async () => {
    await expect(pruneJournal(file("none.db"), { keepRuns: 0 })).rejects.toMatchObject({
      code: "JOURNAL_UNUSABLE",
    });
    await expect(stat(file("none.db"))).rejects.toThrow("ENOENT");
  });
});
