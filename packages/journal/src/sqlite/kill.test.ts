// @module-tag slow

import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { findDamage } from "../../fixtures/find-damage.ts";
import { appendCommand, startAppending } from "../../fixtures/start-appending.ts";
import { temporaryFolder } from "../../fixtures/temporary-folder.ts";
import { inspectJournal } from "../index.ts";

const file = temporaryFolder();
const ROUNDS = Number(process.env["PARROT_KILL_ROUNDS"] ?? 20);
/** Commits under way take a millisecond or some. */
const MOST_EXTRA_MS = 20;
const MOST_RECORDS = 3000;
/** Every fourth round is killed at any moment since its start: it may be opening what the one before has left. */
const MOST_OPENING_MS = 300;

describe("a journal whose process is killed", () => {
  it(
    `a journal whose process is killed has lost nothing that was acknowledged, after ${ROUNDS} kills at random moments`,
    async () => {
      const path = file("run.db");
      const kept: string[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const writer = startAppending(appendCommand(path, `round-${round}`, Infinity));
        const isOpening = round % 4 === 3;
        if (!isOpening) await writer.hasKept(Math.random() ** 3 * MOST_RECORDS);
        await setTimeout(Math.random() * (isOpening ? MOST_OPENING_MS : MOST_EXTRA_MS));
        writer.child.kill("SIGKILL");
        expect(await writer.ended).toBe("SIGKILL");
        expect(writer.rejected).toEqual([]);
        kept.push(...writer.kept);
      }
      expect(kept.length).toBeGreaterThan(ROUNDS * 100);

      const journal = await inspectJournal(path);
      const keys = new Set(Array.from(journal.records(), ({ key }) => key));
      expect(journal.runs()).toMatchObject([{ id: 1, usage: { requests: keys.size } }]);
      journal.close();
      expect(kept.filter((key) => !keys.has(key))).toEqual([]);
      expect(await findDamage(path, kept)).toEqual([]);
    },
    120_000 + ROUNDS * 10_000,
  );
});
