import { spawnSync } from "node:child_process";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { aRecord } from "../fixtures/a-record.ts";
import { appendCommand, startAppending, type Appending } from "../fixtures/start-appending.ts";
import { temporaryFolder } from "../fixtures/temporary-folder.ts";
import { inspectJournal, openJournal } from "./index.ts";

const file = temporaryFolder();
/** About 200 kB in the file and as much in its log. */
const RECORDS = 200;
const STEP_KIB = Number(process.env["PARROT_DISK_STEP_KIB"] ?? 24);
const MOST_KIB = 2048;

/** Appends in a process whose files cannot grow beyond a size: their writes fail as on a full disk. */
async function appendWithin(kib: number, path: string): Promise<Appending> {
  const limited = ["sh", "-c", `ulimit -f ${2 * kib}; exec "$@"`, "sh"];
  const appending = startAppending([...limited, ...appendCommand(path, "key", RECORDS)]);
  // The signal of the limit would have ended it otherwise.
  expect(await appending.ended).toBe(0);
  return appending;
}

/** What must hold of a journal after any fault: everything acknowledged is there, and it takes more. */
async function expectIntact(path: string, kept: readonly string[]): Promise<void> {
  const database = new DatabaseSync(path);
  expect(database.prepare("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
  database.close();
  const journal = await openJournal(path);
  const run = await journal.begin({ identity: "appended" });
  expect(kept.filter((key) => run.find(key)?.body !== key.repeat(100))).toEqual([]);
  await run.append(aRecord("later"));
  expect(run.find("later")).toBeDefined();
  await journal.close();
}

describe.skipIf(process.platform === "win32")("a journal on a full disk", () => {
  it("keeps what it has acknowledged, says what failed, and goes on once there is room", async () => {
    const outcomes = new Set<string>();
    let kib = 1;
    for (; kib <= MOST_KIB; kib += STEP_KIB) {
      const path = file(`${kib}.db`);
      const { kept, rejected } = await appendWithin(kib, path);
      for (const { key, code, file } of rejected) {
        expect({ kib, code, file }).toEqual({
          kib,
          code: key === "-" ? "JOURNAL_UNUSABLE" : "JOURNAL_FAILED",
          file: path,
        });
        outcomes.add(code);
      }
      await expectIntact(path, kept);
      if (rejected.length === 0) break;
      if (kept.length > 0) outcomes.add("some kept");
    }
    // It was full at the start, later on, and at last not any more.
    expect(outcomes).toEqual(new Set(["JOURNAL_UNUSABLE", "JOURNAL_FAILED", "some kept"]));
    expect(kib).toBeLessThan(MOST_KIB);
  }, 120_000);

  it.runIf(spawnSync("prlimit", ["--version"]).status === 0)(
    "goes on in the same process",
    async () => {
      const path = file("run.db");
      const appending = startAppending([
        "prlimit",
        `--fsize=${128 * 1024}:unlimited`,
        ...appendCommand(path, "key", Infinity),
      ]);
      const { child, kept, rejected } = appending;
      await appending.hasRejected(100);
      const before = kept.length;
      expect(before).toBeGreaterThan(0);
      spawnSync("prlimit", ["--pid", String(child.pid), "--fsize=unlimited"], { stdio: "inherit" });
      await appending.hasKept(before + 2000);
      child.kill("SIGKILL");
      await appending.ended;
      expect(new Set(rejected.map(({ code }) => code))).toEqual(new Set(["JOURNAL_FAILED"]));
      await expectIntact(path, kept);
      const journal = await inspectJournal(path);
      const keys = new Set(Array.from(journal.records(), ({ key }) => key));
      journal.close();
      expect(rejected.filter(({ key }) => keys.has(key))).toEqual([]);
    },
    60_000,
  );
});
