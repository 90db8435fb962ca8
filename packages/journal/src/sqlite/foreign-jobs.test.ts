// @module-tag slow

import { randomBytes } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { aJob, someRequests } from "../../fixtures/a-job.ts";
import { temporaryFolder } from "../../fixtures/temporary-folder.ts";
import {
  inspectJournal,
  openJournal,
  pruneJournal,
  type Journal,
  type JournalOptions,
  type RunBatches,
} from "../index.ts";

const file = temporaryFolder();
const [MINE, YOURS] = [randomBytes(32), randomBytes(32)];

async function use<T>(
  path: string,
  options: JournalOptions,
  look: (batches: RunBatches, journal: Journal) => T,
): Promise<T> {
  const journal = await openJournal(path, options);
  try {
    const { batches } = await journal.begin();
    if (batches === undefined) throw new Error("a journal in a file has batches");
    return await look(batches, journal);
  } finally {
    await journal.close();
  }
}

/** A run with two open jobs. */
async function makeJobs(path: string, options: JournalOptions = {}): Promise<void> {
  await use(path, options, async (batches) => {
    for (const name of ["a", "b"]) {
      const { id } = await batches.plan(aJob(name, someRequests(name, 3)));
      await batches.change(id, { state: "open", remote: `batch_${name}` });
    }
  });
}

/** Changes a journal by hand, as somebody does who has its file. */
function change(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

const origins = (path: string, options: JournalOptions): Promise<readonly string[]> =>
  use(path, options, (batches) => batches.jobs().map(({ origin }) => origin));

const ADD = "INSERT INTO batch_request VALUES ('c-0', 1, 7, 0, 1)";
const CHANGES: readonly (readonly [what: string, sql: string])[] = [
  ["another id at its API", "UPDATE batch_job SET remote = 'batch_x' WHERE id = 1"],
  ["another URL", "UPDATE batch_job SET url = 'https://elsewhere.example.com' WHERE id = 1"],
  ["a request more", ADD],
  ["a request less", "DELETE FROM batch_request WHERE key = 'a-1'"],
  ["a request of another row", "UPDATE batch_request SET row = 9 WHERE key = 'a-1'"],
  ["a request of another job", "UPDATE batch_request SET job = 1 WHERE key = 'b-1'"],
  ["more requests than any API takes", "UPDATE batch_job SET requests = 9e12 WHERE id = 1"],
];

describe("a batch job that somebody has changed", () => {
  it.each(CHANGES)(
    "a batch job to which somebody has given %s counts as damaged, and its requests are free",
    async (_, sql) => {
      const path = file("run.db");
      await makeJobs(path, { secret: MINE });
      change(path, sql);
      const inspection = await inspectJournal(path);
      expect(inspection.batchJobs()[0]?.origin).toBe("damaged");
      inspection.close();
      await use(path, { secret: MINE }, async (batches) => {
        expect(batches.jobs()[0]?.origin).toBe("damaged");
        expect(["a-0", "a-1", "a-2", "c-0"].flatMap((key) => batches.find(key) ?? [])).toEqual([]);
        expect([...batches.requestsOf(1)]).toEqual([]);
        const { id } = await batches.plan(aJob("again", someRequests("a", 3)));
        expect(batches.find("a-1")).toMatchObject({ job: id });
      });
    },
  );

  it("a batch job that is damaged does not keep its run from being pruned", async () => {
    const path = file("run.db");
    await makeJobs(path);
    change(path, "UPDATE batch_job SET remote = 'x' WHERE id = 1");
    expect(await pruneJournal(path, { keepRuns: 0 })).toMatchObject({ runs: [], withOpenJobs: [1] });
    change(path, "UPDATE batch_job SET remote = 'x' WHERE id = 2");
    expect(await pruneJournal(path, { keepRuns: 0 })).toMatchObject({ runs: [1], withOpenJobs: [] });
  });

  it("a batch job that was slipped into a journal with a secret is foreign, and is not acted on", async () => {
    const [path, theirs] = [file("run.db"), file("theirs.db")];
    await makeJobs(path, { secret: MINE });
    await makeJobs(theirs, { secret: YOURS });
    change(
      path,
      `ATTACH '${theirs}' AS theirs; DELETE FROM batch_request; DELETE FROM batch_job;
      INSERT INTO batch_job SELECT * FROM theirs.batch_job; INSERT INTO batch_request SELECT * FROM theirs.batch_request`,
    );
    expect(await origins(path, { secret: MINE })).toEqual(["foreign", "foreign"]);
    await use(path, { secret: MINE }, async (batches) => {
      expect(batches.find("a-1")).toBeUndefined();
      await batches.plan(aJob("again", someRequests("a", 2)));
      expect(batches.find("a-1")).toMatchObject({ job: 3 });
    });
    expect(await origins(path, {})).toEqual(["damaged", "own", "own"]);
  });

  it("batch jobs of others are taken over together with their answers, but not damaged ones", async () => {
    const path = file("run.db");
    await makeJobs(path, { secret: YOURS });
    change(path, "UPDATE batch_job SET remote = 'batch_x' WHERE id = 2");
    await expect(openJournal(path, { secret: MINE })).rejects.toMatchObject({ code: "JOURNAL_FOREIGN" });
    expect(await origins(path, { secret: MINE, adopt: true })).toEqual(["own", "damaged"]);
    await use(path, { secret: MINE }, async (batches) => {
      expect(["a-1", "b-1"].map((key) => batches.find(key)?.job)).toEqual([1, undefined]);
      await batches.close(1, "harvested");
    });
    expect(await origins(path, { secret: MINE })).toEqual(["own", "damaged"]);
  });
});
