// @module-tag slow

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { sourceOf } from "@parallel-parrot/core/testing";
import { inspectJournal, openJournal } from "@parallel-parrot/journal";
import { openai } from "@parallel-parrot/providers";
import { startSimulator, type Simulator, type SimulatorOptions } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from "vitest";
import { fast, providerAt, run, timesAsked } from "../../fixtures/batched.ts";
import { prompts } from "../../fixtures/prompts.ts";
import { completionStream, isPool, modelByRow, pool } from "../index.ts";

const HOUR = 3_600_000;
const ROWS = 12;

let folder: string;
const path = (): string => join(folder, "run.db");

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-earlier-jobs-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator({ batch: { runMs: HOUR }, ...options });
  onTestFinished(() => simulator.close());
  return simulator;
}

/** Makes a job of all rows but the first one, and leaves it open. */
async function leaveOpen(simulator: Simulator, rows = ROWS): Promise<void> {
  const batch = { tail: 0, wait: false };
  const { stage } = await run(prompts(rows), providerAt(simulator), {
    journal: path(),
    batch,
    onStop: "close",
  });
  expect(stage.stopped).toMatchObject({ code: "BATCH_OPEN" });
}

async function openJobs(): Promise<readonly string[]> {
  const journal = await inspectJournal(path());
  const states = journal.batchJobs({ open: true }).map(({ state }) => state);
  journal.close();
  return states;
}

/** A run that has begun, and what it gives in the end. */
function begin(
  rows: number,
  ...[whom, options]: Parameters<typeof completionStream>
): { stage: ReturnType<typeof completionStream>; items: Promise<unknown[]> } {
  const stage = completionStream(whom, { ...(isPool(whom) ? {} : fast()), journal: path(), ...options });
  const items = Array.fromAsync(sourceOf(prompts(rows)).pipeThrough(stage));
  items.catch(() => undefined);
  return { stage, items };
}

/** Resolves when a row waits for a job. */
async function waiting(stage: ReturnType<typeof completionStream>): Promise<void> {
  const isWaiting = (): void => expect(stage.progress().batch?.jobs).toHaveLength(1);
  await vi.waitFor(isWaiting, { timeout: 30_000 });
}

it("a direct run waits for the open job of an earlier one, asks nothing twice and gives what it would have given", async () => {
  const simulator = await start();
  await leaveOpen(simulator);
  const warnings: string[] = [];
  const warned = ({ message }: Error): void => void warnings.push(message);
  process.on("warning", warned);
  onTestFinished(() => void process.off("warning", warned));
  const { stage, items } = begin(ROWS + 2, providerAt(simulator));
  await waiting(stage);
  // The row that was answered before, and the two that are in no job.
  await expect.poll(() => stage.progress().completed).toBe(3);
  expect(stage.progress()).toMatchObject({ batch: { makesJobs: false } });
  expect(warnings).toEqual([
    expect.stringMatching(/wait for its results, .*: job 1 \(batch_\w+\) with 11 requests/),
  ]);
  simulator.advance(HOUR);
  const { items: direct } = await run(prompts(ROWS + 2), providerAt(await start()), {});
  expect(await items).toEqual(direct);
  expect(timesAsked(simulator)).toEqual(Array.from({ length: ROWS + 2 }, () => 1));
  expect(stage.progress()).toMatchObject({
    completed: ROWS + 2,
    reused: 1,
    batch: { jobs: [], closed: 1, answered: ROWS - 1 },
  });
  expect(await openJobs()).toEqual([]);
  expect(simulator.batches.files).toEqual([]);
});

it("a direct run that is stopped while it waits for a job ends at once and leaves the job to the next run", async () => {
  const simulator = await start();
  await leaveOpen(simulator);
  const { stage, items } = begin(ROWS, providerAt(simulator), { onStop: "close" });
  await waiting(stage);
  stage.stop(new Error("that is enough"));
  expect(await items).toHaveLength(1);
  expect(await openJobs()).toEqual(["open"]);
  simulator.advance(HOUR);
  expect((await run(prompts(ROWS), providerAt(simulator), { journal: path() })).items).toHaveLength(ROWS);
  expect(new Set(timesAsked(simulator))).toEqual(new Set([1]));
});

it("the signal of a direct run ends its wait for a job at once", async () => {
  const simulator = await start();
  await leaveOpen(simulator);
  const abort = new AbortController();
  const { stage, items } = begin(ROWS, providerAt(simulator), { signal: abort.signal });
  await waiting(stage);
  abort.abort(new Error("at once"));
  await expect(items).rejects.toThrow("at once");
  expect(await openJobs()).toEqual(["open"]);
});

it("what a direct run waited for costs the price of a batch, beside what it has asked itself", async () => {
  const price = { input: 1000, output: 1000 };
  const simulator = await start();
  const whom = { ...providerAt(simulator), price };
  const options = { journal: path(), maxTokens: 50, budget: { maxCost: 1000 } };
  const first = await run(prompts(ROWS), whom, {
    ...options,
    batch: { tail: 0, wait: false, priceFactor: 0.5 },
    onStop: "close",
  });
  simulator.advance(HOUR);
  const second = await run(prompts(ROWS), whom, options);
  const direct = await run(prompts(ROWS), { ...providerAt(await start()), price }, {});
  expect(second.stage.progress().batch?.cost).toBeCloseTo(
    ((direct.stage.progress().cost ?? 0) * (ROWS - 1)) / ROWS / 2,
    1,
  );
  const spent = (first.stage.progress().cost ?? 0) + (second.stage.progress().cost ?? 0);
  expect(spent).toBeGreaterThan(0);
  expect(spent).toBeLessThan(direct.stage.progress().cost ?? 0);
  expect(second.stage.progress().batch?.cost).toBe(second.stage.progress().cost);
});

it("a direct run with a key that does not see the open job stops, says whose it is, and asks nothing that is in it", async () => {
  const simulator = await start({ batch: { runMs: HOUR, otherKeys: ["other"] } });
  await leaveOpen(simulator);
  const asked = timesAsked(simulator);
  const other = openai({ model: "sim", baseUrl: simulator.baseUrl, apiKey: "other" });
  await expect(run(prompts(ROWS), other, { journal: path() })).rejects.toMatchObject({
    code: "BATCH_NOT_VISIBLE",
  });
  expect(timesAsked(simulator)).toEqual(asked);
  expect(await openJobs()).toEqual(["open"]);
});

it("a direct run waits for no job of another server", async () => {
  await leaveOpen(await start());
  const simulator = await start();
  const { items, stage } = await run(prompts(ROWS), providerAt(simulator), { journal: path() });
  expect(items).toHaveLength(ROWS);
  expect(stage.progress().batch).toBeUndefined();
  expect(timesAsked(simulator)).toHaveLength(ROWS);
});

it("a pool, and models that rows choose, wait for the open job of one of them", async () => {
  const simulator = await start();
  await leaveOpen(simulator);
  simulator.advance(HOUR);
  const member = providerAt(simulator);
  const away = openai({ model: "other", baseUrl: (await start()).baseUrl, apiKey: "k" });
  const pooled = pool([
    { provider: member, ...fast() },
    { provider: away, ...fast() },
  ]);
  const rows = await begin(ROWS, pooled).items;
  expect(rows).toHaveLength(ROWS);
  await rm(path());
  await leaveOpen(simulator, ROWS);
  simulator.advance(HOUR);
  const chosen = modelByRow({ one: { provider: member } }, () => "one");
  expect((await run(prompts(ROWS), chosen, { journal: path() })).items).toHaveLength(ROWS);
  // Two jobs, and the first row of each.
  expect(new Set(timesAsked(simulator))).toEqual(new Set([2]));
});

it("a direct run without an open job does not load the code of batches", async () => {
  const simulator = await start();
  const script = fileURLToPath(new URL("../../fixtures/loaded-modules.ts", import.meta.url));
  const args = ["--conditions=@parallel-parrot/source", script, simulator.baseUrl, simulator.apiKey, path()];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const { answered, loaded } = JSON.parse(await text(child.stdout));
  expect(answered).toBe(1);
  expect(loaded).toContain("await-earlier-jobs.ts");
  for (const name of ["earlier-jobs.ts", "opened-batch.ts", "batch-client.ts", "job-board.ts"])
    expect(loaded).not.toContain(name);
});

it("a journal that is given open keeps its lock while rows wait for a job, and is given back", async () => {
  const simulator = await start();
  await leaveOpen(simulator);
  const journal = await openJournal(path());
  const { stage, items } = begin(ROWS, providerAt(simulator), { journal });
  await waiting(stage);
  simulator.advance(HOUR);
  expect(await items).toHaveLength(ROWS);
  await journal.close();
});
