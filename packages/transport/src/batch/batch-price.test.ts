import { anthropic, gemini, groq, mistral, openrouter, together, xai } from "@parallel-parrot/providers";
import { describe, expect, it } from "vitest";
import { batchPriceOf } from "./batch-price.ts";

const DIRECT = { input: 10, output: 40, cachedInput: 1, cacheWrite: 12.5 };
const model = "m";
const apiKey = "key";

describe("what a batch costs", () => {
  it.each([
    ["Anthropic", anthropic({ model, apiKey }), { input: 5, output: 20, cachedInput: 0.5, cacheWrite: 6.25 }],
    ["Gemini", gemini({ model, apiKey }), { input: 5, output: 20, cachedInput: 1, cacheWrite: 6.25 }],
    ["Groq", groq({ model, apiKey }), { input: 7.5, output: 30, cachedInput: 1, cacheWrite: 9.375 }],
    ["Mistral", mistral({ model, apiKey }), { input: 5, output: 20, cachedInput: 0.5, cacheWrite: 6.25 }],
    ["xAI", xai({ model, apiKey }), { input: 8, output: 32, cachedInput: 0.8, cacheWrite: 10 }],
    ["OpenRouter", openrouter({ model, apiKey }), { input: 5, output: 20, cachedInput: 1, cacheWrite: 6.25 }],
    ["Together", together({ model, apiKey }), DIRECT],
    [
      "Together",
      together({ model: "Qwen/Qwen2.5-7B-Instruct-Turbo", apiKey }),
      { input: 5, output: 20, cachedInput: 0.5, cacheWrite: 6.25 },
    ],
  ])("a batch at %s costs its part of the direct price, cached tokens as it says", (_, { batch }, price) => {
    expect(batch?.price).toMatchObject({ source: expect.stringMatching(/^https:/), date: "2026-11-30" });
    expect(batchPriceOf(DIRECT, { factor: Number.NaN, ...batch?.price })).toEqual(price);
  });

  it("the price of a batch is not known at another address than the vendor's", () => {
    const elsewhere = mistral({ model, baseUrl: "http://localhost:1/v1", apiKey });
    expect(elsewhere.batch?.price).toBeUndefined();
  });
});
