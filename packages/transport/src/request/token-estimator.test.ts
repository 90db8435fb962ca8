import type { Call } from "@parallel-parrot/providers";
import { describe, expect, it } from "vitest";
import { createTokenEstimator } from "./token-estimator.ts";

const CALL: Call = { prompt: { messages: [] }, params: {}, shape: { type: "text" }, n: 1 };

describe("createTokenEstimator", () => {
  it("the token estimator takes four characters for a token at first, and learns the true number", () => {
    const estimator = createTokenEstimator();
    const body = "x".repeat(4000);
    expect(estimator.estimate(CALL, body)).toEqual({ inputTokens: 1000, expectedOutputTokens: 256 });
    for (let i = 0; i < 100; i++) estimator.observe(CALL, body, { inputTokens: 2000, outputTokens: 50 });
    const { inputTokens, expectedOutputTokens } = estimator.estimate(CALL, body);
    expect(inputTokens).toBeGreaterThan(1990);
    expect(inputTokens).toBeLessThanOrEqual(2000);
    expect(expectedOutputTokens).toBe(50);
  });

  it("the token estimator takes no more tokens than were ever used, however many answers were in flight at once", () => {
    const estimator = createTokenEstimator();
    const body = "x".repeat(4000);
    for (let i = 0; i < 512; i++) estimator.observe(CALL, body, { inputTokens: 1100, outputTokens: 50 });
    expect(estimator.estimate(CALL, body).inputTokens).toBeLessThanOrEqual(1100);
  });

  it("the token estimator expects no longer answer than the request allows for all its choices", () => {
    const estimate = createTokenEstimator().estimate({ ...CALL, params: { maxTokens: 10 }, n: 3 }, "hello");
    expect(estimate).toEqual({ inputTokens: 2, expectedOutputTokens: 30, maxTokens: 30 });
  });

  it("the token estimator learns nothing from a server that tells no usage", () => {
    const estimator = createTokenEstimator();
    estimator.observe(CALL, "x".repeat(4000), { inputTokens: 0, outputTokens: 0 });
    expect(estimator.estimate(CALL, "x".repeat(4000)).inputTokens).toBe(1000);
  });

  it("the token estimator takes an image for a thousand tokens, however large its file, and learns nothing about text from it", () => {
    const estimator = createTokenEstimator();
    const data = "A".repeat(400_000);
    const images = [{ mediaType: "image/png", data }, { url: "https://images.example/1.png" }];
    const call: Call = { ...CALL, prompt: { messages: [{ role: "user", content: "What?", images }] } };
    const body = `${"x".repeat(400)}${data}`;
    expect(estimator.estimate(call, body).inputTokens).toBe(100 + 2000);
    for (let i = 0; i < 100; i++) estimator.observe(call, body, { inputTokens: 900, outputTokens: 7 });
    expect(estimator.estimate(CALL, "x".repeat(400))).toEqual({ inputTokens: 100, expectedOutputTokens: 7 });
  });
});
