// @module-tag slow

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startParrot, type Finished } from "../../fixtures/run-parrot.ts";

let folder: string;
let simulator: Simulator;

const ROWS = 60;
const PRICE = ["--price", "input=3,output=15,cached=0.3,cache-write=3.75"];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-cached-"));
  simulator = await startSimulator({
    promptCache: {},
    latency: { kind: "fixed", ms: 5 },
    answer: () => "yes",
  });
  const lines = Array.from({ length: ROWS }, (_, id) => `${id},question number ${id}`);
  await writeFile(join(folder, "in.csv"), `id,text\n${lines.join("\n")}\n`);
  await writeFile(join(folder, "prompt.txt"), `${"Say yes or no. ".repeat(400)}\n\nQuestion: \${text}\n`);
});
afterEach(async () => {
  await simulator.close();
  await rm(folder, { recursive: true });
});

function parrot(...parameters: string[]): Promise<Finished> {
  const environment = { ANTHROPIC_API_KEY: simulator.apiKey, ANTHROPIC_BASE_URL: simulator.urls.anthropic };
  return startParrot(parameters, environment, folder).finished;
}

const JOB = [
  "text",
  "in.csv",
  "--prompt-file",
  "prompt.txt",
  "--model",
  "anthropic/claude-sonnet-5",
  ...PRICE,
];

function costOf({
  inputTokens,
  cachedTokens,
  cacheWriteTokens,
  outputTokens,
}: ReturnType<Simulator["stats"]>) {
  const fresh = inputTokens - cachedTokens - cacheWriteTokens;
  return (fresh * 3 + cachedTokens * 0.3 + cacheWriteTokens * 3.75 + outputTokens * 15) / 1e6;
}

describe("parrot with a prompt cache", () => {
  it("a run tells how much of the input was cached, and what that saved", async () => {
    const { code, stderr } = await parrot(...JOB, "--prompt-cache", "on", "-o", "out.csv");
    expect(code).toBe(0);
    const stats = simulator.stats();
    expect(stats.cacheWriteTokens).toBeGreaterThan(1000);
    const share = Math.round((100 * stats.cachedTokens) / stats.inputTokens);
    expect(share).toBeGreaterThan(90);
    const saved = (stats.cachedTokens * 2.7 - stats.cacheWriteTokens * 0.75) / 1e6;
    const line = new RegExp(`^${share} % of the input was cached, \\$([\\d.]+) saved$`, "m").exec(stderr);
    expect(Number(line?.[1])).toBeCloseTo(saved, 4);
    expect(stderr).toContain(
      `cached), ${ROWS} output tokens; $${costOf(stats).toFixed(4)}`.replace(/0+$/, ""),
    );
  });

  it("a run with --prompt-cache off marks nothing, and its answers are found by one that marks", async () => {
    const off = await parrot(...JOB, "--prompt-cache", "off", "-o", "off.csv");
    expect(off.stderr).not.toContain("was cached");
    expect(simulator.stats()).toMatchObject({ requests: ROWS, cacheWriteTokens: 0, cachedTokens: 0 });
    const on = await parrot(...JOB, "--prompt-cache", "on", "-o", "on.csv");
    expect(on.stderr).toContain(`, ${ROWS} found in the journal`);
    expect(simulator.stats().requests).toBe(ROWS);
    expect(await readFile(join(folder, "on.csv"), "utf8")).toBe(
      await readFile(join(folder, "off.csv"), "utf8"),
    );
  });

  it("an estimate counts what is read from the prompt cache, and the run then costs that", async () => {
    const output = ["--output-tokens", "1"];
    const counted = await parrot(
      "estimate",
      ...JOB,
      "--prompt-cache",
      "on",
      ...output,
      "--json",
      "--look-at",
      "60",
    );
    const result = JSON.parse(counted.stdout);
    const shown = await parrot("estimate", ...JOB, "--prompt-cache", "on", ...output);
    expect(shown.stdout).toMatch(
      /\ncached {4}[\d,]+ tokens, 9\d % of the input, are read from the prompt cache, \$[\d.]+ saved\n/,
    );
    expect(shown.stdout).not.toContain("the prompt cache. --ask");
    await parrot(...JOB, "--prompt-cache", "on", "-o", "out.csv");
    const stats = simulator.stats();
    expect(result.promptCache.tokens / stats.cachedTokens).toBeCloseTo(1, 1);
    expect(result.cost.estimate / costOf(stats)).toBeCloseTo(1, 1);
    expect(result.promptCache).toMatchObject({ isSure: true });
  });

  it("an estimate that asks a sample does not take the one row that writes to the cache for many", async () => {
    const asked = await parrot("estimate", ...JOB, "--prompt-cache", "on", "--ask", "--json", "--no-journal");
    const result = JSON.parse(asked.stdout);
    simulator.reset();
    await parrot(...JOB, "--prompt-cache", "on", "--no-journal", "-o", "out.csv");
    expect(result.cost.estimate / costOf(simulator.stats())).toBeCloseTo(1, 2);
  });

  it("a preview says what all rows would cost, as if the row that writes to the cache were one of all", async () => {
    const { stdout, stderr } = await parrot(...JOB, "--prompt-cache", "on", "--preview", "5", "--no-journal");
    const about = Number(
      /input and [\d,]+ output tokens, about \$(\d+\.\d+)/.exec(`${stdout}${stderr}`)?.[1],
    );
    simulator.reset();
    await parrot(...JOB, "--prompt-cache", "on", "--no-journal", "-o", "out.csv");
    // Without what the one row pays more that writes.
    expect(about / costOf(simulator.stats())).toBeGreaterThan(0.8);
    expect(about / costOf(simulator.stats())).toBeLessThan(1.05);
  });

  it("an estimate tells the time at a limit that what is read from the cache does not count against", async () => {
    const limits = { inputTokensPerMinute: 100_000, burstSeconds: 60 };
    simulator.setLimits(limits);
    const args = ["--ask", "--json", "--no-journal", "--look-at", "10"];
    const { stdout } = await parrot("estimate", ...JOB, "--prompt-cache", "on", ...args);
    const result = JSON.parse(stdout);
    const fresh = result.inputTokens.estimate - result.promptCache.tokens;
    const limit = result.limits.find(({ dimension }: { dimension: string }) => dimension === "inputTokens");
    expect(limit.seconds).toBeCloseTo((fresh / 100_000) * 60, 1);
  });

  it("an estimate of one row counts no prompt cache", async () => {
    await writeFile(join(folder, "in.csv"), "id,text\n1,question\n");
    const { stdout } = await parrot(
      "estimate",
      ...JOB,
      "--prompt-cache",
      "on",
      "--output-tokens",
      "1",
      "--json",
    );
    const { cost, inputTokens, promptCache } = JSON.parse(stdout);
    expect(promptCache).toBeNull();
    expect(cost.estimate).toBeCloseTo((inputTokens.estimate * 3 + 15) / 1e6, 12);
  });

  it("--prompt-cache on is refused before anything is sent where the model takes no marks", async () => {
    const { code, stderr } = await startParrot(
      [
        "text",
        "in.csv",
        "--prompt",
        "${text}",
        "--model",
        "openai/gpt-4.1",
        "--prompt-cache",
        "on",
        "-o",
        "out.csv",
      ],
      { OPENAI_API_KEY: simulator.apiKey, OPENAI_BASE_URL: simulator.baseUrl },
      folder,
    ).finished;
    expect(code).toBe(2);
    expect(stderr).toContain("takes no marks for the model gpt-4.1");
    expect(stderr).toContain("--prompt-cache");
    expect(simulator.stats().requests).toBe(0);
  });
});
