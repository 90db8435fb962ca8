// @module-tag slow

import { chmod, chown, link, lstat, mkdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { isParrotError } from "@parallel-parrot/core";
import { describe, expect, it } from "vitest";
import { aRecord } from "../../fixtures/a-record.ts";
import { temporaryFolder } from "../../fixtures/temporary-folder.ts";
import { inspectJournal, lockOutput, openJournal, pruneJournal } from "../index.ts";

/** Giving files away needs root; elsewhere those tests are skipped, and shown so. */
const isRoot = process.getuid?.() === 0;
const SOMEBODY = 54_321;

const file = temporaryFolder();

async function makeJournal(): Promise<string> {
  await mkdir(file("place"), { mode: 0o700 });
  const path = file("place/run.db");
  const journal = await openJournal(path);
  await (await journal.begin()).append(aRecord("a"));
  await journal.close();
  return path;
}

async function openAndClose(path: string): Promise<void> {
  await (await openJournal(path)).close();
}

/** What each way of opening a journal says; each refuses it as unusable, or this throws. */
async function refusalsOf(path: string): Promise<readonly string[]> {
  const messages: string[] = [];
  for (const open of [
    () => openJournal(path),
    () => inspectJournal(path),
    () => pruneJournal(path, { keepRuns: 0 }),
  ]) {
    const refusal: unknown = await open().then(
      () => "it was opened",
      (error: unknown) => error,
    );
    messages.push(
      isParrotError(refusal) && refusal.code === "JOURNAL_UNUSABLE" ? refusal.message : String(refusal),
    );
  }
  return messages;
}

const thrice = (message: RegExp): readonly unknown[] => [1, 2, 3].map(() => expect.stringMatching(message));

describe.skipIf(process.platform === "win32")("a journal that others may change", () => {
  it.each([
    ["its folder", "place", 0o707, /other users may write to .*place \(mode 707\).*chmod go-w .*place$/],
    ["its file", "place/run.db", 0o606, /other users may write to it \(mode 606\).*chmod go-w .*run\.db$/],
    ["its lock", "place/run.db-lock", 0o602, /other users may write to .*run\.db-lock/],
  ])("a journal that others may change is refused: by %s", async (_, place, mode, message) => {
    const path = await makeJournal();
    await chmod(file(place), mode);
    expect(await refusalsOf(path)).toEqual(thrice(message));
    expect((await stat(file(place))).mode & 0o777).toBe(mode);
  });

  it.skipIf(!isRoot).each([
    ["its folder", "place", /place belongs to another user \(54321; you are 0\).*chown 0 /],
    ["its file", "place/run.db", /it belongs to another user.*chown 0 .*run\.db$/],
    ["its lock", "place/run.db-lock", /run\.db-lock belongs to another user/],
  ])(
    "a journal is refused where others may change it, as %s is somebody else's",
    async (_, place, message) => {
      const path = await makeJournal();
      await chown(file(place), SOMEBODY, 0);
      expect(await refusalsOf(path)).toEqual(thrice(message));
    },
  );

  it.skipIf(!isRoot).each(["", "-journal", "-wal", "-shm"])(
    "neither a journal nor an output is locked through a lock%s of somebody else",
    async (suffix) => {
      const lock = file(`.out.csv.parrot-lock${suffix}`);
      await writeFile(lock, "", { mode: 0o666 });
      await chown(lock, SOMEBODY, 0);
      await expect(lockOutput(file("out.csv"))).rejects.toThrow(`${lock} belongs to another user`);
    },
  );

  it.skipIf(!isRoot)(
    "a journal behind a link is refused where what the link leads to is somebody else's",
    async () => {
      const path = await makeJournal();
      await symlink(path, file("link.db"));
      await (await openJournal(file("link.db"))).close();
      await chown(path, SOMEBODY, 0);
      expect(await refusalsOf(file("link.db"))).toEqual(thrice(/belongs to another user/));
    },
  );

  it.skipIf(!isRoot)(
    "a journal that a group may write to is one that others may change, but for the group that is the user alone",
    async () => {
      const path = await makeJournal();
      for (const place of ["place", "place/run.db", "place/run.db-lock"]) await chmod(file(place), 0o770);
      await expect(openAndClose(path)).resolves.toBeUndefined();
      await chown(file("place"), 0, SOMEBODY);
      expect(await refusalsOf(path)).toEqual(thrice(/other users may write to .*place \(mode 770\)/));
    },
  );

  it("a journal is not one that others may change in a folder where everybody may make files and change only their own", async () => {
    const path = await makeJournal();
    await chmod(file("place"), 0o1777);
    await expect(openAndClose(path)).resolves.toBeUndefined();
  });
});

describe.skipIf(process.platform === "win32")("links of somebody else", () => {
  it.each(["", "-wal", "-shm", "-lock"])(
    "links of somebody else in the place of run.db%s change nothing where they lead",
    async (suffix) => {
      for (const [name, text] of [
        ["profile", "# start-up file\n"],
        ["empty", ""],
      ] as const) {
        const path = file(`${name}.db`);
        if (suffix !== "") await (await openJournal(path)).close();
        await writeFile(file(name), text, { mode: 0o644 });
        const place = `${path}${suffix}`;
        await rm(place, { force: true });
        await symlink(file(name), place);
        for (const open of [() => openJournal(path), () => inspectJournal(path)])
          await expect(open()).rejects.toMatchObject({ code: "JOURNAL_UNUSABLE" });
        expect([await readFile(file(name), "utf8"), (await stat(file(name))).mode & 0o777]).toEqual([
          text,
          0o644,
        ]);
      }
    },
  );

  it.each(["-wal", "-shm", "-journal", "-lock", "-lock-wal", "-lock-shm", "-lock-journal"])(
    "hard links of somebody else in the place of run.db%s do not have another file overwritten",
    async (suffix) => {
      const path = await makeJournal();
      await writeFile(file("profile"), "# start-up file\n");
      await rm(`${path}${suffix}`, { force: true });
      await link(file("profile"), `${path}${suffix}`);
      await expect(openJournal(path)).rejects.toThrow(/is a second name of another file/);
      await expect(inspectJournal(path)).rejects.toThrow(/is a second name of another file/);
      expect(await readFile(file("profile"), "utf8")).toBe("# start-up file\n");
    },
  );

  it("a hard link of somebody else to an empty file, in the place of a journal, does not have that file written", async () => {
    await writeFile(file("empty"), "", { mode: 0o644 });
    await link(file("empty"), file("run.db"));
    await expect(openJournal(file("run.db"))).rejects.toThrow(/it is a second name of another file/);
    const { size, mode } = await stat(file("empty"));
    expect([size, mode & 0o777]).toEqual([0, 0o644]);
  });

  it.each(["", "-wal", "-shm", "-journal"])(
    "hard links of somebody else in the place of an output's lock%s do not have another file overwritten",
    async (suffix) => {
      await writeFile(file("empty"), "");
      await link(file("empty"), file(`.out.csv.parrot-lock${suffix}`));
      await expect(lockOutput(file("out.csv"))).rejects.toThrow(/is a second name of another file/);
      expect((await stat(file("empty"))).size).toBe(0);
    },
  );

  it("links of somebody else that lead nowhere make nothing there", async () => {
    await symlink(file("nowhere"), file("run.db"));
    await expect(openJournal(file("run.db"))).rejects.toThrow("it is a link to a file that does not exist");
    expect(await lstat(file("nowhere")).catch(() => undefined)).toBeUndefined();
  });

  it("a file that is no journal is left as it is, its rights too", async () => {
    await writeFile(file("notes.txt"), "notes\n".repeat(100), { mode: 0o644 });
    await link(file("notes.txt"), file("same.txt"));
    await expect(openJournal(file("notes.txt"))).rejects.toThrow("it is not a journal");
    expect((await stat(file("notes.txt"))).mode & 0o777).toBe(0o644);
  });
});
