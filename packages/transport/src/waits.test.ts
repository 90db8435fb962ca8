import { describe, expect, it } from "vitest";
import { isFailed } from "@parallel-parrot/core";
import { groq, openai, type Provider } from "@parallel-parrot/providers";
import { startSimulator, type LimitOptions, type Simulator } from "@parallel-parrot/simulator";
import { runWatched } from "../fixtures/run-pool.ts";
import { createLimiter, createScaledClock, pool } from "./index.ts";

const DAY = 86_400_000;

const openaiAt = ({ baseUrl, apiKey }: Pick<Simulator, "baseUrl" | "apiKey">): Provider =>
  openai({ model: "sim", baseUrl, apiKey });

/** Limits of a day, as a bucket of which nothing is used. */
const ofDay = (requests: number): LimitOptions => ({ requestsPerMinute: requests, windowMs: DAY });

describe("a limit of a day", () => {
  it.each([
    ["OpenAI", (simulator: Simulator) => openaiAt(simulator)],
    ["Groq", ({ urls, apiKey }: Simulator) => groq({ model: "sim", baseUrl: urls["groq"] ?? "", apiKey })],
  ])(
    "a limit of a day is read from the headers of %s and paced as one, and stops the run once it is used up",
    async (_, of) => {
      await using simulator = await startSimulator({ limits: ofDay(20) });
      const { items, error } = await runWatched(of(simulator), 40);
      expect(error).toMatchObject({
        code: "WAIT_TOO_LONG",
        option: "maxWaitMs",
        message: expect.stringMatching(/maxWaitMs allows.* 20 requests per day.* used up.*Run again after/),
      });
      // In a minute of which 20 were the limit, they would have been a request every three seconds.
      expect(items.length).toBeGreaterThanOrEqual(19);
      expect(simulator.ledger.received).toBeLessThanOrEqual(21);
    },
  );

  it("a limit of a day that the user told stops the run once it is used up, unless the wait is allowed", async () => {
    await using simulator = await startSimulator();
    const limits = { requestsPerDay: 5 };
    const { items, error } = await runWatched(openaiAt(simulator), 10, { limits });
    expect([items.length, simulator.ledger.received]).toEqual([5, 5]);
    expect(error).toMatchObject({ code: "WAIT_TOO_LONG" });
    const limiter = createLimiter({ limits, clock: createScaledClock(200_000) });
    const patient = await runWatched(openaiAt(simulator), 10, { limiter, maxWaitMs: 2 * DAY });
    expect([patient.items.length, patient.error]).toEqual([10, undefined]);
    expect(patient.seen.flatMap(({ waits }) => waits)).toContainEqual(
      expect.objectContaining({
        kind: "limit",
        source: "told",
        limit: { dimension: "requests", windowMs: DAY, limit: 5 },
      }),
    );
  });

  it("a limit of a day of one member of a pool leaves the rows to the others, and one of all members stops the run", async () => {
    await using simulator = await startSimulator();
    const member = (limits?: { requestsPerDay: number }) => ({
      provider: openaiAt(simulator),
      ...(limits === undefined ? {} : { limits }),
    });
    const one = await runWatched(pool([member({ requestsPerDay: 3 }), member()]), 30);
    expect([one.items.length, one.items.some(isFailed), one.error]).toEqual([30, false, undefined]);
    const both = await runWatched(pool([member({ requestsPerDay: 3 }), member({ requestsPerDay: 3 })]), 30);
    expect(both.error).toMatchObject({ code: "WAIT_TOO_LONG" });
    expect(both.items).toHaveLength(6);
  });
});

describe("the progress of a run", () => {
  it("the progress of a run counts the rows that back off apart, and says why the last of them failed", async () => {
    const faults = Array.from({ length: 6 }, (_, number) =>
      number === 0 ? undefined : ({ kind: "status", status: 500 } as const),
    );
    await using simulator = await startSimulator({ faults });
    const limiter = createLimiter({ clock: createScaledClock(5) });
    const { items, seen } = await runWatched(openaiAt(simulator), 6, { limiter });
    expect(items.filter(isFailed)).toEqual([]);
    const most = seen.reduce((one, other) => (other.backingOff > one.backingOff ? other : one));
    expect(most.backingOff).toBeGreaterThan(0);
    expect(most.lastFailure).toMatch(/^HTTP 500/);
  });

  it("the progress of a run counts the rows that wait for the first one, and for the end of an outage", async () => {
    await using simulator = await startSimulator({ latency: { kind: "fixed", ms: 100 } });
    const { seen } = await runWatched(openaiAt(simulator), 10);
    expect(seen.some(({ inFlight, waiting }) => inFlight === 1 && waiting === 9)).toBe(true);
  });
});
