import type { Call } from "@parallel-parrot/providers";
import { describe, expect, it } from "vitest";
import { createTokenEstimator } from "./token-estimator.ts";

const CALL: Call = { prompt: { messages: [] }, params: {}, shape: { type: "text" }, n: 1 };

describe("createTokenEstimator", () => {
  it("the token estimator takes four characters for a token at first, and learns the true number", () => {
    const estimator = createTokenEstimator();
    const request = { body: "x".repeat(4000) };
    expect(estimator.estimate(CALL, request)).toEqual({ inputTokens: 1000, expectedOutputTokens: 256 });
    for (let i = 0; i < 100; i++)
      estimator.observe(CALL, request, { inputTokens: 2000, outputTokens: 50, cachedInputTokens: 0 });
    const { inputTokens, expectedOutputTokens } = estimator.estimate(CALL, request);
    expect(inputTokens).toBeGreaterThan(1990);
    expect(inputTokens).toBeLessThanOrEqual(2000);
    expect(expectedOutputTokens).toBe(50);
  });

  it("the token estimator takes no more tokens than were ever used, however many answers were in flight at once", () => {
    const estimator = createTokenEstimator();
    const request = { body: "x".repeat(4000) };
    for (let i = 0; i < 512; i++)
      estimator.observe(CALL, request, { inputTokens: 1100, outputTokens: 50, cachedInputTokens: 0 });
    expect(estimator.estimate(CALL, request).inputTokens).toBeLessThanOrEqual(1100);
  });

  it("the token estimator expects no longer answer than the request allows for all its choices", () => {
    const estimate = createTokenEstimator().estimate(
      { ...CALL, params: { maxTokens: 10 }, n: 3 },
      { body: "hello" },
    );
    expect(estimate).toEqual({ inputTokens: 2, expectedOutputTokens: 30, maxTokens: 30 });
  });

  it("the token estimator learns nothing from a server that tells no usage", () => {
    const estimator = createTokenEstimator();
    estimator.observe(
      CALL,
      { body: "x".repeat(4000) },
      { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0 },
    );
    expect(estimator.estimate(CALL, { body: "x".repeat(4000) }).inputTokens).toBe(1000);
  });

  it("the token estimator takes an image for a thousand tokens, however large its file, and learns nothing about text from it", () => {
    const estimator = createTokenEstimator();
    const data = "A".repeat(400_000);
    const images = [{ mediaType: "image/png", data }, { url: "https://images.example/1.png" }];
    const call: Call = { ...CALL, prompt: { messages: [{ role: "user", content: "What?", images }] } };
    const request = { body: `${"x".repeat(400)}${data}` };
    expect(estimator.estimate(call, request).inputTokens).toBe(100 + 2000);
    for (let i = 0; i < 100; i++)
      estimator.observe(call, request, { inputTokens: 900, outputTokens: 7, cachedInputTokens: 0 });
    expect(estimator.estimate(CALL, { body: "x".repeat(400) })).toEqual({
      inputTokens: 100,
      expectedOutputTokens: 7,
    });
  });

  it("the token estimator expects marked requests to read from the prompt cache what the last one has read", () => {
    const estimator = createTokenEstimator();
    const marked = { body: "x".repeat(4000), isMarked: true } as const;
    const usage = { inputTokens: 1000, outputTokens: 5 };
    expect(estimator.estimate(CALL, marked).cachedInputTokens).toBeUndefined();
    estimator.observe(CALL, marked, { ...usage, cachedInputTokens: 900 });
    expect(estimator.estimate(CALL, marked)).toMatchObject({ inputTokens: 1000, cachedInputTokens: 900 });
    expect(estimator.estimate(CALL, { body: marked.body }).cachedInputTokens).toBeUndefined();
    expect(estimator.estimate(CALL, { ...marked, body: "x".repeat(400) }).cachedInputTokens).toBe(100);
    estimator.observe(CALL, marked, { ...usage, cachedInputTokens: 0 });
    expect(estimator.estimate(CALL, marked).cachedInputTokens).toBeUndefined();
  });
});
