// @module-tag slow

import { randomBytes } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { isParrotError } from "@parallel-parrot/core";
import { expect, it } from "vitest";
import { aJob, someRequests } from "../../fixtures/a-job.ts";
import { aRecord } from "../../fixtures/a-record.ts";
import { corrupt, randomFrom } from "../../fixtures/corrupt.ts";
import { temporaryFolder } from "../../fixtures/temporary-folder.ts";
import {
  openJournal,
  type JournalOptions,
  type JournalRecord,
  type JournalRun,
  type StoredRecord,
} from "../index.ts";

const file = temporaryFolder();
const ROUNDS = Number(process.env["PARROT_CORRUPTIONS"] ?? 100);
const SEED = Number(process.env["PARROT_SEED"] ?? 1);
const RECORDS = 40;

const record = (index: number): JournalRecord => ({
  ...aRecord(`key ${index}`),
  row: index,
  cost: index / 8,
  body: index % 5 === 0 ? `${index} ${"long ".repeat(1200)}` : `{"answer":"${index}"}`,
  ...(index % 7 === 0 ? { outcome: "failure" as const, code: "BAD_REQUEST" } : {}),
});

type Result =
  | { readonly refused: string }
  | {
      readonly records: readonly (StoredRecord | undefined)[];
      /** The open jobs that would be acted on, each as a text with its requests. */
      readonly jobs: readonly string[];
    };

async function read(path: string, options: JournalOptions): Promise<Result> {
  let journal;
  try {
    journal = await openJournal(path, options);
    const run = await journal.begin({ identity: "same" });
    const records = Array.from({ length: RECORDS }, (_, index) => run.find(`key ${index}`));
    return { records, jobs: jobsOf(run) };
  } catch (error) {
    if (!isParrotError(error)) throw error;
    return { refused: error.code };
  } finally {
    await journal?.close().catch(() => undefined);
  }
}

function jobsOf({ batches }: JournalRun): readonly string[] {
  const own = batches?.jobs({ open: true }).filter(({ origin }) => origin === "own") ?? [];
  return own.map((job) => JSON.stringify([job, ...(batches?.requestsOf(job.id) ?? [])]));
}

it.each([
  ["with a secret", { secret: randomBytes(32) }],
  ["without", {}],
] as const)(
  `a journal %s gives no answer and no batch job that was not kept, in ${ROUNDS} random corruptions`,
  async (_, options) => {
    const path = file("run.db");
    const journal = await openJournal(path, options);
    const run = await journal.begin({ identity: "same" });
    await Promise.all(Array.from({ length: RECORDS }, (_each, index) => run.append(record(index))));
    for (const name of ["one", "two"]) await run.batches?.plan(aJob(name, someRequests(name, 10)));
    run.settle(RECORDS);
    await journal.close();
    const bytes = await readFile(path);
    const whole = await read(path, options);
    const random = randomFrom(SEED);
    const outcomes = { refused: 0, same: 0, fewer: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      for (const suffix of ["", "-wal", "-shm"]) await rm(`${path}${suffix}`, { force: true });
      await writeFile(path, corrupt(bytes, random), { mode: 0o600 });
      const result = await read(path, options);
      if ("refused" in result || "refused" in whole) {
        outcomes.refused += 1;
        continue;
      }
      // Whether its row was done with is a run's to tell, and a damaged run is none.
      const altered = result.records.filter(
        (found, index) => found !== undefined && !isAsKept(found, whole.records[index]),
      );
      const strange = result.jobs.filter((job) => !whole.jobs.includes(job));
      expect({ round, altered, strange }).toEqual({ round, altered: [], strange: [] });
      if (result.records.includes(undefined)) outcomes.fewer += 1;
      else outcomes.same += 1;
    }
    expect(outcomes.refused + outcomes.fewer).toBeGreaterThan(ROUNDS / 4);
  },
  120_000 + ROUNDS * 10_000,
);

function isAsKept(found: StoredRecord, kept: StoredRecord | undefined): boolean {
  return JSON.stringify({ ...found, isSettled: true }) === JSON.stringify({ ...kept, isSettled: true });
}
