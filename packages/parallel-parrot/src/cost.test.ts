import { startSimulator } from "@parallel-parrot/simulator";
import { describe, expect, it } from "vitest";
import { createBudget, generateText, openai } from "./index.ts";

const rows = Array.from({ length: 60 }, (_, id) => ({
  id,
  review: `Review number ${id}: it is a fine lamp.`,
}));
const price = { input: 2, output: 8 };
const prompt = "Summarise: ${review}";

describe("the cost of a run", () => {
  it("the report of a run has its cost beside the usage, in US dollars", async () => {
    await using simulator = await startSimulator();
    const { baseUrl, apiKey } = simulator;
    const provider = openai({ model: "sim", baseUrl, apiKey });
    const { cost, usage, usageIsEstimated } = await generateText(rows, { provider, prompt, price });
    expect(cost).toBeCloseTo((usage.inputTokens * 2 + usage.outputTokens * 8) / 1e6, 12);
    expect(usageIsEstimated).toBe(false);
    const unknown = await generateText(rows.slice(0, 2), { provider, prompt });
    expect(unknown.cost).toBeUndefined();
    expect(unknown.usage.requests).toBe(2);
  });

  it("a budget stops the run of an array, with the rows that were paid for", async () => {
    await using simulator = await startSimulator({ latency: { kind: "fixed", ms: 2 } });
    const { baseUrl, apiKey } = simulator;
    const provider = openai({ model: "sim", baseUrl, apiKey });
    const budget = createBudget({ maxRequests: 20 });
    const options = { provider, prompt, price, budget };
    const error: unknown = await generateText(rows, options).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "BUDGET_EXHAUSTED", option: "budget.maxRequests" });
    expect(error).toHaveProperty("finished.length", 20);
    expect(simulator.ledger.received).toBe(20);
    // The budget is used up for the next run too.
    await expect(generateText(rows, options)).rejects.toMatchObject({ code: "BUDGET_EXHAUSTED" });
    expect(simulator.ledger.received).toBe(20);
  });
});
