// @module-tag slow
import { isFailed, type Completed, type Failed, type Prompted } from "@parallel-parrot/core";
import { sourceOf } from "@parallel-parrot/core/testing";
import { openai, type Price } from "@parallel-parrot/providers";
import {
  atRate,
  firstOf,
  onRequest,
  startSimulator,
  type Simulator,
  type SimulatorOptions,
} from "@parallel-parrot/simulator";
import { describe, expect, it } from "vitest";
import {
  completionStream,
  createBudget,
  pool,
  type CompletionOptions,
  type CompletionStage,
  type RunWait,
} from "../index.ts";

const PRICE: Price = { input: 1, output: 4 };
const MAX_TOKENS = 200;

function prompted(index: number): Prompted {
  const content = `Write about topic ${index}, at any length you like.`;
  return { index, row: { id: index }, prompt: { messages: [{ role: "user", content }] } };
}

function* prompts(count: number): Generator<Prompted> {
  for (let index = 0; index < count; index++) yield prompted(index);
}

/** Answers of 1 to 200 tokens that follow from the topic. */
const answer: NonNullable<SimulatorOptions["answer"]> = ({ messages }) => {
  const topic = Number(/topic (\d+)/.exec(messages[0]?.parts[0] ?? "")?.[1]);
  return "word ".repeat(1 + ((topic * 7919) % 160));
};

interface Finished {
  readonly items: readonly (Completed | Failed)[];
  readonly stage: CompletionStage<Prompted["row"]>;
}

async function run(simulator: Simulator, count: number, options: CompletionOptions): Promise<Finished> {
  const { baseUrl, apiKey } = simulator;
  const stage = completionStream(openai({ model: "sim", baseUrl, apiKey }), {
    onStop: "close",
    maxTokens: MAX_TOKENS,
    price: PRICE,
    ...options,
  });
  const items = await Array.fromAsync(sourceOf([...prompts(count)]).pipeThrough(stage));
  return { items, stage };
}

/** What the server's own books say. */
function billOf(simulator: Simulator): number {
  const { inputTokens, outputTokens } = simulator.stats();
  return (inputTokens * PRICE.input + outputTokens * PRICE.output) / 1e6;
}

describe("a run with a budget", () => {
  it("a run with a budget never spends a cent more than maxCost with 500 requests in flight, and uses at least 90 % of it", async () => {
    await using simulator = await startSimulator({
      answer,
      latency: { kind: "fixed", ms: 200 },
      // A busy machine, too, has 500 requests on their way before the first of them is answered.
      faults: ({ sequence }) => (sequence > 1 && sequence <= 501 ? { kind: "delay", ms: 4000 } : undefined),
      ledger: "counts",
    });
    const maxCost = 1;
    const { items, stage } = await run(simulator, 6000, {
      budget: { maxCost },
      concurrency: 500,
      // Known limits need no time to find out how much the server bears.
      limits: { requestsPerMinute: 1_000_000 },
    });
    expect(stage.stopped).toMatchObject({ code: "BUDGET_EXHAUSTED", option: "budget.maxCost" });
    expect(simulator.stats().maxInFlight).toBe(500);
    expect(billOf(simulator)).toBeLessThanOrEqual(maxCost);
    expect(billOf(simulator)).toBeGreaterThanOrEqual(0.9 * maxCost);
    expect(stage.progress().cost).toBeCloseTo(billOf(simulator), 9);
    // What was paid for came out. The server counts answers that it delays as faults.
    expect(items).toHaveLength(simulator.stats().answered + 500);
  });

  it("a run with a budget spends no more than maxCost when answers are lost, refused and cut off", async () => {
    const fault = firstOf(
      atRate(0.04, { kind: "resetMidBody" }),
      atRate(0.04, { kind: "truncate" }),
      atRate(0.04, { kind: "invalidJson" }),
      atRate(0.04, { kind: "reset" }),
      atRate(0.04, { kind: "status", status: 500 }),
      // A burst: how fast a run goes on after refusals is the limiter's affair.
      onRequest([100, 101, 102, 103], {
        kind: "status",
        status: 429,
        headers: { "retry-after-ms": "10" },
      }),
    );
    await using simulator = await startSimulator({
      answer,
      faults: fault,
      latency: { kind: "fixed", ms: 10 },
      ledger: "counts",
    });
    const maxCost = 0.5;
    const { items, stage } = await run(simulator, 4000, {
      budget: { maxCost },
      concurrency: 200,
      limits: { requestsPerMinute: 1_000_000 },
    });
    expect(stage.stopped).toMatchObject({ code: "BUDGET_EXHAUSTED" });
    expect(billOf(simulator)).toBeLessThanOrEqual(maxCost);
    const { budget } = stage.progress();
    expect(budget?.reserved).toEqual({ requests: 0, tokens: 0, cost: 0 });
    expect(budget?.lost.requests).toBeGreaterThan(0);
    const taken = (budget?.spent.cost ?? 0) + (budget?.lost.cost ?? 0);
    expect(taken).toBeLessThanOrEqual(maxCost);
    expect(taken).toBeGreaterThanOrEqual(0.9 * maxCost);
    expect(items.length).toBe(new Set(items.map(({ index }) => index)).size);
  });

  it("a run keeps to a budget of maxTokens where no price is known", async () => {
    await using simulator = await startSimulator({ answer, latency: { kind: "fixed", ms: 5 } });
    const budget = { maxTokens: 60_000 };
    const { baseUrl, apiKey } = simulator;
    const stage = completionStream(openai({ model: "sim", baseUrl, apiKey }), {
      onStop: "close",
      maxTokens: MAX_TOKENS,
      budget,
    });
    await Array.fromAsync(sourceOf([...prompts(2000)]).pipeThrough(stage));
    const { inputTokens, outputTokens } = simulator.stats();
    expect(inputTokens + outputTokens).toBeLessThanOrEqual(60_000);
    expect(inputTokens + outputTokens).toBeGreaterThan(54_000);
    expect(stage.stopped).toMatchObject({ code: "BUDGET_EXHAUSTED", option: "budget.maxTokens" });
    expect(stage.progress().cost).toBeUndefined();
  });

  it("a run with a budget sends exactly maxRequests requests, counting refused ones", async () => {
    await using simulator = await startSimulator({
      faults: onRequest([10, 11, 12, 60, 61, 62, 63, 136, 137], {
        kind: "status",
        status: 429,
        headers: { "retry-after-ms": "1" },
      }),
    });
    const { items, stage } = await run(simulator, 500, {
      budget: { maxRequests: 137 },
      concurrency: 50,
      limits: { requestsPerMinute: 1_000_000 },
    });
    expect(simulator.ledger.received).toBe(137);
    expect(simulator.ledger.answered()).toHaveLength(137 - 9);
    expect(items).toHaveLength(simulator.ledger.answered().length);
    expect(stage.stopped).toMatchObject({ code: "BUDGET_EXHAUSTED", option: "budget.maxRequests" });
  });

  it("a budget does not stop a run that needs exactly that much", async () => {
    await using simulator = await startSimulator();
    const { items, stage } = await run(simulator, 40, { budget: { maxRequests: 40 }, concurrency: 8 });
    expect(items.filter((item) => !isFailed(item))).toHaveLength(40);
    expect(stage.stopped).toBeUndefined();
  });

  it("a shared budget counts what several pipelines take from it", async () => {
    await using simulator = await startSimulator({ answer, latency: { kind: "fixed", ms: 5 } });
    const budget = createBudget({ maxCost: 0.2 });
    const runs = await Promise.all([1, 2, 3].map(() => run(simulator, 1000, { budget, concurrency: 50 })));
    expect(billOf(simulator)).toBeLessThanOrEqual(0.2);
    expect(billOf(simulator)).toBeGreaterThan(0.18);
    expect(runs.map(({ stage }) => stage.stopped)).toMatchObject(
      runs.map(() => ({ code: "BUDGET_EXHAUSTED" })),
    );
    expect(budget.waiting).toBe(0);
    expect(budget.state.reserved.requests).toBe(0);
  });

  it("a budget gets back what was set aside for rows that time out or are aborted while they wait for it", async () => {
    await using simulator = await startSimulator();
    const budget = createBudget({ maxTokens: 10_000 });
    const everything = await budget.reserve({ requests: 1, tokens: 10_000, cost: 0 });
    const late = await run(simulator, 3, { budget, rowTimeoutMs: 30 });
    expect(late.items).toMatchObject(
      [0, 1, 2].map(() => ({ failure: { code: "TIMEOUT", attempts: 0, usage: { requests: 0 } } })),
    );
    const abort = new AbortController();
    const aborted = run(simulator, 3, { budget, signal: abort.signal });
    while (budget.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
    abort.abort(new Error("enough"));
    await expect(aborted).rejects.toThrow("enough");
    expect(budget.waiting).toBe(0);
    expect(simulator.ledger.received).toBe(0);
    everything.refund();
    const { items } = await run(simulator, 3, { budget });
    expect(items.filter((item) => isFailed(item))).toEqual([]);
  });

  it.each(["one provider", "a pool"])(
    "a run of %s tells that its budget has room for no more requests at once, and what each sets aside",
    async (kind) => {
      await using simulator = await startSimulator({
        answer,
        faults: ({ sequence }) => (sequence > 2 ? { kind: "delay", ms: 600_000 } : undefined),
      });
      const { baseUrl, apiKey } = simulator;
      const limits = { requestsPerMinute: 1_000_000 };
      const member = { provider: openai({ model: "sim", baseUrl, apiKey }), limits };
      const abort = new AbortController();
      const way = kind === "a pool" ? pool([member, { ...member, name: "other" }]) : member.provider;
      const stage = completionStream(way, {
        signal: abort.signal,
        maxTokens: MAX_TOKENS,
        price: PRICE,
        budget: { maxCost: 0.005 },
        concurrency: 50,
        ...(kind === "a pool" ? {} : { limits }),
      });
      const end = Array.fromAsync(sourceOf([...prompts(50)]).pipeThrough(stage));
      const seen = (): RunWait | undefined => stage.progress().waits.find((wait) => wait.kind === "budget");
      await expect.poll(seen).toMatchObject({ option: "budget.maxCost" });
      const { inFlight, budget } = stage.progress();
      const left = 0.005 - Number(budget?.spent.cost) - Number(budget?.reserved.cost);
      expect(seen()).toMatchObject({ holders: inFlight });
      expect(seen()).toHaveProperty(
        "next",
        expect.toSatisfy((next: number) => next > left && next < 0.002),
      );
      abort.abort(new Error("enough"));
      await expect(end).rejects.toThrow("enough");
    },
  );

  it("a connection that was never made takes nothing from the budget", async () => {
    const simulator = await startSimulator();
    await simulator.close();
    const { stage } = await run(simulator, 1, { budget: { maxCost: 1 }, maxAttempts: 2 });
    expect(stage.stopped).toMatchObject({ code: "UNREACHABLE" });
    expect(stage.progress().budget).toMatchObject({ spent: { requests: 0 }, lost: { requests: 0 } });
  });

  it("a run with a budget stops when the model refuses the token cap and nothing else bounds what an answer costs", async () => {
    await using simulator = await startSimulator({
      faults: ({ body }) => {
        const name = ["max_tokens", "max_completion_tokens"].find((name) =>
          Object.hasOwn(Object(body), name),
        );
        return name === undefined ? undefined : { kind: "unsupportedParameter", name };
      },
    });
    const { stage } = await run(simulator, 3, { budget: { maxCost: 1 } });
    expect(stage.stopped).toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringContaining("the request sets no limit on them"),
    });
    expect(simulator.stats().answered).toBe(0);
    const known = await run(simulator, 3, {
      budget: { maxCost: 1 },
      price: { ...PRICE, maxOutputTokens: 500 },
    });
    expect(known.stage.stopped).toBeUndefined();
    expect(known.items).toHaveLength(3);
  });

  it.each<[string, CompletionOptions, RegExp]>([
    [
      "no price",
      { budget: { maxCost: 1 }, maxTokens: 5 },
      /^Cannot keep to budget\.maxCost: the price of the model sim at/,
    ],
    ["no bound", { budget: { maxTokens: 100 } }, /^Cannot keep to the budget: nothing bounds the tokens/],
    [
      "no bound, with a price",
      { budget: { maxCost: 1 }, price: PRICE },
      /Set maxTokens, the cap of one answer/,
    ],
    ["a limit of 0", { budget: { maxRequests: 0 } }, /^Cannot use the option budget\.maxRequests/],
    ["a negative price", { price: { input: -1, output: 1 } }, /^Cannot use the option price\.input/],
  ])("a run with a budget refuses a budget with %s before anything is sent", (_, options, message) => {
    const provider = openai({ model: "sim", baseUrl: "http://127.0.0.1:9/v1" });
    expect(() => completionStream(provider, options)).toThrow(message);
  });

  it("a run with a budget sets aside the model's maximum for a prompt with images, and refuses the budget where that is not known", async () => {
    await using simulator = await startSimulator({ answer });
    const { baseUrl, apiKey } = simulator;
    const asked = async (price: Price, maxTokens: number): Promise<CompletionStage<Prompted["row"]>> => {
      const budget = { maxTokens };
      const stage = completionStream(openai({ model: "sim", baseUrl, apiKey }), {
        onStop: "close",
        maxTokens: MAX_TOKENS,
        price,
        budget,
      });
      const images = [{ url: "https://images.example/1.png" }];
      const prompt: Prompted["prompt"] = { messages: [{ role: "user", content: "What?", images }] };
      const inputs: Prompted[] = [{ index: 0, row: {}, prompt }];
      await Array.fromAsync(sourceOf(inputs).pipeThrough(stage));
      return stage;
    };
    const unbounded = await asked(PRICE, 1_000_000);
    expect(unbounded.stopped).toMatchObject({ code: "INVALID_OPTION", option: "price.maxInputTokens" });
    const bounded = { ...PRICE, maxInputTokens: 10_000 };
    expect((await asked(bounded, 10_199)).stopped).toMatchObject({ code: "BUDGET_EXHAUSTED" });
    expect(simulator.ledger.received).toBe(0);
    expect((await asked(bounded, 10_200)).stopped).toBeUndefined();
    expect(simulator.ledger.received).toBe(1);
  });
});
