// @module-tag slow

import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { aRecord } from "../../fixtures/a-record.ts";
import { temporaryFolder } from "../../fixtures/temporary-folder.ts";
import { openJournal } from "../index.ts";

const file = temporaryFolder();
const ANSWERS = 3000;

/** What others may do to a journal that is in use, and what it is called afterwards. */
const DEEDS: readonly (readonly [string, string, (path: string) => Promise<void>])[] = [
  ["its folder is removed", "run.db", (path) => rm(dirname(path), { recursive: true })],
  ["its folder is called otherwise", "run.db", (path) => rename(dirname(path), `${dirname(path)}-old`)],
  ["the file is removed", "run.db.kept-2", (path) => rm(path)],
  [
    "another file takes its place",
    "run.db.kept-2",
    (path) => writeFile(`${path}.new`, "other").then(() => rename(`${path}.new`, path)),
  ],
  [
    "its folder is removed, and another run has begun there",
    "run.db.kept-2",
    async (path) => {
      await rm(dirname(path), { recursive: true });
      await mkdir(dirname(path));
      await (await openJournal(path)).close();
    },
  ],
];

describe.skipIf(process.platform === "win32")("a journal in use", () => {
  it.each(DEEDS)("a journal in use says so where %s, and loses nothing", async (_, name, deed) => {
    const path = file("place/run.db");
    const journal = await openJournal(path, { secret: Buffer.alloc(32, 7) });
    const run = await journal.begin({ identity: "a run", manifest: { prompt: "x" } });
    const keep = async (from: number, to: number): Promise<void> => {
      const rows = Array.from({ length: to - from }, (_, at) => from + at);
      await Promise.all(rows.map((row) => run.append({ ...aRecord(`key ${row}`), row })));
    };
    await keep(0, ANSWERS);
    expect(run.ending).toBeUndefined();
    await deed(path);
    // What is in flight is kept as well.
    await keep(ANSWERS, ANSWERS + 100);
    expect(run.ending).toMatchObject({ code: "JOURNAL_FAILED", file: path });
    expect(run.ending?.message).toContain("removed or replaced");
    expect(run.find("key 7")).toMatchObject({ row: 7 });
    await run.end("stopped");
    const anew = join(dirname(path), name);
    expect(run.movedTo).toBe(anew);
    await journal.close();

    expect((await stat(anew)).mode & 0o777).toBe(0o600);
    const again = await openJournal(anew, { secret: Buffer.alloc(32, 7) });
    expect(Array.from(again.records())).toHaveLength(ANSWERS + 100);
    const next = await again.begin({ identity: "a run" });
    expect(next.paidBefore.usage.requests).toBe(ANSWERS + 100);
    await again.close();
    expect((await readdir(dirname(path))).filter((each) => each.includes("kept"))).toHaveLength(
      name.includes("kept") ? 2 : 0,
    );
  });

  it("a journal in use says what stands in the way where it cannot be written anew", async () => {
    const path = file("place/run.db");
    const journal = await openJournal(path);
    const run = await journal.begin();
    await rm(dirname(path), { recursive: true });
    await writeFile(dirname(path), "a file");
    await run.append(aRecord("key"));
    await expect(run.end("stopped")).rejects.toMatchObject({ code: "JOURNAL_FAILED" });
    await journal.close().catch(() => undefined);
  });
});
