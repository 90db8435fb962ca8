// @module-tag slow

import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { aJob, someRequests } from "../../fixtures/a-job.ts";
import { aRecord } from "../../fixtures/a-record.ts";
import { temporaryFolder } from "../../fixtures/temporary-folder.ts";
import {
  inspectJournal,
  memoryJournal,
  openJournal,
  type Journal,
  type JournalRun,
  type RunBatches,
} from "../index.ts";

const file = temporaryFolder();

function batchesOf({ batches }: JournalRun): RunBatches {
  if (batches === undefined) throw new Error("a journal in a file has batches");
  return batches;
}

async function withJournal<T>(path: string, use: (journal: Journal) => Promise<T>): Promise<T> {
  const journal = await openJournal(path);
  try {
    return await use(journal);
  } finally {
    await journal.close();
  }
}

describe("the batch jobs of a journal", () => {
  it("the batch jobs of a journal are found again after it was closed, with all that became known of them", async () => {
    const path = file("run.db");
    const requests = someRequests("a", 3);
    const changes = {
      state: "open",
      file: "file-1",
      remote: "batch_1",
      known: ["batch_0", "with a space"],
      sentAt: 1_700_000_000_000,
      expiresAt: 1_700_086_400_000,
      view: { id: "batch_1", state: "in_progress", total: 3 },
      error: "it does not get on",
    } as const;
    const planned = await withJournal(path, async (journal) => {
      const batches = batchesOf(await journal.begin({ identity: "same" }));
      const job = await batches.plan(aJob("one", requests));
      await batches.change(job.id, { state: "uploaded", file: "file-1" });
      await batches.change(job.id, changes);
      return job;
    });
    const { requests: _, ...described } = aJob("one", requests);
    const known = { ...described, requests: 3, id: 1, run: 1, origin: "own", answers: 0, cost: 0 };
    expect(planned).toEqual({ ...known, state: "planned", createdAt: planned.createdAt });
    await withJournal(path, async (journal) => {
      const batches = batchesOf(await journal.begin({ identity: "another" }));
      const job = { ...known, ...changes, createdAt: planned.createdAt };
      expect(batches.jobs()).toEqual([job]);
      expect(batches.jobs({ open: true })).toEqual([job]);
      expect(batches.jobs({ open: false })).toEqual([]);
      expect(batches.find("a-1")).toEqual({ ...requests[1], job: 1 });
      expect(batches.find("b-1")).toBeUndefined();
      expect([...batches.requestsOf(1)]).toEqual(requests);
      expect([...batches.requestsOf(2)]).toEqual([]);
    });
  });

  it("a batch job that is closed frees its requests, cannot be changed any more but for its view, and never gives its id away", async () => {
    const path = file("run.db");
    await withJournal(path, async (journal) => {
      const batches = batchesOf(await journal.begin());
      const requests = someRequests("a", 2);
      const { id } = await batches.plan(aJob("one", requests));
      await batches.close(id, "refused", { error: "model not found", endedAt: 5 });
      expect(batches.jobs()).toMatchObject([{ state: "refused", error: "model not found", endedAt: 5 }]);
      expect([batches.find("a-0"), ...batches.requestsOf(id)]).toEqual([undefined]);
      const error = { code: "JOURNAL_FAILED", message: expect.stringContaining("batch job 1 is refused") };
      await batches.change(id, { view: { isLeftThere: false } });
      await expect(batches.change(id, { state: "open" })).rejects.toMatchObject(error);
      await expect(batches.close(id, "harvested")).rejects.toMatchObject(error);
      await expect(batches.close(9, "harvested")).rejects.toThrow("it has no batch job 9");
      expect(await batches.plan(aJob("two", requests))).toMatchObject({ id: 2, state: "planned" });
    });
    const database = new DatabaseSync(path);
    database.exec("DELETE FROM batch_request; DELETE FROM batch_job");
    database.close();
    await withJournal(path, async (journal) => {
      const batches = batchesOf(await journal.begin());
      expect(await batches.plan(aJob("three", someRequests("a", 2)))).toMatchObject({ id: 3 });
    });
  });

  it("the requests of a closed batch job are in no job while others are open, and leave the file with the last of these", async () => {
    const path = file("run.db");
    const rowsOf = (): unknown => {
      const database = new DatabaseSync(path, { readOnly: true });
      try {
        return database.prepare("SELECT count(*) AS n FROM batch_request").get()?.["n"];
      } finally {
        database.close();
      }
    };
    await withJournal(path, async (journal) => {
      const batches = batchesOf(await journal.begin());
      const [one, two] = [someRequests("a", 3), someRequests("b", 2)];
      const first = await batches.plan(aJob("one", one));
      const second = await batches.plan(aJob("two", two));
      await batches.close(first.id, "harvested");
      expect([batches.find("a-1"), ...batches.requestsOf(first.id)]).toEqual([undefined]);
      expect(batches.find("b-1")).toMatchObject({ job: second.id });
      const again = await batches.plan(aJob("again", someRequests("a", 1)));
      expect(batches.find("a-0")).toMatchObject({ job: again.id });
      for (const { id } of [second, again]) await batches.close(id, "harvested");
      expect(rowsOf()).toBe(0);
    });
  });

  it("a batch job with a request that an open one has already is not planned, and nothing of it is kept", async () => {
    await withJournal(file("run.db"), async (journal) => {
      const batches = batchesOf(await journal.begin());
      await batches.plan(aJob("one", someRequests("a", 3)));
      const overlapping = [...someRequests("b", 3), ...someRequests("a", 1)];
      await expect(batches.plan(aJob("two", overlapping))).rejects.toMatchObject({
        code: "JOURNAL_FAILED",
        message: expect.stringContaining("the request a-0 is in the batch job 1 already"),
      });
      const twice = [...someRequests("c", 1), ...someRequests("c", 1)];
      await expect(batches.plan(aJob("two", twice))).rejects.toThrow("c-0 comes twice in one batch job");
      await expect(batches.plan(aJob("two", []))).rejects.toMatchObject({ code: "INVALID_OPTION" });
      expect(["b-0", "c-0"].map((key) => batches.find(key))).toEqual([undefined, undefined]);
      expect(batches.jobs()).toHaveLength(1);
    });
  });

  it("answers of a batch job say so, and count for the run and for the job at what they cost", async () => {
    const path = file("run.db");
    await withJournal(path, async (journal) => {
      const run = await journal.begin({ identity: "same" });
      const batches = batchesOf(run);
      const { id } = await batches.plan(aJob("one", someRequests("a", 3)));
      await run.append({ ...aRecord("direct"), cost: 1 });
      await Promise.all(
        someRequests("a", 3).map(({ key, row }) =>
          run.append({ ...aRecord(key), row, batchJob: id, ...(row < 2 && { cost: 0.25 }) }),
        ),
      );
      await batches.close(id, "harvested");
      expect([run.find("a-1")?.batchJob, run.find("direct")?.batchJob]).toEqual([id, undefined]);
    });
    await withJournal(path, async (journal) => {
      const run = await journal.begin({ identity: "same" });
      expect(run.paidBefore).toMatchObject({ cost: 1.5, usage: { requests: 4 } });
      expect(run.batches?.jobs()).toMatchObject([{ origin: "own", answers: 3, cost: 0.5 }]);
      expect(run.find("a-2")).toMatchObject({ batchJob: 1, row: 2 });
    });
  });

  it("batch jobs can be changed and closed without a run, and looked at while a run works", async () => {
    const path = file("run.db");
    await withJournal(path, async (journal) => {
      await batchesOf(await journal.begin()).plan(aJob("one", someRequests("a", 3)));
      const inspection = await inspectJournal(path);
      expect(inspection.batchJobs({ open: true })).toMatchObject([{ id: 1, name: "one", origin: "own" }]);
      await journal.batches?.change(1, { state: "cancelling" });
      expect(inspection.batchJobs()).toMatchObject([{ state: "cancelling" }]);
      await journal.batches?.close(1, "abandoned");
      expect(inspection.batchJobs({ open: true })).toEqual([]);
      expect(inspection.batchJobs({ open: false })).toMatchObject([{ state: "abandoned" }]);
      inspection.close();
    });
  });

  it("the view of a batch job that nobody could read again is refused", async () => {
    await withJournal(file("run.db"), async (journal) => {
      const batches = batchesOf(await journal.begin());
      const { id } = await batches.plan(aJob("one", someRequests("a", 1)));
      const view: Record<string, unknown> = {};
      let inner = view;
      for (let level = 0; level < 100; level++) inner = inner["a"] = {} as Record<string, unknown>;
      await expect(batches.change(id, { view })).rejects.toMatchObject({ code: "INVALID_OPTION" });
    });
  });

  it("a journal in memory has no batch jobs, as they outlive it", async () => {
    const journal = memoryJournal();
    expect([journal.batches, (await journal.begin()).batches]).toEqual([undefined, undefined]);
  });
});
