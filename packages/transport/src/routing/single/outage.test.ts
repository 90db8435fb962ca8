// @module-tag slow

import { describe, expect, it } from "vitest";
import { isFailed, type Completed, type Failed, type Message, type Prompted } from "@parallel-parrot/core";
import { sourceOf } from "@parallel-parrot/core/testing";
import { openai, type Provider } from "@parallel-parrot/providers";
import {
  atRate,
  startSimulator,
  type Fault,
  type FaultRequest,
  type Simulator,
} from "@parallel-parrot/simulator";
import { completionStream, createLimiter, createScaledClock, type CompletionOptions } from "../../index.ts";
import { sharedAgent } from "../../http/http-client.ts";
import { PATIENT } from "../../../fixtures/run-pool.ts";

function prompted(index: number): Prompted {
  const messages: readonly Message[] = [{ role: "user", content: `Summarise document ${index}.` }];
  return { index, row: { id: index }, prompt: { messages } };
}

const rowOf = ({ body }: Pick<FaultRequest, "body">): number =>
  Number(/document (\d+)\./.exec(JSON.stringify(body))?.[1]);

interface Result {
  readonly items: (Completed | Failed)[];
  readonly error: unknown;
  /** Failed rows by index. */
  readonly failed: ReadonlyMap<number, string>;
}

type RunOptions = CompletionOptions & { readonly provider?: Provider };

/** Runs `count` rows with time four hundred times as fast. */
async function run(
  { baseUrl, apiKey }: Pick<Simulator, "baseUrl" | "apiKey">,
  count: number,
  { provider = openai({ model: "sim", baseUrl, apiKey }), ...options }: RunOptions = {},
  onItem: (item: Completed | Failed) => unknown = () => undefined,
): Promise<Result> {
  const stage = completionStream(provider, {
    limiter: createLimiter({ clock: createScaledClock(400) }),
    ...PATIENT,
    ...options,
  });
  const items: (Completed | Failed)[] = [];
  let error: unknown;
  try {
    const rows = Array.from({ length: count }, (_, index) => prompted(index));
    for await (const item of sourceOf(rows).pipeThrough(stage)) {
      items.push(item);
      await onItem(item);
    }
  } catch (thrown) {
    error = thrown;
  }
  expect(stage.progress()).toMatchObject({ inFlight: 0, waiting: 0 });
  const failed = new Map(items.filter(isFailed).map(({ index, failure }) => [index, failure.code]));
  return { items, error, failed };
}

const down: Fault = { kind: "status", status: 500 };

/** Every row of the output is there once, in order. */
function expectAll({ items, error }: Result, count: number): void {
  expect(error).toBeUndefined();
  expect(items.map(({ index }) => index)).toEqual(Array.from({ length: count }, (_, index) => index));
}

/** Requests that were answered well, by row. */
function answersByRow({ ledger }: Simulator): Map<number, number> {
  return new Map([...Map.groupBy(ledger.answered(), rowOf)].map(([row, entries]) => [row, entries.length]));
}

describe("an outage", () => {
  it("an outage right after the first request fails no row, however long it lasts", async () => {
    await using simulator = await startSimulator({
      faults: ({ sequence }) => (sequence > 1 && sequence <= 80 ? down : undefined),
    });
    const result = await run(simulator, 200);
    expectAll(result, 200);
    expect(result.failed.size).toBe(0);
    expect(simulator.ledger.received).toBeLessThanOrEqual(200 + 79 + 1);
  });

  it("during an outage only probes are sent, and the first answer ends it", async () => {
    await using simulator = await startSimulator({
      latency: { kind: "fixed", ms: 2 },
      faults: ({ sequence }) =>
        sequence > 100 && sequence <= 180 ? { kind: "html", status: 502 } : undefined,
    });
    const result = await run(simulator, 400, { concurrency: 32 });
    expectAll(result, 400);
    expect(result.failed.size).toBe(0);
    const failures = simulator.ledger.entries.filter(({ status }) => status === 502);
    expect(failures).toHaveLength(80);
    // All but those that opened it or were on their way then came alone.
    expect(failures.filter(({ inFlight }) => inFlight === 1).length).toBeGreaterThanOrEqual(80 - 20 - 32);
  });

  it("an outage with one row left is waited out", async () => {
    await using simulator = await startSimulator({
      faults: ({ sequence }) => (sequence > 1 && sequence <= 40 ? down : undefined),
    });
    const result = await run(simulator, 2);
    expectAll(result, 2);
    expect(result.failed.size).toBe(0);
  });

  it("with one row left a server that cannot be reached is waited for, with few requests", async () => {
    await using simulator = await startSimulator();
    let sent = 0;
    const result = await run(
      simulator,
      2,
      {
        concurrency: 1,
        order: "completion",
        maxAttempts: 4,
        dispatcher: sharedAgent().compose((dispatch) => (request, handler) => {
          sent += 1;
          if (sent === 20) void simulator.setReachable(true);
          return dispatch(request, handler);
        }),
      },
      // It is there again when twenty requests have been made.
      () => simulator.setReachable(sent >= 20),
    );
    expectAll(result, 2);
    expect(result.failed.size).toBe(0);
    expect(simulator.ledger.received).toBeLessThanOrEqual(3);
  });

  it("an outage that comes and goes fails no row", async () => {
    await using simulator = await startSimulator({
      faults: ({ sequence }) => (sequence > 1 && sequence % 100 < 50 ? down : undefined),
    });
    // There are about ten outages, and a row that is asked at the beginning of each has one attempt less after each.
    const result = await run(simulator, 500, { concurrency: 40, maxAttempts: 20 });
    expectAll(result, 500);
    expect(result.failed.size).toBe(0);
  });

  it("an outage in which requests stall is found by their time limit", async () => {
    await using simulator = await startSimulator({
      faults: ({ sequence }) => (sequence > 10 && sequence <= 40 ? { kind: "stall" } : undefined),
    });
    // Long enough for a busy machine, where it is not scaled.
    const result = await run(simulator, 100, { concurrency: 24, attemptTimeoutMs: 400 });
    expectAll(result, 100);
    expect(result.failed.size).toBe(0);
  });

  it("an outage longer than maxOutageMs stops the run, and what was answered is kept", async () => {
    await using simulator = await startSimulator({
      faults: ({ sequence }) => (sequence > 30 ? down : undefined),
    });
    const result = await run(simulator, 200, { concurrency: 30, maxOutageMs: 60_000 });
    expect(result.error).toMatchObject({
      code: "OUTAGE",
      message: expect.stringContaining(simulator.baseUrl),
    });
    expect(result.failed.size).toBe(0);
    expect(simulator.ledger.answered()).toHaveLength(30);
    expect(simulator.ledger.received).toBeLessThanOrEqual(30 + 30 * 3 + 13);
  });

  it("an outage that ends in a revoked key stops the run, with few requests more", async () => {
    await using simulator = await startSimulator({
      faults: ({ sequence }) => {
        if (sequence <= 30) return undefined;
        return sequence <= 140 ? down : { kind: "status", status: 401 };
      },
    });
    const result = await run(simulator, 200, { concurrency: 20, maxOutageMs: Infinity });
    expect(result.error).toMatchObject({ code: "AUTHENTICATION" });
    expect(result.failed.size).toBe(0);
    expect(simulator.ledger.received).toBeLessThanOrEqual(140 + 6);
  });

  it("an outage is over when the server throttles", async () => {
    await using simulator = await startSimulator({
      faults: ({ sequence }) => {
        if (sequence <= 1 || sequence > 62) return undefined;
        return sequence > 60 ? { kind: "status", status: 429 } : down;
      },
    });
    const result = await run(simulator, 100);
    expectAll(result, 100);
    expect(result.failed.size).toBe(0);
  });
});

describe("rows that the server cannot answer", () => {
  it("rows that the server cannot answer fail after their attempts when they come last in a run", async () => {
    await using simulator = await startSimulator({
      faults: (request) => (rowOf(request) >= 97 ? down : undefined),
    });
    const result = await run(simulator, 100);
    expectAll(result, 100);
    expect([...result.failed.keys()]).toEqual([97, 98, 99]);
    expect(result.items.slice(97)).toMatchObject(
      Array.from({ length: 3 }, () => ({ failure: { code: "SERVER_ERROR", attempts: 10 } })),
    );
    // One request more shows that it is not the server.
    expect(simulator.ledger.received).toBeLessThanOrEqual(97 + 30 + 1);
  });

  it("rows that the server cannot answer fail alone where they are half of all rows", async () => {
    await using simulator = await startSimulator({
      latency: { kind: "fixed", ms: 1 },
      faults: (request) => (rowOf(request) % 2 === 1 ? down : undefined),
    });
    const result = await run(simulator, 600, { maxAttempts: 4, concurrency: 64 });
    expectAll(result, 600);
    expect(result.failed.size).toBe(300);
    expect([...result.failed.keys()].every((index) => index % 2 === 1)).toBe(true);
    const attempts = result.items.filter(isFailed).map(({ failure }) => failure.attempts);
    expect(Math.min(...attempts)).toBe(4);
    // Twenty that happen to fail in a row look like an outage, and what is in flight then counts for no row.
    expect(attempts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(300 * 4 + 2 * 64);
  });

  it("rows that the server cannot answer fail alone where no other rows are left", async () => {
    await using simulator = await startSimulator({
      faults: (request) => (rowOf(request) >= 100 ? down : undefined),
    });
    const result = await run(simulator, 200, { maxAttempts: 4, concurrency: 64 });
    expectAll(result, 200);
    expect(result.failed.size).toBe(100);
    expect(answersByRow(simulator).size).toBe(100);
  });
});

describe("faults at random", () => {
  it.each([0.1, 0.3])(
    "random faults in %d of all requests are retried: every row is answered, with no more requests than needed",
    async (p) => {
      await using simulator = await startSimulator({
        seed: 7,
        latency: { kind: "fixed", ms: 1 },
        faults: (request) => {
          const kinds = [down, { kind: "reset" }, { kind: "truncate" }, { kind: "invalidJson" }] as const;
          return atRate(p, kinds[request.sequence % kinds.length] ?? down)(request);
        },
      });
      const result = await run(simulator, 1000);
      expectAll(result, 1000);
      expect(result.failed.size).toBe(0);
      const answered = answersByRow(simulator);
      expect(answered.size).toBe(1000);
      expect([...answered.values()].every((count) => count === 1)).toBe(true);
      expect(simulator.ledger.received).toBeLessThanOrEqual((1.05 / (1 - p)) * 1000);
    },
  );
});

describe("a refusal of every row after successes", () => {
  const refused: Fault = { kind: "status", status: 401 };

  it("a refusal of every row after successes is confirmed by a single request before it stops the run", async () => {
    await using simulator = await startSimulator({
      latency: { kind: "fixed", ms: 3 },
      faults: ({ sequence }) => (sequence > 50 ? refused : undefined),
    });
    const result = await run(simulator, 500, {
      concurrency: 16,
      // The next one would go five seconds later: not while a busy machine has yet to read the first refusal.
      limiter: createLimiter({ clock: createScaledClock(5) }),
    });
    expect(result.error).toMatchObject({ code: "AUTHENTICATION" });
    expect(result.items).toHaveLength(50);
    const refusals = simulator.ledger.entries.filter(({ status }) => status === 401);
    expect(refusals.length).toBeLessThanOrEqual(16 + 1);
  });

  it.each([
    [401, "a key that is rotated"],
    [403, "a permission that is granted anew"],
    [404, "a model that is deployed anew"],
  ])("a refusal after successes that passes (%d) does not stop the run: %s", async (status) => {
    await using simulator = await startSimulator({
      latency: { kind: "fixed", ms: 3 },
      faults: (request) => {
        const isRefused = rowOf(request) >= 50 && rowOf(request) < 54 && request.attempt === 1;
        return isRefused ? { kind: "status", status } : undefined;
      },
    });
    const result = await run(simulator, 200, { concurrency: 4 });
    expectAll(result, 200);
    expect(result.failed.size).toBe(0);
  });

  it("a run stops at once when the account has no credit: nothing is sent after the answer that tells it", async () => {
    await using simulator = await startSimulator({
      latency: { kind: "fixed", ms: 3 },
      faults: ({ sequence }) => (sequence === 50 ? { kind: "noCredit" } : undefined),
    });
    const { baseUrl, apiKey } = simulator;
    const provider = openai({ model: "sim", baseUrl, apiKey });
    let isTold = false;
    let sentAfter = 0;
    const result = await run(simulator, 500, {
      concurrency: 8,
      dispatcher: sharedAgent().compose((dispatch) => (request, handler) => {
        if (isTold) sentAfter += 1;
        return dispatch(request, handler);
      }),
      provider: {
        ...provider,
        readResponse(response, amendments) {
          isTold ||= response.status === 429;
          return provider.readResponse(response, amendments);
        },
      },
    });
    expect(result.error).toMatchObject({ code: "NO_CREDIT" });
    expect(isTold).toBe(true);
    expect(sentAfter).toBe(0);
  });
});
