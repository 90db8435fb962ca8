import { mkdtemp, rm } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NO_USAGE } from "@parallel-parrot/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  inspectJournal,
  mergeJournal,
  openJournal,
  type JournalOptions,
  type JournalRecord,
  type Merged,
} from "./index.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-merge-"));
});
afterEach(() => rm(folder, { recursive: true }));

const MINE = randomBytes(32);
const THEIRS = randomBytes(32);

function record(key: string, body = key): JournalRecord {
  const usage = { ...NO_USAGE, requests: 1, inputTokens: 3 };
  const times = { attempts: 1, sentAt: 5, durationMs: 7 };
  return { key, row: 0, replicate: 0, outcome: "answer", status: 200, body, usage, cost: 0.5, ...times };
}

/** Adds a finished run to a journal. */
async function keep(
  name: string,
  secret: Uint8Array,
  identity: string,
  ...records: JournalRecord[]
): Promise<void> {
  const journal = await openJournal(join(folder, name), { secret });
  const run = await journal.begin({ identity, manifest: { job: name } });
  for (const each of records) await run.append(each);
  run.settle(1);
  await run.end("finished");
  await journal.close();
}

async function merge(options: JournalOptions = {}): Promise<Merged> {
  const from = await inspectJournal(join(folder, "from.db"), { secret: MINE });
  const journal = await openJournal(join(folder, "into.db"), { secret: MINE });
  const known = await inspectJournal(join(folder, "into.db"), { secret: MINE });
  try {
    return await mergeJournal(from, { journal, known }, options);
  } finally {
    from.close();
    known.close();
    await journal.close();
  }
}

async function merged(): Promise<Awaited<ReturnType<typeof inspectJournal>>> {
  return inspectJournal(join(folder, "into.db"), { secret: MINE });
}

describe("mergeJournal", () => {
  it("mergeJournal adds runs and records that are not there, and a second time adds nothing", async () => {
    await keep("into.db", MINE, "a", record("1", "ours"));
    await keep("from.db", MINE, "b", record("1", "theirs"), record("2"), record("2", "later"));
    expect(await merge()).toEqual({
      runs: 1,
      records: 2,
      alreadyThere: 1,
      foreign: 0,
      damaged: 0,
      openJobs: 0,
    });
    const journal = await merged();
    expect([journal.find("1")?.body, journal.find("2")?.body]).toEqual(["ours", "later"]);
    expect(journal.runs()[1]).toMatchObject({
      origin: "own",
      identity: "b",
      state: "finished",
      settled: 1,
      usage: { requests: 2, inputTokens: 6 },
      cost: 1,
      manifest: { job: "from.db", merged: { run: 1, path: join(folder, "from.db") } },
    });
    journal.close();
    expect(await merge()).toMatchObject({ runs: 0, records: 0, alreadyThere: 3 });
  });

  it("mergeJournal takes over the records of others only with adopt, and never their manifests", async () => {
    await keep("from.db", THEIRS, "b", record("1"));
    expect(await merge()).toMatchObject({ records: 0, foreign: 1 });
    expect(await merge({ adopt: true })).toMatchObject({ runs: 1, records: 1, foreign: 0 });
    const journal = await merged();
    expect(journal.find("1")?.body).toBe("1");
    const [run] = journal.runs();
    expect([run?.identity, run?.manifest["job"]]).toEqual([undefined, undefined]);
    journal.close();
  });

  it("mergeJournal does not go on with a run of the same identity that is there", async () => {
    await keep("into.db", MINE, "a", record("1"));
    await keep("from.db", MINE, "a", record("2"));
    await merge();
    const journal = await merged();
    expect(journal.runs().map(({ identity }) => identity)).toEqual(["a", undefined]);
    journal.close();
  });

  it("mergeJournal adds more records than are on their way to the disk at once", async () => {
    await keep("from.db", MINE, "b");
    const journal = await openJournal(join(folder, "from.db"), { secret: MINE });
    const run = await journal.begin();
    await Promise.all(Array.from({ length: 2500 }, (_, key) => run.append(record(String(key)))));
    await journal.close();
    expect(await merge()).toMatchObject({ runs: 1, records: 2500 });
  });

  it("mergeJournal refuses to read a journal that a run writes to", async () => {
    await keep("from.db", MINE, "b", record("1"));
    const writer = await openJournal(join(folder, "from.db"), { secret: MINE });
    await expect(merge()).rejects.toMatchObject({
      code: "JOURNAL_IN_USE",
      message: expect.stringContaining(`by process ${process.pid} since`),
    });
    await writer.close();
    expect(await merge()).toMatchObject({ records: 1 });
  });
});
