// @module-tag slow

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  anthropic,
  azureOpenAI,
  gemini,
  groq,
  mistral,
  openai,
  openaiCompatible,
  openaiResponses,
  xai,
  type Provider,
} from "@parallel-parrot/providers";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { createLimiter, createScaledClock } from "@parallel-parrot/transport";
import { describe, expect, it, onTestFinished } from "vitest";
import { generateText, listOf, pipeline, generateData } from "./index.ts";

const MAKERS: readonly (readonly [string, (simulator: Simulator) => Provider])[] = [
  ["openai", ({ urls, apiKey }) => openai({ model: "m", apiKey, baseUrl: urls.openai })],
  ["openai-responses", ({ urls, apiKey }) => openaiResponses({ model: "m", apiKey, baseUrl: urls.openai })],
  [
    "openai-compatible",
    ({ urls, apiKey }) => openaiCompatible({ name: "own", model: "m", apiKey, baseUrl: urls.openai }),
  ],
  [
    "azure",
    ({ urls, apiKey }) =>
      azureOpenAI({ model: "m", apiKey, baseUrl: urls.azure, apiVersion: "v1", batchDeployment: "batch-m" }),
  ],
  ["groq", ({ urls, apiKey }) => groq({ model: "m", apiKey, baseUrl: urls.groq })],
  ["anthropic", ({ urls, apiKey }) => anthropic({ model: "m", apiKey, baseUrl: urls.anthropic })],
  ["mistral", ({ urls, apiKey }) => mistral({ model: "m", apiKey, baseUrl: urls.mistral })],
  ["gemini", ({ urls, apiKey }) => gemini({ model: "m", apiKey, baseUrl: urls.gemini })],
  ["xai", ({ urls, apiKey }) => xai({ model: "m", apiKey, baseUrl: urls.xai })],
];

const ROWS = Array.from({ length: 25 }, (_, id) => ({ id, text: `Document ${id} is «short».` }));

async function start(): Promise<Simulator> {
  const simulator = await startSimulator();
  onTestFinished(() => simulator.close());
  return simulator;
}

/** The options of a run through batches, whose looks are a thousand times as fast as with the real clock. */
async function batched(): Promise<Pick<Parameters<typeof generateText>[1], "journal" | "batch" | "limiter">> {
  const folder = await mkdtemp(join(tmpdir(), "parrot-batch-output-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return {
    journal: join(folder, "run.db"),
    batch: { tail: 0, maxRequests: 10 },
    limiter: createLimiter({ clock: createScaledClock(1000) }),
  };
}

describe.each(MAKERS)("rows that are asked through batches of %s", (_, make) => {
  it("are the rows that direct requests give", async () => {
    const question = { prompt: "Ask two questions about: ${text}", output: listOf(["question"]) };
    const simulator = await start();
    const { rows } = await generateData(ROWS, {
      provider: make(simulator),
      ...question,
      maxTokens: 200,
      ...(await batched()),
    });
    const direct = await generateData(ROWS, { provider: make(await start()), ...question, maxTokens: 200 });
    expect(rows).toEqual(direct.rows);
    expect(simulator.batches.runs).toHaveLength(24);
  });
});

describe("the front door with the option batch", () => {
  it("generateText and pipeline take it as well", async () => {
    const simulator = await start();
    const provider = openai({ model: "m", apiKey: simulator.apiKey, baseUrl: simulator.urls.openai });
    const { rows } = await generateText(ROWS, { provider, prompt: "${text}", ...(await batched()) });
    expect(rows.map(({ output }) => output)).toEqual(ROWS.map(({ text }) => text));
    const run = pipeline({
      provider,
      prompt: "Say: ${text}",
      output: listOf(["word"]),
      ...(await batched()),
    });
    const all: unknown[] = [];
    for await (const row of ReadableStream.from(ROWS).pipeThrough(run)) all.push(row);
    expect(all.length).toBeGreaterThan(0);
    expect(run.progress().batch).toMatchObject({ jobs: [], answered: 24 });
  });
});
