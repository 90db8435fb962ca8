// @module-tag slow

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isFailed, type Completed, type Failed, type Prompted } from "@parallel-parrot/core";
import { sourceOf } from "@parallel-parrot/core/testing";
import { openai } from "@parallel-parrot/providers";
import { startSimulator, type Fault, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createAgent } from "./http/agent.ts";
import { completionStream, createLimiter, createScaledClock } from "./index.ts";

/** The long form has 5000. */
const ROWS = Number(process.env["PARROT_FAULT_ROWS"] ?? 300);
const SHARE = 0.3;

/** Whatever passes. */
const FAULTS: readonly Fault[] = [
  { kind: "reset" },
  { kind: "hangUp" },
  { kind: "resetMidBody" },
  { kind: "truncate" },
  { kind: "truncate", contentLength: "none" },
  { kind: "truncate", contentLength: "sent" },
  { kind: "status", status: 408 },
  { kind: "status", status: 429 },
  { kind: "status", status: 500 },
  { kind: "status", status: 502 },
  { kind: "status", status: 503 },
  { kind: "status", status: 529 },
  { kind: "html", status: 502 },
  { kind: "invalidJson" },
  { kind: "gzip", damaged: true },
];

let folder: string;
let simulator: Simulator;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-faults-"));
  simulator = await startSimulator({
    latency: { kind: "fixed", ms: 2 },
    answer: ({ messages }) => `Answer to ${JSON.stringify(messages)}`,
    faults: ({ random, sequence }) =>
      sequence > 1 && random() < SHARE ? FAULTS[Math.floor(random() * FAULTS.length)] : undefined,
  });
});
afterEach(async () => {
  await simulator.close();
  await rm(folder, { recursive: true });
});

async function run(): Promise<readonly (Completed | Failed)[]> {
  const { baseUrl, apiKey } = simulator;
  const agent = createAgent();
  const stage = completionStream(openai({ model: "sim", baseUrl, apiKey }), {
    journal: join(folder, "run.db"),
    limiter: createLimiter({ clock: createScaledClock(200), maxConcurrency: 32 }),
    dispatcher: agent,
    maxAttempts: 50,
  });
  const prompts = Array.from({ length: ROWS }, (_, index): Prompted => {
    const messages = [{ role: "user", content: `Document ${index}.` }] as const;
    return { index, row: { id: index }, prompt: { messages } };
  });
  const items: (Completed | Failed)[] = [];
  for await (const item of sourceOf(prompts).pipeThrough(stage)) items.push(item);
  await agent.destroy();
  return items;
}

function textsOf(items: readonly (Completed | Failed)[]): readonly string[] {
  const choices = items.flatMap((item) => ("completion" in item ? item.completion.choices : []));
  return choices.map(({ text }) => text);
}

it(
  `of ${ROWS} rows, each is answered once where ${SHARE * 100} % of all requests fail`,
  { timeout: 600_000 + ROWS * 100 },
  async () => {
    const items = await run();
    expect(items.filter(isFailed)).toEqual([]);
    expect(textsOf(items).map((text) => /Document (\d+)\./.exec(text)?.[1])).toEqual(
      Array.from({ length: ROWS }, (_, index) => String(index)),
    );
    // Some have failed, and what was answered whole was not asked again.
    const received = simulator.ledger.received;
    expect(received).toBeGreaterThan(ROWS * 1.2);
    expect(textsOf(await run())).toEqual(textsOf(items));
    expect(simulator.ledger.received).toBe(received);
  },
);
