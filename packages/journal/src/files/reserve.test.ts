// @module-tag slow

import { spawnSync } from "node:child_process";
import { appendFileSync, rmSync } from "node:fs";
import { mkdtemp, readdir, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { aJob, someRequests } from "../../fixtures/a-job.ts";
import { aRecord } from "../../fixtures/a-record.ts";
import { openJournal, type Journal, type JournalRun } from "../index.ts";

/** Mounting a small disk needs root; elsewhere these tests are skipped, and shown so. */
const MAY_MOUNT = process.getuid?.() === 0 && spawnSync("unshare", ["--mount", "true"]).status === 0;
const MIB = 2 ** 20;

let disk: string;
let journal: Journal;

beforeEach(async () => {
  disk = await mkdtemp(join(tmpdir(), "parrot-disk-"));
});
afterEach(async () => {
  await journal.close().catch(() => undefined);
  spawnSync("umount", [disk]);
  await rm(disk, { recursive: true });
});

/** Opens a journal on a disk of this size. */
async function openOn(mib: number): Promise<JournalRun> {
  expect(spawnSync("mount", ["-t", "tmpfs", "-o", `size=${mib}m`, "tmpfs", disk]).status).toBe(0);
  journal = await openJournal(join(disk, "run.db"));
  return journal.begin();
}

const freeMib = async (): Promise<number> => {
  const { bavail, bsize } = await statfs(disk);
  return (bavail * bsize) / MIB;
};

/** Takes all the room there is. */
function fillDisk(): void {
  for (let size = MIB; size >= 1;) {
    try {
      appendFileSync(join(disk, "filler"), Buffer.alloc(size));
    } catch {
      size /= 2;
    }
  }
}

async function appendSome(run: JournalRun, prefix: string, count: number): Promise<void> {
  const bodies = Array.from({ length: count }, () => randomBytes(3000).toString("latin1"));
  const appends = bodies.map((body, row) => run.append({ ...aRecord(`${prefix}-${row}`), row, body }));
  await Promise.allSettled(appends);
  await Promise.all(appends);
}

describe.skipIf(!MAY_MOUNT)("a journal's reserve", () => {
  it("a journal's reserve takes the answers in flight when the disk fills up, and says that nothing new should be asked", async () => {
    const run = await openOn(100);
    await appendSome(run, "before", 1);
    await expect.poll(freeMib).toBeLessThan(100 - 16);
    expect(run.ending).toBeUndefined();
    fillDisk();
    await appendSome(run, "in-flight", 500);
    expect(run.ending).toMatchObject({ code: "JOURNAL_FAILED" });
    expect(run.ending?.message).toContain("full");
    expect(Array.from(journal.records())).toHaveLength(501);
    await run.end("stopped");
    expect(journal.runs()).toMatchObject([{ state: "stopped" }]);
    // There is none for what comes after.
    await expect(appendSome(run, "too-late", 10_000)).rejects.toMatchObject({ code: "JOURNAL_FAILED" });

    rmSync(join(disk, "filler"));
    const next = await journal.begin();
    const free = await freeMib();
    await appendSome(next, "again", 1);
    await expect.poll(freeMib).toBeLessThan(free - 15);
    expect(next.ending).toBeUndefined();
    await next.end("finished");
    expect(await freeMib()).toBeGreaterThan(free - 1);
    expect(await readdir(disk)).not.toContain("run.db-reserve");
  });

  it.each([
    [40, 9.9, 10.4],
    [4, 1.1, 1.4],
  ])(
    "a journal's reserve takes a quarter of what is free, on a disk of %d MiB",
    async (size, least, most) => {
      const run = await openOn(size);
      const free = await freeMib();
      await appendSome(run, "first", 1);
      await expect.poll(async () => free - (await freeMib())).toBeGreaterThan(least);
      await appendSome(run, "second", 1);
      expect(free - (await freeMib())).toBeLessThan(most);
      await run.end("finished");
      expect(free - (await freeMib())).toBeLessThan(0.1);
    },
  );

  it("a journal's reserve keeps what there is room for, and counts what was paid for the rest when the run goes on", async () => {
    await openOn(4);
    const run = await journal.begin({ identity: "a run" });
    await appendSome(run, "before", 1);
    await expect.poll(freeMib).toBeLessThan(2.9);
    fillDisk();
    const count = 400;
    const outcomes = await Promise.allSettled(
      Array.from({ length: count }, (_, row) =>
        run.append({ ...aRecord(`late-${row}`), row, body: randomBytes(3000).toString("latin1"), cost: 0.5 }),
      ),
    );
    const lost = outcomes.filter(({ status }) => status === "rejected").length;
    expect(lost).toBeGreaterThan(0);
    expect(lost).toBeLessThan(count - 20);
    expect(Array.from(journal.records())).toHaveLength(1 + count - lost);
    expect(run.lost).toMatchObject({ records: lost, usage: { requests: lost }, cost: lost / 2 });
    expect(run.ending).toMatchObject({ code: "JOURNAL_FAILED" });
    await run.end("stopped");
    expect(run.lost?.areCounted).toBe(true);
    const again = await journal.begin({ identity: "a run" });
    expect(again.paidBefore).toMatchObject({ usage: { requests: 1 + count }, cost: count / 2 });
  });

  it("a journal's reserve takes what became known of a batch job, but no new job, and counts no result as lost", async () => {
    const run = await openOn(4);
    const { batches } = run;
    const planned = await batches?.plan(aJob("one", someRequests("a", 400)));
    const id = planned?.id ?? 0;
    await appendSome(run, "before", 1);
    await expect.poll(freeMib).toBeLessThan(2.9);
    fillDisk();
    await expect(batches?.plan(aJob("two", someRequests("b", 400)))).rejects.toMatchObject({
      code: "JOURNAL_FAILED",
      message: expect.stringContaining("full"),
    });
    expect([batches?.find("b-0"), run.ending]).toEqual([undefined, undefined]);
    await batches?.change(id, { state: "open", remote: "batch_1" });
    expect(run.ending).toMatchObject({ code: "JOURNAL_FAILED" });
    await expect(batches?.plan(aJob("two", someRequests("b", 1)))).rejects.toBe(run.ending);
    const results = Array.from({ length: 400 }, (_, row) =>
      run.append({
        ...aRecord(`a-${row}`),
        row,
        body: randomBytes(3000).toString("latin1"),
        cost: 0.5,
        batchJob: id,
      }),
    );
    const outcomes = await Promise.allSettled(results);
    const kept = outcomes.filter(({ status }) => status === "fulfilled").length;
    expect(kept).toBeLessThan(400);
    expect(run.lost ?? { records: 0 }).toMatchObject({ records: 0 });
    await run.end("stopped");
    expect(journal.runs()).toMatchObject([{ usage: { requests: 1 + kept }, cost: kept / 2 }]);
    expect(journal.batches?.jobs()).toMatchObject([{ state: "open", remote: "batch_1", answers: kept }]);
  });
});
