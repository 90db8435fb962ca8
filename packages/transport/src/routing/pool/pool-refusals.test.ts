// @module-tag slow

import type { Output } from "@parallel-parrot/core";
import { memoryJournal } from "@parallel-parrot/journal";
import { anthropic, functionProvider, openai, VerdictError } from "@parallel-parrot/providers";
import { startSimulator, type Fault, type FaultRequest, type Simulator } from "@parallel-parrot/simulator";
import { describe, expect, it } from "vitest";
import { documentOf, prompts, promptsWithLong } from "../../../fixtures/prompts.ts";
import { clock, expectAll, memberOf, runPool, states, texts } from "../../../fixtures/run-pool.ts";
import { createLimiter, createScaledClock, type CompletionOptions, type PoolMember } from "../../index.ts";

const latency = { kind: "fixed", ms: 2 } as const;
const few: CompletionOptions = { concurrency: 16, window: 16 };
/** Objects with a title. */
const titles: Output = {
  shape: {
    type: "json",
    name: "title",
    schema: {
      type: "object",
      properties: { title: { type: "string" } },
      required: ["title"],
      additionalProperties: false,
    },
    instructions: 'Answer with a JSON object such as {"title": "…"}.',
  },
  columns: ["title"],
  read: ({ text }) =>
    /"title"/.test(text)
      ? { ok: true, outputs: [{ title: text }], warnings: [] }
      : { ok: false, code: "INVALID_OUTPUT", message: "expected a title" },
};

const refused = ({ ledger }: Simulator, status: number): number =>
  ledger.entries.filter((entry) => entry.status === status).length;

describe("a member of a pool without credit", () => {
  it("a member of a pool without credit steps aside, is tried once a minute, and is back when it has credit", async () => {
    let hasCredit = true;
    await using one = await startSimulator({
      latency,
      faults: () => (hasCredit ? undefined : { kind: "noCredit" }),
    });
    await using other = await startSimulator({ latency });
    let refusals = 0;
    const outcome = await runPool([memberOf(one), memberOf(other)], 3000, few, ({ index }) => {
      if (index === 100) hasCredit = false;
      if (index !== 1000) return;
      hasCredit = true;
      refusals = refused(one, 429);
    });
    expectAll(outcome, 3000);
    expect(refusals).toBeGreaterThanOrEqual(1);
    expect(states(outcome)).toEqual(["active", "active"]);
    expect(refused(one, 429)).toBeLessThan(30);
  });

  it("a pool of which no member is left stops the run and names the reason of each", async () => {
    await using one = await startSimulator();
    let hasCredit = true;
    await using other = await startSimulator({
      faults: () => (hasCredit ? undefined : { kind: "noCredit" }),
    });
    const members = [memberOf(one, { apiKey: "wrong-key-0123" }), memberOf(other)];
    const outcome = await runPool(members, 500, few, () => (hasCredit = false));
    expect(outcome.items.length).toBeGreaterThan(0);
    expect(outcome.error).toMatchObject({
      code: "NO_CREDIT",
      message: expect.stringMatching(
        /No member of the pool is left.*openai 1 .*401.*; openai 2 .*insufficient_quota/,
      ),
    });
    expect(outcome.error).not.toMatchObject({ message: expect.stringContaining("wrong-key") });
  });
});

describe("a member of a pool that refuses its key", () => {
  it("a member of a pool whose key is refused is gone with its reason, and the others do its work", async () => {
    await using one = await startSimulator();
    await using other = await startSimulator();
    const members = [memberOf(one, { apiKey: "wrong-key-0123", name: "old key" }), memberOf(other)];
    const outcome = await runPool(members, 200);
    expectAll(outcome, 200);
    expect([one.ledger.received, other.ledger.received]).toEqual([1, 200]);
    const [gone] = outcome.stage.progress().members;
    expect(gone).toMatchObject({ name: "old key", state: "gone", answered: 0 });
    expect(gone?.reason).toMatch(/401/);
    expect(gone?.reason).not.toContain("wrong-key");
  });

  it("a member of a pool whose key is refused after answers is asked once more and then never", async () => {
    let isRight = true;
    await using one = await startSimulator({
      latency,
      faults: () => (isRight ? undefined : { kind: "status", status: 401 }),
    });
    await using other = await startSimulator({ latency });
    const outcome = await runPool([memberOf(one), memberOf(other)], 1000, few, ({ index }) => {
      if (index === 300) isRight = false;
    });
    expectAll(outcome, 1000);
    expect(states(outcome)).toEqual(["gone", "active"]);
    // Those in flight and the one more.
    expect(refused(one, 401)).toBeLessThanOrEqual(16 + 1);
  });

  it("a member of a pool whose key is refused after answers is back when the key is right again, whatever was in flight", async () => {
    let isWrong = false;
    await using one = await startSimulator({
      latency,
      faults({ attempt }) {
        // It is checked with what it answered before.
        if (attempt > 1) isWrong = false;
        return isWrong ? { kind: "status", status: 401 } : undefined;
      },
    });
    const outcome = await runPool([memberOf(one)], 400, few, ({ index }) => {
      if (index === 100) isWrong = true;
    });
    expectAll(outcome, 400);
    expect(states(outcome)).toEqual(["active"]);
    expect(refused(one, 401)).toBeGreaterThan(1);
  });
});

describe("a member of a pool that refuses requests", () => {
  const bad: Fault = { kind: "status", status: 400 };

  it.for([0, 1])(
    "a member that refuses all requests which the others answer is gone after three, at place %i of the pool",
    async (place) => {
      await using good = await startSimulator({ latency });
      await using wrong = await startSimulator({ faults: () => bad });
      const members = [memberOf(good), memberOf(good)].with(place, memberOf(wrong));
      const outcome = await runPool(members, 200, few);
      expectAll(outcome, 200);
      expect(outcome.stage.progress().members[place]).toMatchObject({
        state: "gone",
        reason: expect.stringContaining("400"),
      });
      expect(wrong.ledger.received).toBeLessThanOrEqual(3 + 16);
    },
  );

  it("a member that suddenly refuses requests which the others answer steps aside, and is back when it answers", async () => {
    let isWrong = false;
    await using one = await startSimulator({ latency });
    await using other = await startSimulator({ latency, faults: () => (isWrong ? bad : undefined) });
    const outcome = await runPool([memberOf(one), memberOf(other)], 2000, few, ({ index }) => {
      if (index === 200) isWrong = true;
      if (index === 1000) isWrong = false;
    });
    expectAll(outcome, 2000);
    expect(states(outcome)).toEqual(["active", "active"]);
    expect(refused(other, 400)).toBeLessThan(100);
  });

  it("a row that all members of a pool refuse is at fault itself, and the members go on answering", async () => {
    const faults = (request: FaultRequest) => (documentOf(request) % 10 === 5 ? bad : undefined);
    await using one = await startSimulator({ faults });
    await using other = await startSimulator({ faults });
    const outcome = await runPool([memberOf(one), memberOf(other), memberOf(other)], 100);
    expectAll(
      outcome,
      100,
      Object.fromEntries([5, 15, 25, 35, 45, 55, 65, 75, 85, 95].map((row) => [row, "BAD_REQUEST"])),
    );
    expect(states(outcome)).toEqual(["active", "active", "active"]);
    // Two keys of one server say the same: it is asked once.
    expect(refused(one, 400) + refused(other, 400)).toBe(20);
  });

  it("a member that has refused a row is not asked about it again after a failure elsewhere", async () => {
    await using small = await startSimulator({ contextTokens: 60 });
    let failures = 0;
    await using large = await startSimulator({
      faults: ({ body }) =>
        JSON.stringify(body).includes("long long") && failures++ < 4
          ? { kind: "status", status: 500 }
          : undefined,
    });
    const rows = promptsWithLong(20, 10);
    expectAll(await runPool([memberOf(small), memberOf(large)], rows, { maxTokens: 20 }), 20);
    expect(refused(small, 400)).toBeLessThanOrEqual(1);
    expect(refused(large, 500)).toBe(4);
  });

  it("a row that no member of a pool can be asked fails with the refusal of the first", async () => {
    const cannot = (name: string): PoolMember["provider"] =>
      functionProvider({
        name,
        model: name,
        complete: ({ messages }) => {
          if (messages[0]?.content.includes("3") !== true) return "fine";
          throw new VerdictError({ verdict: "fail", code: "CONTEXT_TOO_LONG", message: `${name} cannot` });
        },
      });
    for (let i = 0; i < 5; i++) {
      const { items } = await runPool([cannot("first"), cannot("second")], 5);
      expect(items[3]).toMatchObject({ failure: { code: "CONTEXT_TOO_LONG", message: "first cannot" } });
    }
  });
});

describe("members of a pool that take different things", () => {
  it("members of a pool have amendments of their own", async () => {
    await using plain = await startSimulator({
      latency,
      faults: () => ({ kind: "unsupportedParameter", name: "response_format" }),
    });
    await using able = await startSimulator({ latency });
    await using cool = await startSimulator({
      latency,
      faults: () => ({ kind: "unsupportedParameter", name: "temperature" }),
    });
    const rows = prompts(60);
    const members = [memberOf(plain), memberOf(able), memberOf(cool)];
    const outcome = await runPool(members, rows, { ...few, output: titles, temperature: 0.5 });
    expectAll(outcome, 60);
    const amendments = outcome.stage.progress().members.map((member) => member.amendments);
    expect(amendments).toEqual([["json:object", "json:instructions"], [], ["omit:temperature"]]);
    for (const { body } of able.ledger.answered())
      expect(body).toMatchObject({ temperature: 0.5, response_format: { type: "json_schema" } });
    for (const { body } of cool.ledger.answered()) expect(body).not.toHaveProperty("temperature");
    expect([refused(able, 400), refused(cool, 400)]).toEqual([0, 1]);
  });

  it("members of a pool may speak different dialects, and one may correct the unusable answer of another", async () => {
    const isCorrection = ({ body }: FaultRequest): boolean => JSON.stringify(body).includes("cannot be used");
    // The one answers nothing usable, and has no room for the conversation that comes of that.
    await using one = await startSimulator({
      latency,
      faults: (request) =>
        isCorrection(request)
          ? {
              kind: "status",
              status: 400,
              body: { error: { code: "context_length_exceeded", message: "too long" } },
            }
          : { kind: "badContent" },
    });
    await using other = await startSimulator({ latency });
    const members: PoolMember[] = [
      memberOf(one),
      {
        provider: anthropic({ model: "sim", baseUrl: other.urls.anthropic, apiKey: other.apiKey }),
        limiter: createLimiter({ clock }),
      },
    ];
    const journal = memoryJournal();
    const options = { ...few, output: titles, maxTokens: 500, journal };
    const outcome = await runPool(members, 60, options);
    expectAll(outcome, 60);
    const corrected = other.ledger.entries.filter(({ body }) =>
      JSON.stringify(body).includes("cannot be used"),
    );
    expect(corrected.length).toBeGreaterThan(5);
    expect(texts(outcome).flat()).toEqual(Array.from({ length: 60 }, () => expect.stringContaining("title")));
    const again = await runPool(members.toReversed(), 60, options);
    expect(texts(again)).toEqual(texts(outcome));
    expect(again.stage.progress().usage.requests).toBe(0);
  });
});

describe("a member of a pool that wants to be left alone", () => {
  it("a member of a pool that throttles for an hour holds up no row: the others are asked at once", async () => {
    await using one = await startSimulator({
      faults: ({ sequence }) =>
        sequence % 10 === 5
          ? { kind: "status", status: sequence === 45 ? 429 : 500, headers: { "retry-after": "3500" } }
          : undefined,
    });
    await using other = await startSimulator();
    const members = [one, other].map(({ baseUrl, apiKey }) => openai({ model: "sim", baseUrl, apiKey }));
    expectAll(await runPool(members, 200), 200);
    expect(other.ledger.received).toBeGreaterThan(100);
  });

  it("a member of a pool that throttles from the start costs its trial row nothing: the next member is asked at once", async () => {
    await using one = await startSimulator({
      faults: () => ({ kind: "status", status: 500, headers: { "retry-after": "3500" } }),
    });
    await using other = await startSimulator();
    const members = [one, other].map(({ baseUrl, apiKey }) => openai({ model: "sim", baseUrl, apiKey }));
    expectAll(await runPool(members, 20, { maxAttempts: 1 }), 20);
    expect([one.ledger.received, other.ledger.received]).toEqual([1, 20]);
  });

  it("rows lose no attempt while all members of a pool throttle, however long they do", async () => {
    let isThrottled = false;
    const faults = (): Fault | undefined =>
      isThrottled ? { kind: "status", status: 429, headers: { "retry-after": "1" } } : undefined;
    await using one = await startSimulator({ faults });
    await using other = await startSimulator({ faults });
    const faster = createScaledClock(4000);
    const members = [one, other].map((server) =>
      memberOf(server, { limiter: createLimiter({ clock: faster }) }),
    );
    const options = { concurrency: 2, window: 2, maxWaitMs: 1e9 };
    let refusals = 0;
    const outcome = await runPool(members, 200, options, async ({ index }) => {
      if (index !== 100) return;
      isThrottled = true;
      while (refusals < 1500) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        refusals = refused(one, 429) + refused(other, 429);
      }
      isThrottled = false;
    });
    expectAll(outcome, 200);
    expect(refusals).toBeGreaterThanOrEqual(1500);
  });
});
