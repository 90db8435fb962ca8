// @module-tag slow

import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { aJob, someRequests } from "../../fixtures/a-job.ts";
import { aRecord } from "../../fixtures/a-record.ts";
import { temporaryFolder } from "../../fixtures/temporary-folder.ts";
import { inspectJournal, openJournal, pruneJournal, type JournalOptions } from "../index.ts";

const file = temporaryFolder();
const FIXTURES = join(import.meta.dirname, "../../fixtures");
/** What `version-2.db` was signed with. */
const SECRET = new Uint8Array(32).fill(7);

interface Older {
  readonly version: number;
  readonly options: JournalOptions;
}

const OLDER: readonly Older[] = [
  { version: 1, options: {} },
  { version: 2, options: {} },
  { version: 2, options: { secret: SECRET } },
];

async function copyOf(version: number): Promise<string> {
  const path = file("run.db");
  await copyFile(join(FIXTURES, `version-${version}.db`), path);
  return path;
}

async function look(path: string, options: JournalOptions): Promise<unknown> {
  const journal = await inspectJournal(path, options);
  const found = { runs: journal.runs(), records: [...journal.records()], jobs: journal.batchJobs() };
  journal.close();
  return found;
}

describe("a journal of an older version", () => {
  it.each(OLDER)(
    "a journal of version $version keeps all that it holds when it is brought up, and takes batch jobs (%j)",
    async ({ version, options }) => {
      const path = await copyOf(version);
      const before = await look(path, options);
      expect(before).toMatchObject({ records: [{ origin: "own" }, {}, {}, {}], jobs: [] });
      const journal = await openJournal(path, options);
      expect(await look(path, options)).toEqual(before);
      const run = await journal.begin();
      expect(run.find("a")).toMatchObject({ key: "a", isOwn: false });
      await run.batches?.plan(aJob("one", someRequests("a", 2)));
      await run.append({ ...aRecord("e"), batchJob: 1 });
      await journal.close();
      expect(await look(path, options)).toMatchObject({
        records: [{ key: "a" }, {}, {}, {}, { key: "e", batchJob: 1, origin: "own" }],
        jobs: [{ id: 1, origin: "own", answers: 1 }],
      });
    },
  );

  it.each(OLDER)("a journal of version $version is looked at and pruned as it is", async ({ version }) => {
    const path = await copyOf(version);
    const before = await readFile(path);
    const journal = await inspectJournal(path);
    expect([journal.find("a")?.key, journal.batchJobs()]).toEqual(["a", []]);
    journal.close();
    expect(await readFile(path)).toEqual(before);
    expect(await pruneJournal(path, { keepRuns: 0 })).toMatchObject({ runs: [1, 2], withOpenJobs: [] });
  });
});
