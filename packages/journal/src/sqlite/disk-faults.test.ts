// @module-tag slow

import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { findDamage } from "../../fixtures/find-damage.ts";
import { appendCommand, startAppending, type Appending } from "../../fixtures/start-appending.ts";
import { temporaryFolder } from "../../fixtures/temporary-folder.ts";
import { inspectJournal } from "../index.ts";

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

describe.skipIf(process.platform === "win32")("a journal on a full disk", () => {
  it("a journal on a full disk keeps what it has acknowledged, says what failed, and goes on once there is room", async () => {
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
      expect(await findDamage(path, kept)).toEqual([]);
      if (rejected.length === 0) break;
      if (kept.length > 0) outcomes.add("some kept");
    }
    // It was full at the start, later on, and at last not any more.
    expect(outcomes).toEqual(new Set(["JOURNAL_UNUSABLE", "JOURNAL_FAILED", "some kept"]));
    expect(kib).toBeLessThan(MOST_KIB);
  });

  it.runIf(spawnSync("prlimit", ["--version"]).status === 0)(
    "a journal on a full disk goes on in the same process once there is room",
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
      expect(await findDamage(path, kept)).toEqual([]);
      const journal = await inspectJournal(path);
      const keys = new Set(Array.from(journal.records(), ({ key }) => key));
      journal.close();
      expect(rejected.filter(({ key }) => keys.has(key))).toEqual([]);
    },
  );
});
