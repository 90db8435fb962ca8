import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { isFailed, type Completed, type Failed, type Output } from "@parallel-parrot/core";
import { sourceOf } from "@parallel-parrot/core/testing";
import { openai, type Price } from "@parallel-parrot/providers";
import { afterEach, describe, expect, it } from "vitest";
import { completionStream, costOf, type CompletionOptions, type CompletionProgress } from "../index.ts";

let server: Server | undefined;
afterEach(() => void server?.close());

interface Reply {
  readonly status?: number;
  readonly body: unknown;
  /** Sent in place of the body as it is. */
  readonly raw?: string;
}

/** A server that gives these replies, one after the other. */
async function serve(replies: readonly Reply[]): Promise<string> {
  const left = [...replies];
  server = createServer((request, response) => {
    request.resume().on("end", () => {
      const {
        status = 200,
        body,
        raw = JSON.stringify(body),
      } = left.shift() ?? { status: 500, body: "none left" };
      response.writeHead(status, { "content-type": "application/json" }).end(raw);
    });
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

function completion(content: string, usage?: object, reason = "stop"): unknown {
  return { model: "m", choices: [{ message: { content }, finish_reason: reason }], usage };
}

const usage = (input: number, output: number, details: object = {}): object => ({
  prompt_tokens: input,
  completion_tokens: output,
  ...details,
});

/** The first answer is never the wanted one. */
const OUTPUT: Output = {
  shape: { type: "text" },
  columns: ["text"],
  read: ({ text }) =>
    text === "bad"
      ? { ok: false, code: "INVALID_OUTPUT", message: "not good" }
      : { ok: true, outputs: [{ text }], warnings: [] },
};

const PRICE: Price = {
  input: 2,
  cachedInput: 0.5,
  cacheWrite: 2.5,
  output: 8,
  longContext: { over: 10_000, input: 4, cachedInput: 1, cacheWrite: 5, output: 12 },
};

async function run(
  baseUrl: string,
  rows: number,
  options: CompletionOptions = {},
): Promise<{ items: (Completed | Failed)[]; progress: CompletionProgress }> {
  const stage = completionStream(openai({ model: "m", baseUrl }), {
    output: OUTPUT,
    price: PRICE,
    concurrency: 1,
    ...options,
  });
  const prompts = Array.from({ length: rows }, (_, index) => ({
    index,
    row: {},
    prompt: { messages: [{ role: "user" as const, content: "x" }] },
  }));
  const items = await Array.fromAsync(sourceOf(prompts).pipeThrough(stage));
  return { items, progress: stage.progress() };
}

describe("the cost of a run", () => {
  it("the cost of a run equals an invoice written by hand: cached, written, reasoning, failed and re-asked tokens, long context", async () => {
    const baseUrl = await serve([
      // Row 0: 600 plain + 300 cached + 100 written, 400 out, 250 of them reasoning.
      {
        body: completion(
          "good",
          usage(1000, 400, {
            prompt_tokens_details: { cached_tokens: 300, cache_write_tokens: 100 },
            completion_tokens_details: { reasoning_tokens: 250 },
          }),
        ),
      },
      // Row 1: a server error costs nothing, an answer that ended in an error costs what it says.
      { status: 500, body: { error: { message: "down" } } },
      { body: completion("half", usage(1000, 50), "error") },
      { body: completion("good", usage(1000, 200)) },
      // Row 2: the wrong form, asked again.
      { body: completion("bad", usage(1000, 10)) },
      { body: completion("good", usage(1100, 20, { prompt_tokens_details: { cached_tokens: 1000 } })) },
      // Row 3: more input than the cheap rate covers; the whole request costs the other.
      { body: completion("good", usage(20_000, 100, { prompt_tokens_details: { cached_tokens: 5000 } })) },
    ]);
    const { items, progress } = await run(baseUrl, 4);
    expect(items.map((item) => isFailed(item))).toEqual([false, false, false, false]);
    const row0 = 600 * 2 + 300 * 0.5 + 100 * 2.5 + 400 * 8;
    const row1 = 1000 * 2 + 50 * 8 + (1000 * 2 + 200 * 8);
    const row2 = 1000 * 2 + 10 * 8 + (100 * 2 + 1000 * 0.5 + 20 * 8);
    const row3 = 15_000 * 4 + 5000 * 1 + 100 * 12;
    expect(progress.cost).toBe((row0 + row1 + row2 + row3) / 1e6);
    expect(progress.usage).toEqual({
      requests: 7,
      inputTokens: 25_100,
      outputTokens: 780,
      cachedInputTokens: 6300,
      cacheWriteTokens: 100,
      reasoningTokens: 250,
    });
    expect(progress.usageIsEstimated).toBe(false);
  });

  it("usage is estimated by characters where the server tells none, and the run says so", async () => {
    const baseUrl = await serve([{ body: completion("good".repeat(100)) }]);
    const { items, progress } = await run(baseUrl, 1, { budget: { maxTokens: 5000 }, maxTokens: 4000 });
    expect(progress.usageIsEstimated).toBe(true);
    expect(progress.lostAnswers).toBe(0);
    expect(progress.usage.outputTokens).toBe(100);
    expect(progress.usage.inputTokens).toBeGreaterThan(0);
    expect(progress.budget?.spent.tokens).toBe(progress.usage.inputTokens + 100);
    expect(items[0]).toMatchObject({ completion: { usage: progress.usage } });
  });

  it("the cost of a run is unknown without a price", async () => {
    const baseUrl = await serve([{ body: completion("good", usage(10, 5)) }]);
    const stage = completionStream(openai({ model: "gpt-4.1-mini", baseUrl }));
    const prompt = { messages: [{ role: "user" as const, content: "x" }] };
    await Array.fromAsync(sourceOf([{ index: 0, row: {}, prompt }]).pipeThrough(stage));
    expect(stage.progress()).toMatchObject({ cost: undefined, usage: { inputTokens: 10, outputTokens: 5 } });
  });
});

describe("what a request had set aside from the budget", () => {
  const error = { error: { message: "no" } };
  const options = { budget: { maxTokens: 1_000_000 }, maxTokens: 4000, maxAttempts: 2 };

  // 30 tokens for the row before, 30 for the second attempt where there is one.
  it.each<[string, Reply, { readonly spent: number; readonly lost: number }]>([
    ["an answer", { body: completion("good", usage(10, 5)) }, { spent: 30 + 15, lost: 0 }],
    [
      "an answer that broke off and tells its usage",
      { body: completion("x", usage(10, 5), "error") },
      { spent: 30 + 15 + 30, lost: 0 },
    ],
    [
      "an answer that broke off and tells nothing",
      { body: completion("x", undefined, "error") },
      { spent: 60, lost: 1 },
    ],
    ["an answer that is not JSON", { body: "", raw: "{,}" }, { spent: 60, lost: 1 }],
    ["a gateway that gave up", { status: 504, body: error }, { spent: 60, lost: 1 }],
    ["a bad gateway", { status: 502, body: error }, { spent: 60, lost: 1 }],
    ["a server error", { status: 500, body: error }, { spent: 60, lost: 0 }],
    ["an overload", { status: 503, body: error }, { spent: 60, lost: 0 }],
    ["a bad request", { status: 400, body: error }, { spent: 30, lost: 0 }],
  ])(
    "a request that ends after %s has what it took booked to the budget, or what was set aside for it as lost",
    async (_, reply, { spent, lost }) => {
      const good = { body: completion("good", usage(20, 10)) };
      const baseUrl = await serve([good, reply, good]);
      const { progress } = await run(baseUrl, 2, options);
      const { budget, usage: paid } = progress;
      expect(budget?.reserved).toEqual({ requests: 0, tokens: 0, cost: 0 });
      expect(budget?.spent.tokens).toBe(spent);
      expect(paid.inputTokens + paid.outputTokens).toBe(spent);
      expect(budget?.lost.requests).toBe(lost);
      expect(Number(budget?.lost.tokens)).toBeGreaterThanOrEqual(4000 * lost);
      // A refused request was a request all the same.
      expect(budget?.spent.requests).toBe(paid.requests - lost);
    },
  );

  it("what a request had set aside from the budget counts as lost when the attempt times out", async () => {
    const baseUrl = await serve([]);
    server?.removeAllListeners("request").on("request", () => undefined);
    const late = { ...options, attemptTimeoutMs: 50, rowTimeoutMs: 5000, maxAttempts: 1 };
    const { items, progress } = await run(baseUrl, 1, late);
    expect(items).toMatchObject([{ failure: { code: "TIMEOUT" } }]);
    expect(progress.budget).toMatchObject({ lost: { requests: 1 }, spent: { requests: 0 } });
    server?.closeAllConnections();
  });
});

describe("costOf", () => {
  it("costOf prices cached input like other input where it has no price of its own, and never below zero", () => {
    const none = { requests: 1, inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, reasoningTokens: 0 };
    const price: Price = { input: 0.1, output: 0.2 };
    expect(costOf({ ...none, inputTokens: 1_000_000, cachedInputTokens: 400_000 }, price)).toBe(0.1);
    expect(costOf({ ...none, inputTokens: 10, cachedInputTokens: 20 }, price)).toBe(0.000002);
    expect(costOf({ ...none, outputTokens: 3 }, { input: 0, output: 0.0028 })).toBe(8.4e-9);
  });
});
