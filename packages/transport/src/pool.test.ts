import { isFailed, type Completed, type Failed, type Prompted } from "@parallel-parrot/core";
import { sourceOf } from "@parallel-parrot/core/testing";
import { memoryJournal, type Journal } from "@parallel-parrot/journal";
import { functionProvider, openai, VerdictError, type Provider } from "@parallel-parrot/providers";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { describe, expect, it } from "vitest";
import {
  completionStream,
  createLimiter,
  createScaledClock,
  pool,
  type CompletionOptions,
  type CompletionStage,
  type PoolMember,
} from "./index.ts";

const prompts = (count: number): Prompted[] =>
  Array.from({ length: count }, (_, index) => ({
    index,
    row: { id: index },
    prompt: { messages: [{ role: "user", content: `Summarise document ${index}.` }] },
  }));

const clock = createScaledClock(400);

/** A simulator as a member, whose waits take a four hundredth of the time. */
function memberOf({ baseUrl, apiKey }: Pick<Simulator, "baseUrl" | "apiKey">, changes = {}): PoolMember {
  return {
    provider: openai({ model: "sim", baseUrl, apiKey, ...changes }),
    limiter: createLimiter({ clock }),
  };
}

interface Outcome {
  readonly items: readonly (Completed | Failed)[];
  readonly error: unknown;
  readonly stage: CompletionStage<Record<string, unknown>>;
}

async function run(
  members: readonly (Provider | PoolMember)[],
  count: number,
  options: CompletionOptions = {},
  onItem: (item: Completed | Failed) => unknown = () => undefined,
): Promise<Outcome> {
  const stage = completionStream(pool(members), options);
  const items: (Completed | Failed)[] = [];
  let error: unknown;
  try {
    for await (const item of sourceOf(prompts(count)).pipeThrough(stage)) {
      items.push(item);
      await onItem(item);
    }
  } catch (thrown) {
    error = thrown;
  }
  expect(stage.progress()).toMatchObject({ inFlight: 0, waiting: 0 });
  return { items, error, stage };
}

const codes = ({ items }: Outcome): string[] => items.filter(isFailed).map(({ failure }) => failure.code);
const states = ({ stage }: Outcome): string[] => stage.progress().members.map(({ state }) => state);

/** Every row is answered once, in order. */
function expectAll(outcome: Outcome, count: number): void {
  expect(outcome.error).toBeUndefined();
  expect(codes(outcome)).toEqual([]);
  expect(outcome.items.map(({ index }) => index)).toEqual(Array.from({ length: count }, (_, index) => index));
}

describe("a pool", () => {
  it("uses both limits in full: rates of 3 to 1 get requests 3 to 1", async () => {
    await using large = await startSimulator({ limits: { requestsPerMinute: 3600 } });
    await using small = await startSimulator({ limits: { requestsPerMinute: 1200 } });
    const unscaled = [large, small].map(({ baseUrl, apiKey }) => openai({ model: "sim", baseUrl, apiKey }));
    const outcome = await run(unscaled, 400);
    expectAll(outcome, 400);
    const [many = 0, few = 0] = outcome.stage.progress().members.map(({ answered }) => answered);
    expect(many + few).toBe(400);
    expect(many / few).toBeGreaterThan(2.2);
    expect(many / few).toBeLessThan(4);
    expect(large.stats().refused429 + small.stats().refused429).toBeLessThan(20);
  });

  it("goes on with the others while one is away, and with all when it is back", async () => {
    let isDown = false;
    await using one = await startSimulator({
      latency: { kind: "fixed", ms: 2 },
      faults: () => (isDown ? { kind: "status", status: 500 } : undefined),
    });
    await using other = await startSimulator({ latency: { kind: "fixed", ms: 2 } });
    let answeredBefore = 0;
    const outcome = await run(
      [memberOf(one), memberOf(other)],
      1500,
      { concurrency: 16, window: 16 },
      ({ index }) => {
        if (index === 300) isDown = true;
        if (index === 900) {
          isDown = false;
          answeredBefore = one.ledger.answered().length;
        }
      },
    );
    expectAll(outcome, 1500);
    expect(states(outcome)).toEqual(["active", "active"]);
    expect(one.ledger.answered().length).toBeGreaterThan(answeredBefore + 50);
    // While it was away it was only probed.
    const failures = one.ledger.received - one.ledger.answered().length;
    expect(failures).toBeGreaterThanOrEqual(8);
    expect(failures).toBeLessThan(60);
  });

  it("goes on without one that cannot be connected to, and takes it in when it can", async () => {
    await using one = await startSimulator({ latency: { kind: "fixed", ms: 2 } });
    await using other = await startSimulator({ latency: { kind: "fixed", ms: 2 } });
    await one.setReachable(false);
    const outcome = await run(
      [memberOf(one), memberOf(other)],
      900,
      { concurrency: 16, window: 16 },
      async ({ index }) => {
        if (index === 200) await one.setReachable(true);
      },
    );
    expectAll(outcome, 900);
    expect(one.ledger.answered().length).toBeGreaterThan(50);
  });

  it("goes on without one that has no credit left, and tries it again every minute", async () => {
    let hasCredit = true;
    await using one = await startSimulator({
      latency: { kind: "fixed", ms: 2 },
      faults: () => (hasCredit ? undefined : { kind: "noCredit" }),
    });
    await using other = await startSimulator({ latency: { kind: "fixed", ms: 2 } });
    let refusals = 0;
    const members = [memberOf(one), memberOf(other)];
    const outcome = await run(members, 3000, { concurrency: 16, window: 16 }, ({ index }) => {
      if (index === 100) hasCredit = false;
      if (index === 1000) {
        hasCredit = true;
        refusals = one.ledger.received - one.ledger.answered().length;
      }
    });
    expectAll(outcome, 3000);
    expect(refusals).toBeGreaterThanOrEqual(1);
    expect(states(outcome)).toEqual(["active", "active"]);
    expect(one.ledger.received - one.ledger.answered().length).toBeLessThan(30);
  });

  it("never asks one again that refuses its key", async () => {
    await using one = await startSimulator();
    await using other = await startSimulator();
    const outcome = await run([memberOf(one, { apiKey: "wrong-key-0123" }), memberOf(other)], 200);
    expectAll(outcome, 200);
    expect([one.ledger.received, other.ledger.received]).toEqual([1, 200]);
    expect(outcome.stage.progress().members[0]).toMatchObject({
      name: "openai 1",
      state: "gone",
      answered: 0,
    });
    expect(outcome.stage.progress().members[0]?.reason).not.toContain("wrong-key");
  });

  it("stops when nobody is left, and names each one's reason", async () => {
    await using one = await startSimulator();
    await using other = await startSimulator({ faults: () => ({ kind: "noCredit" }) });
    const outcome = await run(
      [
        memberOf(one, { apiKey: "wrong-key-0123" }),
        memberOf(other),
        memberOf({ baseUrl: "http://127.0.0.1:9/v1", apiKey: "k" }),
      ],
      50,
    );
    expect(outcome.items).toEqual([]);
    expect(outcome.error).toMatchObject({ name: "ParrotError" });
    expect(String(outcome.error)).toMatch(
      /No member of the pool is left.*openai 1 .*401.*; openai 2 .*insufficient_quota.*; openai 3 .*ECONNREFUSED/,
    );
    expect(one.ledger.received).toBe(1);
  });

  it("waits out an outage of all, and stops after maxOutageMs", async () => {
    let isDown = false;
    const faults = () => (isDown ? ({ kind: "status", status: 500 } as const) : undefined);
    await using one = await startSimulator({ faults, latency: { kind: "fixed", ms: 2 } });
    await using other = await startSimulator({ faults, latency: { kind: "fixed", ms: 2 } });
    const down = (): void => {
      isDown = true;
      setTimeout(() => (isDown = false), 60);
    };
    const members = (): PoolMember[] => [memberOf(one), memberOf(other)];
    const passing = await run(
      members(),
      400,
      { concurrency: 16, window: 16 },
      ({ index }) => index === 100 && down(),
    );
    expectAll(passing, 400);
    const lasting = await run(
      members(),
      400,
      { concurrency: 16, window: 16, maxOutageMs: 60_000 },
      ({ index }) => {
        if (index === 100) isDown = true;
      },
    );
    expect(lasting.error).toMatchObject({
      code: "OUTAGE",
      message: expect.stringMatching(/openai 1 .*500.*openai 2 .*500/),
    });
  });

  it("fails a row that no member can answer, and stays active", async () => {
    await using one = await startSimulator({
      faults: ({ body }) =>
        JSON.stringify(body).includes("document 39.") ? { kind: "status", status: 500 } : undefined,
    });
    const outcome = await run([memberOf(one), memberOf(one)], 40);
    expect(outcome.error).toBeUndefined();
    expect(codes(outcome)).toEqual(["SERVER_ERROR"]);
  });
});

describe("a pool with a journal", () => {
  const counted = (name: string, journal: Journal) => {
    const asked: string[] = [];
    const provider = functionProvider({
      name,
      model: name,
      complete: async ({ messages }) => {
        const text = messages.at(-1)?.content ?? "";
        asked.push(text);
        return `${name}: ${text}`;
      },
    });
    return { asked, provider, journal };
  };

  it("finds what any member answered, whoever would be asked now, and asks once for equal rows", async () => {
    const journal = memoryJournal();
    const [a, b] = [counted("a", journal), counted("b", journal)];
    const first = await run([a.provider, b.provider], 60, { journal });
    expect(a.asked.length).toBeGreaterThan(5);
    expect(b.asked.length).toBeGreaterThan(5);
    expect(a.asked.length + b.asked.length).toBe(60);
    const second = await run([b.provider, a.provider], 80, { journal });
    expectAll(second, 80);
    expect(a.asked.length + b.asked.length).toBe(80);
    expect(second.items.slice(0, 60)).toMatchObject(
      first.items.map((item) => (isFailed(item) ? {} : { completion: { choices: item.completion.choices } })),
    );
    expect([...journal.records()]).toHaveLength(80);
    expect(second.stage.progress()).toMatchObject({ reused: 60, usage: { requests: 20 } });
  });

  it("sends what is too long for one member to another, and finds it again", async () => {
    const journal = memoryJournal();
    const small = functionProvider({
      name: "small",
      model: "small",
      complete: () => {
        throw new VerdictError({ verdict: "fail", code: "CONTEXT_TOO_LONG", message: "too long" });
      },
    });
    const large = counted("large", journal);
    expectAll(await run([small, large.provider], 20, { journal }), 20);
    const again = await run([small, large.provider], 20, { journal });
    expectAll(again, 20);
    expect(large.asked).toHaveLength(20);
    expect(again.stage.progress().usage.requests).toBe(0);
  });
});

describe("making a pool", () => {
  it("refuses none, equal names, and limits of the whole", () => {
    const provider = functionProvider({ name: "f", model: "m", complete: () => "x" });
    expect(() => pool([])).toThrow(/expected at least one provider/);
    expect(() =>
      pool([
        { provider, name: "x" },
        { provider, name: "x" },
      ]),
    ).toThrow(/two of them have the name "x"/);
    expect(() => completionStream(pool([provider]), { limits: { requestsPerMinute: 5 } })).toThrow(
      /each member of a pool has limits of its own/,
    );
  });
});
