// @module-tag slow

import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { collectJob } from "../../fixtures/collect-job.ts";
import { runKilled } from "../../fixtures/run-killed.ts";
import { temporaryFolder } from "../../fixtures/temporary-folder.ts";
import { inspectJournal, openJournal, type JournalInspection } from "../index.ts";

const file = temporaryFolder();
/** More than there are, so that a loop without an end is seen. */
const MOST_MOMENTS = 60;
const TIMEOUT_MS = 300_000;

async function inspected<T>(path: string, look: (journal: JournalInspection) => T): Promise<T> {
  const journal = await inspectJournal(path);
  try {
    return look(journal);
  } finally {
    journal.close();
  }
}

const contentOf = (path: string): Promise<unknown> =>
  inspected(path, (journal) => [journal.runs(), [...journal.records()]]);

function versionOf(path: string): unknown {
  const database = new DatabaseSync(path);
  try {
    expect(database.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
    return database.prepare("PRAGMA user_version").get()?.["user_version"];
  } finally {
    database.close();
  }
}

describe("a process that is killed at a commit of its journal", () => {
  it(
    "a batch job whose process is killed before or after any commit is created once, and each answer is paid for once",
    async () => {
      let moment = 1;
      for (let isWhole = false; !isWhole && moment < MOST_MOMENTS; moment++) {
        const [path, api] = [file(`${moment}.db`), file(`${moment}.txt`)];
        isWhole = await runKilled([path, api], moment);
        if (!isWhole) await collectJob(path, api);
        const found = await inspected(path, (journal) => ({
          jobs: journal.batchJobs(),
          records: Array.from(journal.records(), ({ key, batchJob }) => `${key} ${batchJob}`),
          cost: journal.runs().reduce((sum, { cost }) => sum + cost, 0),
        }));
        expect({ moment, created: await readFile(api, "utf8"), ...found }).toMatchObject({
          moment,
          created: "job-one\n",
          jobs: [{ id: 1, state: "harvested", origin: "own", answers: 5, cost: 1.25 }],
          records: [0, 1, 2, 3, 4].map((row) => `job-one-${row} 1`),
          cost: 1.25,
        });
      }
      // The tables, the run, six of the job, and the end of the run: each before and after.
      expect(moment).toBeGreaterThan(18);
      expect(moment).toBeLessThan(MOST_MOMENTS);
    },
    TIMEOUT_MS,
  );

  it.each([1, 2])(
    "a journal of version %i whose process is killed before or after the commit that brings it up is of one version or the other, and whole",
    async (version) => {
      const old = join(import.meta.dirname, `../../fixtures/version-${version}.db`);
      const versions: unknown[] = [];
      for (let isWhole = false; !isWhole;) {
        const path = file(`${versions.length}.db`);
        await copyFile(old, path);
        const before = await contentOf(path);
        isWhole = await runKilled([path], versions.length + 1);
        versions.push(versionOf(path));
        expect(await contentOf(path)).toEqual(before);
        await (await openJournal(path)).close();
        expect([versionOf(path), await contentOf(path)]).toEqual([3, before]);
      }
      expect(versions).toEqual([version, 3, 3]);
    },
    TIMEOUT_MS,
  );
});
