import { describe, expect, it } from "vitest";
import { findPrice, openai } from "../index.ts";
import { PRICE_LISTS } from "./price-lists.ts";

describe("findPrice", () => {
  it("findPrice finds the price of a model by its name and by that of a dated snapshot", () => {
    const price = findPrice("openai", "gpt-4.1-mini");
    expect(price).toEqual({
      provider: "openai",
      model: "gpt-4.1-mini",
      input: 0.4,
      cachedInput: 0.1,
      output: 1.6,
      maxOutputTokens: 32_768,
      maxInputTokens: 1_047_576,
      source: "https://developers.openai.com/api/docs/pricing",
      date: "2026-11-26",
    });
    expect(findPrice("openai", "gpt-4.1-mini-2025-04-14")).toEqual(price);
    expect(findPrice("anthropic", "claude-haiku-4-5-20251001")?.input).toBe(1);
  });

  it("findPrice prefers the own price of a snapshot", () => {
    expect(findPrice("openai", "gpt-4o-2024-05-13")?.input).toBe(5);
    expect(findPrice("openai", "gpt-4o-2024-08-06")?.input).toBe(2.5);
  });

  it.each([
    ["openai", "gpt-4.1-mini-high"],
    ["openai", "gpt-4.1-mini-2025"],
    ["openai", "gpt-4.1"],
    ["openai", "ft:gpt-4.1-mini-2025-04-14:me::id"],
    ["openai", ""],
    ["nobody", "gpt-4.1-mini"],
  ])("findPrice does not guess a price from a similar name: %s %s", (provider, model) => {
    const exact = PRICE_LISTS.some(
      (list) => list.provider === provider && list.models.some((price) => price.model === model),
    );
    expect(findPrice(provider, model) !== undefined).toBe(exact);
  });
});

describe("the price lists", () => {
  it("the price lists name each vendor and each model once, with a page and a date", () => {
    const names = PRICE_LISTS.flatMap(({ provider, models }) =>
      models.map(({ model }) => `${provider}/${model}`),
    );
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(PRICE_LISTS.map(({ provider }) => provider)).size).toBe(PRICE_LISTS.length);
    for (const { source, date } of PRICE_LISTS) {
      expect(source).toMatch(/^https:\/\//);
      expect(date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    }
  });

  const prices = PRICE_LISTS.flatMap(({ models }) => models);
  const rates = prices.flatMap(({ model, longContext, ...price }) =>
    [price, ...(longContext === undefined ? [] : [longContext])].map(
      ({ input, cachedInput = input, cacheWrite = input, output }) => ({
        model,
        input,
        cachedInput,
        cacheWrite,
        output,
      }),
    ),
  );

  it("the price lists are in dollars per million tokens: output costs at least as much as input, cached input less", () => {
    const wrong = rates.filter(
      ({ input, cachedInput, cacheWrite, output }) =>
        !(cachedInput > 0 && cachedInput <= input && input <= cacheWrite && input <= output && output < 1000),
    );
    expect(wrong).toEqual([]);
  });

  it("the price lists have no more decimals than prices have", () => {
    const wrong = rates.filter(({ input, cachedInput, cacheWrite, output }) =>
      [input, cachedInput, cacheWrite, output].some((rate) => Number(rate.toFixed(6)) !== rate),
    );
    expect(wrong).toEqual([]);
  });

  it("the price lists have higher prices for a long context, and the length of the longest answer", () => {
    const wrong = prices.filter(
      ({ input, longContext, maxOutputTokens = 0 }) =>
        (longContext?.input ?? Infinity) <= input || maxOutputTokens < 4000,
    );
    expect(wrong).toEqual([]);
  });
});

describe("the price of an openai provider", () => {
  const model = "gpt-4.1-mini";

  it("the price of an openai provider is the listed one at OpenAI's own address", () => {
    expect(openai({ model, apiKey: "k" }).price).toMatchObject({ input: 0.4, output: 1.6 });
    expect(openai({ model: "gpt-next", apiKey: "k" }).price).toBeUndefined();
  });

  it.each([
    { baseUrl: "http://localhost:8000/v1" },
    { baseUrl: "https://us.api.openai.com/v1" },
    { extraBody: { service_tier: "priority" } },
  ])("the price of an openai provider is not known with the options %o", (options) => {
    expect(openai({ model, apiKey: "k", ...options }).price).toBeUndefined();
  });
});
