// @module-tag slow

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Completed, Failed, Prompted } from "@parallel-parrot/core";
import { sourceOf } from "@parallel-parrot/core/testing";
import { openai, type Provider } from "@parallel-parrot/providers";
import {
  startSimulator,
  type BatchOptions,
  type FaultScript,
  type Simulator,
} from "@parallel-parrot/simulator";
import {
  completionStream,
  createLimiter,
  createScaledClock,
  type CompletionOptions,
} from "@parallel-parrot/transport";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { BATCH_PROVIDERS } from "../fixtures/batch-providers.ts";
import { generateText } from "./index.ts";

const ROWS = 30;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-batch-runs-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function start(batch: BatchOptions = {}, faults: FaultScript = () => undefined): Promise<Simulator> {
  const simulator = await startSimulator({ batch, faults });
  onTestFinished(() => simulator.close());
  return simulator;
}

/** The items of a run; looks and waits are a thousand times as fast as with the real clock. */
async function run(provider: Provider, options: CompletionOptions = {}): Promise<(Completed | Failed)[]> {
  const prompts = Array.from({ length: ROWS }, (_, index): Prompted => {
    const messages = [{ role: "user", content: `«Zoë» asks for document ${index}.\nIn two lines.` }] as const;
    return { index, row: { id: index }, prompt: { messages } };
  });
  const limiter = createLimiter({ clock: createScaledClock(1000) });
  const items: (Completed | Failed)[] = [];
  for await (const item of sourceOf(prompts).pipeThrough(completionStream(provider, { limiter, ...options })))
    items.push(item);
  return items;
}

/** What a direct run gives. The batches of Azure are answered by another deployment. */
async function direct(make: (simulator: Simulator) => Provider): Promise<unknown> {
  const provider = make(await start());
  const model = provider.name === "azure" ? "batch-m" : "m";
  const [first, ...others] = await run(provider);
  const answeredBy = (item: Completed | Failed): unknown =>
    "completion" in item ? { ...item, completion: { ...item.completion, model } } : item;
  return [first, ...others.map(answeredBy)];
}

describe.each(BATCH_PROVIDERS)("a run through batches of %s", (name, make) => {
  it(`a run through batches of ${name} gives what a direct run gives, asks no row twice and leaves nothing behind`, async () => {
    const simulator = await start({ runMs: 50 });
    const items = await run(make(simulator), {
      journal: join(folder, "run.db"),
      batch: { tail: 0, maxRequests: 10 },
    });
    expect(items).toEqual(await direct(make));
    const { jobs, runs, files } = simulator.batches;
    expect(jobs.length).toBeGreaterThan(2);
    expect(new Set(runs.map(({ bodyHash }) => bodyHash)).size).toBe(ROWS - 1);
    expect(runs).toHaveLength(ROWS - 1);
    expect(files).toEqual([]);
  });

  it(`a run through batches of ${name} asks again for what is missing, lost or refused for now`, async () => {
    const simulator = await start({
      faults: [
        [
          { kind: "missingLines", rate: 0.2 },
          { kind: "statusZero", rate: 0.2 },
          { kind: "lineError", rate: 0.2, status: 429 },
          { kind: "repeatedLines", rate: 0.2 },
        ],
      ],
    });
    const items = await run(make(simulator), { journal: join(folder, "run.db"), batch: { tail: 0 } });
    expect(items).toEqual(await direct(make));
  });

  it(`a run through batches of ${name} finds the job whose creation got no answer, and makes no second one`, async () => {
    let isLost = false;
    const simulator = await start({ runMs: 50, listLagMs: 10 }, ({ method, path }) => {
      if (isLost || method !== "POST" || !/batches$|jobs$|:batchGenerateContent$/.test(path))
        return undefined;
      isLost = true;
      return { kind: "answerLost" };
    });
    const items = await run(make(simulator), { journal: join(folder, "run.db"), batch: { tail: 0 } });
    expect(items).toEqual(await direct(make));
    expect(simulator.batches.jobs).toHaveLength(1);
  });
});

it("generateText without batch waits for the open job of an earlier call, and asks no row twice", async () => {
  const simulator = await start({ runMs: 1e6 });
  const options = {
    provider: openai({ model: "m", baseUrl: simulator.baseUrl, apiKey: simulator.apiKey }),
    prompt: "Sum up: ${text}",
    journal: join(folder, "run.db"),
  };
  const rows = Array.from({ length: 5 }, (_, row) => ({ text: `Document ${row}` }));
  const submitted = generateText(rows, { ...options, batch: { tail: 0, wait: false } });
  await expect(submitted).rejects.toMatchObject({ code: "BATCH_OPEN" });
  simulator.advance(1e6);
  expect((await generateText(rows, options)).rows).toHaveLength(5);
  expect(simulator.batches.runs).toHaveLength(4);
  expect(simulator.ledger.answered().filter(({ path }) => path.endsWith("/chat/completions"))).toHaveLength(
    1,
  );
});
