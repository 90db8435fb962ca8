// @module-tag slow

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sourceOf } from "@parallel-parrot/core/testing";
import { inspectJournal, openJournal, type StoredJob } from "@parallel-parrot/journal";
import { openai } from "@parallel-parrot/providers";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, expect, it } from "vitest";
import { prompts } from "../../../fixtures/prompts.ts";
import { lookAfter } from "./looked-after.ts";
import { completionStream, createLimiter, createScaledClock } from "../../index.ts";

const ROWS = 6;

let folder: string;
let simulator: Simulator;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-collected-"));
  path = join(folder, "run.db");
  simulator = await startSimulator({});
});
afterEach(async () => {
  await simulator.close();
  await rm(folder, { recursive: true });
});

async function run(): Promise<number> {
  const { baseUrl, apiKey } = simulator;
  const stage = completionStream(openai({ model: "sim", baseUrl, apiKey }), {
    journal: path,
    batch: { tail: 0 },
    limiter: createLimiter({ clock: createScaledClock(1000) }),
  });
  let rows = 0;
  for await (const _ of sourceOf(prompts(ROWS)).pipeThrough(stage)) rows += 1;
  return rows;
}

/** What a process leaves that is killed when it has kept the results of a job: of all but so many requests. */
async function leaveJob(url: string, missing: number, file?: string): Promise<number> {
  const journal = await openJournal(path);
  const run = await journal.begin();
  const records = [...journal.records()];
  const job = await run.batches?.plan({
    provider: "openai",
    url,
    model: "sim",
    name: "of a killed process",
    bytes: 1,
    inputTokens: 1,
    requests: records.map(({ key, row, replicate, attempts }) => ({ key, row, replicate, attempts })),
  });
  for (const record of records.slice(missing)) await run.append({ ...record, batchJob: job?.id ?? 0 });
  if (file !== undefined) await run.batches?.change(job?.id ?? 0, { state: "uploaded", file });
  await journal.close();
  return job?.id ?? 0;
}

async function openJobs(): Promise<readonly StoredJob["state"][]> {
  const journal = await inspectJournal(path);
  const open = journal.batchJobs({ open: true });
  journal.close();
  return open.map(({ state }) => state);
}

it("closes a job whose results are all in the journal, as its process ended before it noted that, and asks only whether a file of it is there", async () => {
  await run();
  await leaveJob(simulator.baseUrl, 0);
  expect(await openJobs()).toEqual(["planned"]);
  const { received } = simulator.ledger;
  expect(await run()).toBe(ROWS);
  expect(await openJobs()).toEqual([]);
  expect(simulator.ledger.received).toBe(received + 1);
});

it("closes no job that has results to come, and none of another server", async () => {
  await run();
  await leaveJob(simulator.baseUrl, 1);
  expect(await run()).toBe(ROWS);
  expect(await openJobs()).toEqual(["planned"]);
  await rm(path);
  await run();
  await leaveJob("https://elsewhere.example.com/v1", 0);
  expect(await run()).toBe(ROWS);
  expect(await openJobs()).toEqual(["planned"]);
});

it("deletes what a closed job has left at the provider, as its process ended before it could, and deletes it once", async () => {
  await run();
  const { baseUrl, apiKey } = simulator;
  const body = new FormData();
  body.set("purpose", "batch");
  body.set("file", new File(["{}"], "left.jsonl"));
  const headers = { authorization: `Bearer ${apiKey}` };
  const { id: file } = (await (
    await fetch(`${baseUrl}/files`, { method: "POST", headers, body })
  ).json()) as {
    id: string;
  };
  const job = await leaveJob(baseUrl, 0, file);
  const journal = await openJournal(path);
  await journal.batches?.close(job, "harvested", { view: { isLeftThere: true } });
  await journal.close();
  expect(simulator.batches.files).toHaveLength(1);
  expect(await run()).toBe(ROWS);
  expect(simulator.batches.files).toEqual([]);
  const { received } = simulator.ledger;
  expect(await run()).toBe(ROWS);
  expect(simulator.ledger.received).toBe(received);
});

it("closes no job that another run of this process looks after", async () => {
  await run();
  await leaveJob(simulator.baseUrl, 0);
  const over = Promise.withResolvers<void>();
  lookAfter("of a killed process", over.promise);
  await run();
  expect(await openJobs()).toEqual(["planned"]);
  over.resolve();
  await over.promise;
  await run();
  expect(await openJobs()).toEqual([]);
});
