import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Course } from "./course.ts";
import { readLive, removeLive, writeLive, type LiveRecord } from "./live-file.ts";

let folder: string;
let journal: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-live-"));
  journal = join(folder, "journal.db");
  await writeFile(journal, "");
});
afterEach(() => rm(folder, { recursive: true }));

const nothing = { done: 0, asked: 0, failed: 0, inFlight: 0, tokens: 0, cost: -1, limitUse: -1 };
const record: LiveRecord = {
  run: 3,
  pid: 4711,
  course: new Course().upTo({ seconds: 1, megabytes: 80, ...nothing }),
  live: {
    toldAt: 0,
    done: 1,
    failed: 0,
    unanswered: [{ code: "TIMEOUT", count: 2 }],
    unusable: [],
    reused: 0,
    perMinute: 60,
    inFlight: 1,
    waiting: 0,
    backingOff: 0,
    waits: [],
    isStopping: false,
    requests: 3,
    tokens: 30,
    budget: { maxCost: 2 },
    limits: [],
    steps: [],
  },
};

describe("the file in which a run tells how far it is", () => {
  it("what a run has told last is read as a whole, and nothing is left when it is removed", async () => {
    await writeLive(journal, { ...record, run: 2 });
    await writeLive(journal, record);
    expect(await readLive(journal)).toEqual(record);
    await removeLive(journal);
    expect([await readLive(journal), await readdir(folder)]).toEqual([undefined, ["journal.db"]]);
  });

  it("a link in its place is replaced: what it leads to is neither written to nor read", async () => {
    const precious = join(folder, "precious.txt");
    await writeFile(precious, JSON.stringify(record));
    for (const name of ["journal.db-live", "journal.db-live-next"])
      await symlink(precious, join(folder, name));
    expect(await readLive(journal)).toBeUndefined();
    await writeLive(journal, { ...record, run: 5 });
    expect(await readLive(journal)).toMatchObject({ run: 5 });
    expect(JSON.parse(await readFile(precious, "utf8"))).toEqual(record);
  });

  it.each([
    ["no JSON", "{"],
    ["another form", JSON.stringify({ ...record, live: { waits: "<script>" } })],
    ["more than a run tells", JSON.stringify({ ...record, more: "x".repeat(300_000) })],
  ])("a file with %s in it is taken for none", async (_, text) => {
    await writeFile(`${journal}-live`, text);
    expect(await readLive(journal)).toBeUndefined();
  });
});
