import { randomBytes } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { aJob, someRequests } from "../../fixtures/a-job.ts";
import { aRecord } from "../../fixtures/a-record.ts";
import { addHole, LONG_SCHEMAS, makeEndless, unpackAnew } from "../../fixtures/endless-table.ts";
import { temporaryFolder } from "../../fixtures/temporary-folder.ts";
import { inspectJournal, lockOutput, openJournal, pruneJournal } from "../index.ts";

const file = temporaryFolder();
const secret = randomBytes(32);
/** Two levels have 160,000 times as many rows as before: more than fit in the file, and few enough to count. */
const LEVELS = 2;

let path: string;

beforeEach(async () => {
  path = file("run.db");
  const journal = await openJournal(path, { secret });
  const run = await journal.begin({ identity: "same" });
  for (const key of ["a", "b", "c"]) await run.append(aRecord(key));
  await run.end("stopped");
  await journal.close();
});

describe("a journal whose pages are made to come again and again", () => {
  it("a journal with pages that lead back to each other is refused where that gives it runs without an end", async () => {
    makeEndless(path, "run", LEVELS);
    await expect(openJournal(path, { secret })).rejects.toThrow(/more rows than its file can hold/);
    const inspection = await inspectJournal(path, { secret });
    expect(() => inspection.runs()).toThrow(/more rows than its file can hold/);
    inspection.close();
  });

  it("a journal with pages that lead back to each other finds each record as often as it is asked for, and no more", async () => {
    makeEndless(path, "answer", LEVELS);
    const journal = await openJournal(path, { secret });
    const run = await journal.begin({ identity: "same" });
    for (const key of ["a", "b", "c", "b"]) expect(run.find(key)).toMatchObject({ key });
    expect(run.find("d")).toBeUndefined();
    await journal.close();
  });

  it("a journal with pages that lead back to each other shows each record once, and looks for none of a certain run or outcome", async () => {
    makeEndless(path, "answer", LEVELS);
    const inspection = await inspectJournal(path, { secret });
    expect(Array.from(inspection.records(), ({ key }) => key)).toEqual(["a", "b", "c"]);
    expect(Array.from(inspection.records({ key: "b" }), ({ key }) => key)).toEqual(["b"]);
    for (const filter of [{ run: 9 }, { outcome: "failure" } as const])
      expect(() => [...inspection.records(filter)]).toThrow(/more rows than its file can hold/);
    inspection.close();
  });

  it("a journal with pages that lead back to each other shows no batch jobs without an end", async () => {
    const journal = await openJournal(path, { secret });
    const run = await journal.begin({ identity: "same" });
    await run.batches?.plan(aJob("one", someRequests("a", 3)));
    await journal.close();
    makeEndless(path, "batch_job", LEVELS);
    const inspection = await inspectJournal(path, { secret });
    expect(() => inspection.batchJobs()).toThrow(/more rows than its file can hold/);
    inspection.close();
  });

  it("a journal with pages that lead back to each other is not pruned, which would copy what has no end", async () => {
    makeEndless(path, "answer", LEVELS);
    await expect(pruneJournal(path, { keepRuns: 0 })).rejects.toThrow(/more rows than its file can hold/);
  });
});

it("a journal with a hole in its file, which takes nothing on the disk, claims no more rows by that", async () => {
  makeEndless(path, "run", LEVELS + 1);
  addHole(path, 2 ** 28, 4096);
  await expect(openJournal(path, { secret })).rejects.toThrow(/more rows than its file can hold/);
});

describe.each(Object.entries(LONG_SCHEMAS))("a list of tables that is longer than a page, %s", (_, make) => {
  const PROBLEM = "it has more tables than this program makes";

  it("a journal with a list of tables of several pages is refused before SQLite reads it", async () => {
    make(path);
    unpackAnew(path);
    await expect(inspectJournal(path, { secret })).rejects.toThrow(PROBLEM);
    await expect(openJournal(path, { secret })).rejects.toThrow(PROBLEM);
    await expect(pruneJournal(path, { keepRuns: 0 })).rejects.toThrow(PROBLEM);
  });

  it("a lock with a list of tables of several pages is refused before SQLite reads it", async () => {
    make(`${path}-lock`);
    unpackAnew(`${path}-lock`);
    await expect(openJournal(path, { secret })).rejects.toThrow(PROBLEM);
    make(file(".out.csv.parrot-lock"));
    await expect(lockOutput(file("out.csv"))).rejects.toThrow(PROBLEM);
  });
});
