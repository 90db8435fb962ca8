// @module-tag slow
import {
  isFailed,
  type Completed,
  type Failed,
  type Output,
  type Prompted,
  type Usage,
} from "@parallel-parrot/core";
import { sourceOf } from "@parallel-parrot/core/testing";
import { memoryJournal } from "@parallel-parrot/journal";
import {
  anthropic,
  bedrock,
  openai,
  openaiResponses,
  type Price,
  type Provider,
} from "@parallel-parrot/providers";
import {
  countTokens,
  startSimulator,
  type SimulatorOptions,
  type Simulator,
} from "@parallel-parrot/simulator";
import { describe, expect, it } from "vitest";
import {
  completionStream,
  createVirtualClock,
  pool,
  type CompletionOptions,
  type CompletionStage,
} from "./index.ts";
import { CacheWarmUp } from "./request/cache-warm-up.ts";

const RULES = "Answer with the name of the animal. ".repeat(200).trim();
/** Of the system message, with the 3 tokens in which the simulator begins a prompt. */
const PREFIX_TOKENS = countTokens(RULES) + 3;
const PRICE: Price = { input: 3, cachedInput: 0.3, cacheWrite: 3.75, output: 15 };

function prompted(count: number): Prompted[] {
  return Array.from({ length: count }, (_, index) => ({
    index,
    row: { id: index },
    prompt: {
      messages: [
        { role: "system", content: RULES },
        { role: "user", content: `Animal number ${index}, as in the book of animals.` },
      ],
      prefix: { messages: 1, characters: 0 },
    },
  }));
}

/** The simulator, which begins every answer some time after the request, so that requests are side by side. */
function start(options: SimulatorOptions = {}): Promise<Simulator> {
  return startSimulator({ promptCache: {}, latency: { kind: "fixed", ms: 20 }, ...options });
}

/** The provider as it is at the address of its vendor. */
function asVendors(provider: Provider): Provider {
  const { promptCache } = provider;
  if (promptCache === undefined) throw new Error("the provider has no prompt cache");
  return { ...provider, promptCache: { ...promptCache, isDefault: true } };
}

function claude({ urls, apiKey }: Simulator): Provider {
  return asVendors(anthropic({ model: "claude-sonnet-5", baseUrl: urls.anthropic, apiKey }));
}

interface Outcome {
  readonly items: readonly (Completed | Failed)[];
  readonly stage: CompletionStage<Record<string, unknown>>;
  readonly usage: Usage;
}

async function run(
  provider: Provider,
  inputs: ReadableStream<Prompted> | readonly Prompted[],
  options: CompletionOptions = {},
): Promise<Outcome> {
  const stage = completionStream(provider, { price: PRICE, concurrency: 20, ...options });
  const items: (Completed | Failed)[] = [];
  const source = inputs instanceof ReadableStream ? inputs : sourceOf(inputs);
  for await (const item of source.pipeThrough(stage)) items.push(item);
  return { items, stage, usage: stage.progress().usage };
}

function textsOf({ items }: Outcome): readonly unknown[] {
  return items.map((item) =>
    isFailed(item) ? item.failure : item.completion.choices.map(({ text }) => text),
  );
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => void setTimeout(resolve, 5));
}

/** The bodies of the requests that the server got, in order. */
function bodiesOf(simulator: Simulator): readonly string[] {
  return simulator.ledger.entries.map(({ body }) => JSON.stringify(body));
}

describe.each<[string, (simulator: Simulator) => Provider]>([
  ["anthropic", claude],
  [
    "bedrock",
    ({ urls, apiKey }) =>
      asVendors(
        bedrock({
          model: "anthropic.claude-sonnet-5-v1:0",
          baseUrl: urls.bedrock,
          apiKey,
          region: "us-east-1",
        }),
      ),
  ],
  ["openai", ({ baseUrl, apiKey }) => asVendors(openai({ model: "gpt-5.6-sol", baseUrl, apiKey }))],
  [
    "openai-responses",
    ({ baseUrl, apiKey }) => asVendors(openaiResponses({ model: "gpt-6-luna", baseUrl, apiKey })),
  ],
])("the prompt cache of %s", (name, providerOf) => {
  it(`the first row writes to the prompt cache of ${name}, all others read, and the bill is that of the price list`, async () => {
    await using simulator = await start();
    const { usage, stage } = await run(providerOf(simulator), prompted(30));
    expect(usage).toMatchObject({
      requests: 30,
      cacheWriteTokens: PREFIX_TOKENS,
      cachedInputTokens: 29 * PREFIX_TOKENS,
    });
    expect(simulator.stats()).toMatchObject({
      cacheWriteTokens: PREFIX_TOKENS,
      cachedTokens: 29 * PREFIX_TOKENS,
    });
    const rest = usage.inputTokens - 30 * PREFIX_TOKENS;
    const input = (rest * 3 + PREFIX_TOKENS * 3.75 + 29 * PREFIX_TOKENS * 0.3) / 1e6;
    const { cost, cacheSaving } = stage.progress();
    expect(cost).toBeCloseTo(input + (usage.outputTokens * 15) / 1e6, 12);
    expect(cacheSaving).toBeCloseTo((PREFIX_TOKENS * (29 * 2.7 - 0.75)) / 1e6, 12);
  });

  it(`rows have the same answers with and without marks for the cache of ${name}, and are found by both`, async () => {
    await using simulator = await start();
    const provider = providerOf(simulator);
    const journal = memoryJournal();
    const without = await run(provider, prompted(5), { promptCache: false, journal });
    expect(bodiesOf(simulator).join(" ")).not.toMatch(/cache_control|cachePoint|breakpoint/);
    const again = await run(provider, prompted(8), { journal });
    expect(again.stage.progress()).toMatchObject({ reused: 5, usage: { requests: 3 } });
    const plain = await run(provider, prompted(8), { promptCache: false, journal });
    expect(plain.stage.progress()).toMatchObject({ reused: 8, usage: { requests: 0 } });
    const fresh = await run(provider, prompted(8));
    expect(textsOf(fresh)).toEqual(textsOf(plain));
    expect(textsOf(fresh).slice(0, 5)).toEqual(textsOf(without));
  });

  it(`a run of one row pays for no mark at ${name}, and asks the same as without a prompt cache`, async () => {
    await using simulator = await start();
    const one = await run(providerOf(simulator), prompted(1));
    const asked = bodiesOf(simulator);
    simulator.reset();
    const without = await run(providerOf(simulator), prompted(1), { promptCache: false });
    expect(asked).toEqual(bodiesOf(simulator));
    expect(one.stage.progress().cost).toBe(without.stage.progress().cost);
  });
});

describe("requests that write to a prompt cache", () => {
  it("a row that comes long after the first one writes alone, and those behind it wait and read", async () => {
    await using simulator = await start();
    const [first, ...others] = prompted(20);
    let enqueue: (() => void) | undefined;
    const rows = new ReadableStream<Prompted>({
      start(controller) {
        if (first !== undefined) controller.enqueue(first);
        enqueue = () => {
          for (const row of others) controller.enqueue(row);
          controller.close();
        };
      },
    });
    const ended = run(claude(simulator), rows);
    await until(() => simulator.stats().answered === 1);
    enqueue?.();
    const { usage } = await ended;
    expect(usage).toMatchObject({
      requests: 20,
      cacheWriteTokens: PREFIX_TOKENS,
      cachedInputTokens: 18 * PREFIX_TOKENS,
    });
    expect(bodiesOf(simulator)[0]).not.toContain("cache_control");
  });

  it("with promptCache: true even the only row is marked, for a run that follows", async () => {
    await using simulator = await start();
    const provider = claude(simulator);
    const first = await run(provider, prompted(1), { promptCache: true });
    const second = await run(provider, prompted(2).slice(1), { promptCache: true });
    expect([first.usage.cacheWriteTokens, second.usage.cachedInputTokens]).toEqual([
      PREFIX_TOKENS,
      PREFIX_TOKENS,
    ]);
  });

  it("requests to another address than the vendor's are marked only where that is wanted", async () => {
    await using simulator = await start();
    const provider = anthropic({
      model: "claude-sonnet-5",
      baseUrl: simulator.urls.anthropic,
      apiKey: simulator.apiKey,
    });
    expect((await run(provider, prompted(3))).usage.cachedInputTokens).toBe(0);
    const wanted = await run(provider, prompted(3), { promptCache: true });
    expect(wanted.usage.cachedInputTokens).toBe(2 * PREFIX_TOKENS);
  });

  it("each member of a pool gets one request that writes, before it gets those that read", async () => {
    await using one = await start();
    await using other = await start();
    const members = [one, other].map((simulator) => ({ provider: claude(simulator), price: PRICE }));
    const { usage } = await run(pool(members), prompted(60), { concurrency: 30 });
    const stats = [one.stats(), other.stats()];
    expect(stats.map(({ cacheWriteTokens }) => cacheWriteTokens)).toEqual([PREFIX_TOKENS, PREFIX_TOKENS]);
    expect(Math.min(...stats.map(({ answered }) => answered))).toBeGreaterThan(5);
    expect(usage.cachedInputTokens).toBe(58 * PREFIX_TOKENS);
  });

  it("a row that is asked again reads its prefix from the prompt cache", async () => {
    await using simulator = await start({
      answer: ({ messages }) => (messages.length > 2 ? "a lynx" : "no animal"),
    });
    const output: Output = {
      shape: { type: "text" },
      columns: ["text"],
      read: ({ text }) =>
        text === "a lynx"
          ? { ok: true, outputs: [{ text }], warnings: [] }
          : { ok: false, code: "INVALID_OUTPUT", message: "that is no animal" },
    };
    const { usage } = await run(claude(simulator), prompted(3), { output });
    expect(usage).toMatchObject({ requests: 6, cachedInputTokens: 5 * PREFIX_TOKENS });
  });

  it("a prompt cache that forgets between two requests is written to again by one of them", async () => {
    await using simulator = await start({ promptCache: { lifetimeMs: 0 } });
    const { usage } = await run(claude(simulator), prompted(4));
    expect(usage.cacheWriteTokens).toBe(4 * PREFIX_TOKENS);
    const { cacheSaving } = (await run(claude(simulator), prompted(4))).stage.progress();
    expect(cacheSaving).toBeCloseTo((-0.75 * 4 * PREFIX_TOKENS) / 1e6, 12);
  });

  it("a server that refuses marks gets requests without them, and every row is answered", async () => {
    const refusal = {
      type: "error",
      error: {
        type: "invalid_request_error",
        message: "system.0.cache_control: Extra inputs are not permitted",
      },
    };
    await using simulator = await start({
      faults: ({ body }) =>
        JSON.stringify(body).includes("cache_control")
          ? { kind: "status", status: 400, body: refusal }
          : undefined,
    });
    const journal = memoryJournal();
    const outcome = await run(claude(simulator), prompted(10), { journal });
    expect(outcome.items.filter(isFailed)).toEqual([]);
    expect(outcome.stage.progress().amendments).toEqual(["omit:prompt_cache"]);
    expect(simulator.stats()).toMatchObject({ answered: 10, byStatus: { 200: 10, 400: 1 } });
    // The refusal is not kept as the answer to the request without marks.
    const again = await run(claude(simulator), prompted(10), { journal });
    expect(again.stage.progress()).toMatchObject({ reused: 10, usage: { requests: 0 } });
  });

  it("answers that come as a stream are cached and found like those in one piece", async () => {
    await using simulator = await start();
    const { urls, apiKey } = simulator;
    const streamed = asVendors(
      anthropic({ model: "claude-sonnet-5", baseUrl: urls.anthropic, apiKey, stream: true }),
    );
    const journal = memoryJournal();
    const { usage } = await run(streamed, prompted(3), { journal });
    expect(usage).toMatchObject({ cacheWriteTokens: PREFIX_TOKENS, cachedInputTokens: 2 * PREFIX_TOKENS });
    const again = await run(claude(simulator), prompted(3), { journal });
    expect(again.stage.progress().reused).toBe(3);
  });

  it("a request that is cut off while it goes alone lets the next one write", async () => {
    await using simulator = await start({
      faults: ({ sequence }) => (sequence === 1 ? { kind: "reset" } : undefined),
    });
    const { usage, items } = await run(claude(simulator), prompted(10), { maxAttempts: 2 });
    expect(items.filter(isFailed)).toEqual([]);
    expect(usage).toMatchObject({ cacheWriteTokens: PREFIX_TOKENS, cachedInputTokens: 9 * PREFIX_TOKENS });
  });
});

describe("CacheWarmUp", () => {
  const MARKED = { request: { isMarked: true } } as const;
  const lease = (): typeof MARKED => ({ ...MARKED });

  it("one marked request goes alone until it is answered, and again when the cache has forgotten", () => {
    const clock = createVirtualClock();
    const warmUp = new CacheWarmUp(clock, { by: "marks", isDefault: true, minTokens: 1, lifetimeMs: 1000 });
    const [writer, reader, last] = [lease(), lease(), lease()];
    warmUp.begin(writer);
    expect([warmUp.admits(writer), warmUp.admits(reader), warmUp.admits({ request: {} })]).toEqual([
      true,
      false,
      true,
    ]);
    expect(warmUp.ended(reader, false)).toBe(false);
    expect(warmUp.ended(writer, true)).toBe(true);
    expect(warmUp.admits(reader)).toBe(true);
    warmUp.begin(reader);
    expect(warmUp.isBusy).toBe(false);
    void clock.advance(999);
    expect(warmUp.admits(last)).toBe(true);
  });

  it("what is read stays in the cache for longer, and what is not used is forgotten", async () => {
    const clock = createVirtualClock();
    const warmUp = new CacheWarmUp(clock, { by: "marks", isDefault: true, minTokens: 1, lifetimeMs: 1000 });
    const [writer, reader, next, other] = [lease(), lease(), lease(), lease()];
    warmUp.begin(writer);
    warmUp.ended(writer, true);
    await clock.advance(900);
    warmUp.begin(reader);
    await clock.advance(900);
    warmUp.begin(next);
    expect(warmUp.isBusy).toBe(false);
    await clock.advance(1000);
    warmUp.begin(other);
    expect([warmUp.isBusy, warmUp.admits(lease())]).toEqual([true, false]);
  });

  it("whoever waits for the request that goes alone is let go when that has failed, or when the run stops", async () => {
    const warmUp = new CacheWarmUp(createVirtualClock(), undefined);
    const writer = lease();
    const stop = new AbortController();
    warmUp.begin(writer);
    const waits = [warmUp.wait(new AbortController().signal), warmUp.wait(stop.signal)];
    expect(warmUp.waiting).toBe(2);
    stop.abort("enough");
    await expect(waits[1]).rejects.toBe("enough");
    warmUp.ended(writer, false);
    await waits[0];
    expect([warmUp.waiting, warmUp.admits(lease())]).toEqual([0, true]);
  });
});
