import { DatabaseSync } from "node:sqlite";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { appendCommand, startAppending } from "../fixtures/start-appending.ts";
import { temporaryFolder } from "../fixtures/temporary-folder.ts";
import { inspectJournal, openJournal } from "./index.ts";

const file = temporaryFolder();
const ROUNDS = Number(process.env["PARROT_KILL_ROUNDS"] ?? 20);
/** Commits under way take a millisecond or some. */
const MOST_EXTRA_MS = 20;
/** Some rounds are killed while they open the journal of the one before. */
const MOST_RECORDS = 3000;

describe("a journal whose process is killed", () => {
  it(
    `has lost nothing that was acknowledged, after ${ROUNDS} kills at random moments`,
    async () => {
      const path = file("run.db");
      const kept: string[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const writer = startAppending(appendCommand(path, `round-${round}`, Infinity));
        await writer.hasKept(Math.random() ** 3 * MOST_RECORDS);
        await setTimeout(Math.random() * MOST_EXTRA_MS);
        writer.child.kill("SIGKILL");
        expect(await writer.ended).toBe("SIGKILL");
        expect(writer.rejected).toEqual([]);
        kept.push(...writer.kept);
      }
      expect(kept.length).toBeGreaterThan(ROUNDS * 100);

      const journal = await inspectJournal(path);
      const bodies = new Map(Array.from(journal.records(), ({ key, body }) => [key, body]));
      expect(journal.runs()).toMatchObject([{ id: 1, usage: { requests: bodies.size } }]);
      journal.close();
      expect(kept.filter((key) => bodies.get(key) !== key.repeat(100))).toEqual([]);
      const database = new DatabaseSync(path);
      expect(database.prepare("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
      database.close();
      await (await openJournal(path)).close();
    },
    20_000 + ROUNDS * 2000,
  );
});
