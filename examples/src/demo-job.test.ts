import { startSimulator } from "@parallel-parrot/simulator";
import { jsonlSource, providers } from "parallel-parrot";
import { expect, it } from "vitest";
import { demoJob } from "./demo-job.ts";

const input = new URL("../data/articles.jsonl", import.meta.url);

it.each(providers.filter(({ isInProcess }) => isInProcess !== true))(
  "the demo asks $name by one word",
  async ({ name }) => {
    await using simulator = await startSimulator();
    const run = demoJob(simulator, name);
    let count = 0;
    for await (const row of jsonlSource(input.pathname).pipeThrough(run)) {
      expect(row).toEqual({
        title: expect.any(String),
        question: expect.stringContaining("?"),
        answer: expect.stringMatching(/./),
      });
      count += 1;
    }
    expect(run.failures).toEqual([]);
    expect(count).toBeGreaterThan(96);
    // What is got instead of posted asks for no answer: a llama.cpp server tells how many it works on at once.
    const others = simulator.ledger.entries.filter(({ method }) => method !== "POST");
    expect(others.map(({ path }) => path)).toEqual(name === "llamacpp" ? ["/llamacpp/props"] : []);
    expect(simulator.ledger.entries).toHaveLength(48 + others.length);
    const dialect = name === "openai-compatible" ? "openai" : name;
    expect(new Set(simulator.ledger.entries.map((entry) => entry.dialect))).toEqual(new Set([dialect]));
  },
);

it("the demo names the providers there are", async () => {
  await using simulator = await startSimulator();
  expect(() => demoJob(simulator, "nobody")).toThrow(
    /no provider "nobody"; the providers are openai, .*anthropic/,
  );
});
