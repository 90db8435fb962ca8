// @module-tag slow

import { setImmediate } from "node:timers/promises";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryRecord } from "../fixtures/arbitrary-record.ts";
import { arbitrarySteps, type Begin, type Step, type Use } from "../fixtures/arbitrary-steps.ts";
import { temporaryFolder } from "../fixtures/temporary-folder.ts";
import {
  memoryJournal,
  openJournal,
  type Journal,
  type JournalRecord,
  type JournalRun,
  type StoredRecord,
} from "./index.ts";

const file = temporaryFolder();
const RUNS = Number(process.env["PARROT_PROPERTY_RUNS"] ?? 15);

/** What the documentation says of a record that comes back. */
function asDocumented({ usage, ...record }: JournalRecord): JournalRecord {
  const { cacheWriteTokens = 0, ...others } = usage;
  return {
    ...record,
    body: Buffer.from(record.body).toString(),
    usage: cacheWriteTokens === 0 ? others : usage,
    sentAt: Math.round(record.sentAt),
    durationMs: Math.round(record.durationMs),
  };
}

describe("any record", () => {
  it("any record comes back as it was, from a journal in a file and from one in memory", async () => {
    const journals = [await openJournal(file("run.db")), memoryJournal()];
    const runs = await Promise.all(journals.map((journal) => journal.begin()));
    const records = fc.array(arbitraryRecord(fc.string({ unit: "grapheme" })), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(records, async (records) => {
        for (const run of runs) {
          await Promise.all(records.map((record) => run.append(record)));
          for (const [key, record] of new Map(records.map((record) => [record.key, record])))
            expect(run.find(key)).toEqual({
              ...asDocumented(record),
              run: 1,
              isSettled: false,
              isOwn: true,
            });
        }
      }),
    );
    await Promise.all(journals.map((journal) => journal.close()));
  });
});

/** A journal that steps are taken on, and what was seen of it. */
class Stepped {
  readonly seen: unknown[] = [];
  readonly #open: () => Promise<Journal>;
  #journal: Journal | undefined;
  #runs: JournalRun[] = [];
  readonly #claimed = new Map<string, JournalRun>();

  constructor(open: () => Promise<Journal>) {
    this.#open = open;
  }

  async take(steps: readonly Step[]): Promise<readonly unknown[]> {
    await this.#reopen();
    for (const step of steps) {
      if (step.kind === "begin") await this.#begin(step);
      else if (step.kind === "look") this.#look(false);
      else if (step.kind === "reopen") await this.#reopen();
      else if ("run" in step) {
        const run = this.#runs[step.run % this.#runs.length];
        if (run !== undefined) await this.#use(step, run);
      }
      // Who waited for a claim has been told by then.
      await setImmediate();
    }
    await this.#reopen();
    await this.#journal?.close();
    return this.seen;
  }

  async #begin({ identity, manifest }: Begin): Promise<void> {
    const run = await this.#journal?.begin({ manifest, ...(identity === undefined ? {} : { identity }) });
    if (run === undefined) return;
    this.#runs.push(run);
    this.seen.push(["begun", run.id, run.paidBefore]);
  }

  async #use(step: Use, run: JournalRun): Promise<void> {
    if (step.kind === "append") await Promise.all(step.records.map((record) => run.append(record)));
    else if (step.kind === "find") this.#see(step, run.find(step.key));
    else if (step.kind === "claim") this.#claim(step.key, run);
    else if (step.kind === "release") run.release(step.key);
    else if (step.kind === "settle") run.settle(step.row);
    else if (step.kind === "note") await run.note(step.additions);
    else await run.end(step.state, step.additions);
  }

  #claim(key: string, run: JournalRun): void {
    const pending = run.claim(key);
    this.#claimed.set(key, run);
    this.seen.push(["claimed", key, pending === undefined]);
    void pending?.then(() => this.seen.push(["released", key]));
  }

  /** How far runs are gets to the file with the next commit only. */
  #look(isWhole: boolean): void {
    for (const { startedAt, touchedAt, settled, ...run } of this.#journal?.runs() ?? [])
      this.seen.push(["run", run, isWhole ? settled : undefined, touchedAt >= startedAt]);
    for (const record of this.#journal?.records() ?? [])
      this.seen.push(["record", { ...record, isOwn: undefined }]);
  }

  /** A journal in memory stays what it is: what is claimed in it has to be given back. */
  async #reopen(): Promise<void> {
    for (const [key, run] of this.#claimed) run.release(key);
    this.#claimed.clear();
    await this.#journal?.close();
    this.#journal = await this.#open();
    this.#runs = [];
    this.#look(true);
  }

  #see(step: Step, found: StoredRecord | undefined): void {
    this.seen.push([step, found === undefined ? undefined : { ...found, isOwn: undefined }]);
  }
}

describe("any sequence of steps", () => {
  it(
    "any sequence of steps does the same to a journal in a file and to one in memory",
    async () => {
      let count = 0;
      await fc.assert(
        fc.asyncProperty(arbitrarySteps, async (steps) => {
          const path = file(`${count++}.db`);
          const memory = memoryJournal();
          const seen = await new Stepped(() => openJournal(path)).take(steps);
          expect(seen).toEqual(await new Stepped(() => Promise.resolve(memory)).take(steps));
        }),
        { numRuns: RUNS },
      );
    },
    120_000 + RUNS * 10_000,
  );
});
