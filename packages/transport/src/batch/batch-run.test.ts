// @module-tag slow

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Completed, Failed, Prompted } from "@parallel-parrot/core";
import { sourceOf } from "@parallel-parrot/core/testing";
import { openai, type Provider } from "@parallel-parrot/providers";
import { startSimulator, type Simulator, type SimulatorOptions } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { prompts } from "../../fixtures/prompts.ts";
import { completionStream, createLimiter, createScaledClock, type CompletionOptions } from "../index.ts";

let folder: string;
const path = (): string => join(folder, "run.db");

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-batch-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator(options);
  onTestFinished(() => simulator.close());
  return simulator;
}

function provider({ baseUrl, apiKey }: Simulator, changes: Partial<Provider> = {}): Provider {
  return { ...openai({ model: "sim", baseUrl, apiKey }), ...changes };
}

/** Looks and waits are a thousand times as fast as with the real clock. */
function fast(): CompletionOptions {
  return { limiter: createLimiter({ clock: createScaledClock(1000) }) };
}

async function run(
  inputs: readonly Prompted[],
  whom: Provider,
  options: CompletionOptions,
): Promise<{ items: (Completed | Failed)[]; stage: ReturnType<typeof completionStream> }> {
  const stage = completionStream(whom, { ...fast(), ...options });
  const items: (Completed | Failed)[] = [];
  for await (const item of sourceOf([...inputs]).pipeThrough(stage)) items.push(item);
  return { items, stage };
}

/** What a direct run gives for the same rows. */
async function direct(
  inputs: readonly Prompted[],
  options: CompletionOptions = {},
): Promise<(Completed | Failed)[]> {
  const { items } = await run(inputs, provider(await start()), options);
  return items;
}

/** How often each prompt was answered, in a job or directly. */
function timesAsked({ batches, ledger }: Simulator): number[] {
  const times = new Map<string, number>();
  const direct = ledger.answered().filter(({ path: to }) => to.endsWith("/chat/completions"));
  for (const { bodyHash } of [...batches.runs.filter(({ status }) => status === 200), ...direct])
    times.set(bodyHash, (times.get(bodyHash) ?? 0) + 1);
  return [...times.values()];
}

describe("a run with the option batch", () => {
  it("gives what a direct run gives, and asks only the first row directly", async () => {
    const simulator = await start();
    const { items, stage } = await run(prompts(30), provider(simulator), {
      journal: path(),
      batch: { tail: 0 },
    });
    expect(items).toEqual(await direct(prompts(30)));
    expect(simulator.batches.runs).toHaveLength(29);
    expect(simulator.batches.files).toEqual([]);
    expect(stage.progress().batch).toMatchObject({
      jobs: [],
      closed: 1,
      submitted: 29,
      answered: 29,
      lost: 0,
    });
  });

  it("makes no job for a file of 100 rows", async () => {
    const simulator = await start();
    const { items } = await run(prompts(100), provider(simulator), { journal: path(), batch: true });
    expect(items).toEqual(await direct(prompts(100)));
    expect(simulator.batches.jobs).toEqual([]);
  });

  it("makes jobs of the size that is wanted, and the last two of the same size", async () => {
    const simulator = await start();
    const { items } = await run(prompts(36), provider(simulator), {
      journal: path(),
      batch: { tail: 0, maxRequests: 10 },
    });
    expect(items).toEqual(await direct(prompts(36)));
    expect(simulator.batches.jobs.map(({ counts }) => counts.total)).toEqual([10, 10, 8, 7]);
  });

  it.each(["missingLines", "repeatedLines", "statusZero"] as const)(
    "asks again for what %s leaves over",
    async (kind) => {
      const simulator = await start({ batch: { faults: [{ kind, rate: 0.3 }] } });
      const { items } = await run(prompts(60), provider(simulator), { journal: path(), batch: { tail: 0 } });
      expect(items).toEqual(await direct(prompts(60)));
    },
  );

  it.each([429, 500, 503])("asks again for what came back with HTTP %i", async (status) => {
    const simulator = await start({ batch: { faults: [{ kind: "lineError", rate: 0.3, status }] } });
    const { items } = await run(prompts(60), provider(simulator), { journal: path(), batch: { tail: 0 } });
    expect(items).toEqual(await direct(prompts(60)));
    expect(new Set(timesAsked(simulator))).toEqual(new Set([1]));
  });

  it.each([
    ["counts that lie", { kind: "countsLie" }],
    ["a state that nobody knows", { kind: "unknownState" }],
  ] as const)("does not mind %s", async (_, fault) => {
    const simulator = await start({ batch: { runMs: 100, faults: [fault] } });
    const { items } = await run(prompts(20), provider(simulator), { journal: path(), batch: { tail: 0 } });
    expect(items).toEqual(await direct(prompts(20)));
    expect(new Set(timesAsked(simulator))).toEqual(new Set([1]));
  });

  it("collects what an expired job has answered, and asks for the rest", async () => {
    const simulator = await start({ batch: { runMs: 1e9, expiresAfterMs: 50, doneAtExpiry: 0.6 } });
    const { items } = await run(prompts(51), provider(simulator), { journal: path(), batch: { tail: 0 } });
    expect(items).toEqual(await direct(prompts(51)));
    expect(new Set(timesAsked(simulator))).toEqual(new Set([1]));
    expect(simulator.batches.jobs.map(({ counts }) => counts.succeeded)).toEqual([30, 12]);
  });

  it("learns the limit of the queue from a refusal, and makes smaller jobs", async () => {
    const simulator = await start({ batch: { enqueuedTokens: 150 } });
    const { items } = await run(prompts(60), provider(simulator), { journal: path(), batch: { tail: 0 } });
    expect(items).toEqual(await direct(prompts(60)));
    expect(new Set(timesAsked(simulator))).toEqual(new Set([1]));
    expect(simulator.batches.jobs.length).toBeGreaterThan(2);
  });

  it("stops where the lines of a job say that the account has no credit, and frees the requests", async () => {
    const simulator = await start({ batch: { faults: [{ kind: "noCreditLines" }] } });
    await expect(
      run(prompts(20), provider(simulator), { journal: path(), batch: { tail: 0 } }),
    ).rejects.toMatchObject({ code: "NO_CREDIT" });
    const { items } = await run(prompts(20), provider(simulator), { journal: path(), batch: { tail: 0 } });
    expect(items).toHaveLength(20);
  });

  it("cancels at the deadline a job that is stuck, waits for its end and asks the rest directly", async () => {
    const simulator = await start({
      batch: { cancelMs: 20, faults: [{ kind: "stuckIn", state: "running" }] },
    });
    const { items } = await run(prompts(21), provider(simulator), {
      journal: path(),
      batch: { tail: 0, deadline: 1500 },
    });
    expect(items).toEqual(await direct(prompts(21)));
    expect(new Set(timesAsked(simulator))).toEqual(new Set([1]));
  });
});
