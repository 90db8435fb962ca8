// @module-tag slow

import { readFileSync } from "node:fs";
import { createServer as createTlsServer } from "node:https";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  isFailed,
  type Completed,
  type ErrorCode,
  type Failed,
  type FailureCode,
  type Message,
  type Output,
  type Prompted,
} from "@parallel-parrot/core";
import { sourceOf } from "@parallel-parrot/core/testing";
import { memoryJournal } from "@parallel-parrot/journal";
import { openai } from "@parallel-parrot/providers";
import {
  atRate,
  onRequest,
  startSimulator,
  type Fault,
  type FaultScript,
  type Simulator,
  type SimulatorOptions,
} from "@parallel-parrot/simulator";
import { completionStream, createLimiter, createScaledClock, type CompletionOptions } from "./index.ts";
import { createAgent } from "./http/agent.ts";

/** The key of every run; it must be found in nothing that comes out. */
const CANARY = "canary-7f3a9c51e2";
const ROWS = 4;
/** Limiter, backoff and breaker live so much faster than the sockets. */
const SPEED = 200;

interface Outcome {
  readonly items: readonly (Completed | Failed)[];
  readonly error: unknown;
}

function prompted(index: number, text = `Summarise document ${index}.`): Prompted {
  const messages: readonly Message[] = [{ role: "user", content: text }];
  return { index, row: { id: index }, prompt: { messages } };
}

const prompts = (count: number): Prompted[] => Array.from({ length: count }, (_, index) => prompted(index));

/** Runs rows against a server, and checks what holds whatever goes wrong. */
async function run(
  baseUrl: string,
  inputs: readonly Prompted[] = prompts(ROWS),
  options: CompletionOptions = {},
): Promise<Outcome> {
  const timers = countTimers();
  const own = createAgent();
  const limiter = createLimiter({ clock: createScaledClock(SPEED) });
  const stage = completionStream(openai({ model: "sim", baseUrl, apiKey: CANARY }), {
    concurrency: 1,
    limiter,
    dispatcher: own,
    ...options,
  });
  const items: (Completed | Failed)[] = [];
  let error: unknown;
  try {
    for await (const item of sourceOf(inputs).pipeThrough(stage)) items.push(item);
  } catch (thrown) {
    error = thrown;
  }
  expectLedger(items, error, inputs.length);
  expect(textOf([items, error])).not.toContain(CANARY);
  expect(stage.progress()).toMatchObject({ inFlight: 0, waiting: 0, isOutage: false });
  // Resolves only when no request is open any more.
  await own.close();
  await settle(() => countTimers() <= timers);
  expect(countTimers()).toBeLessThanOrEqual(timers);
  return { items, error };
}

/** Timers that would keep the process alive. */
function countTimers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
}

/** Lets the other end of connections that were closed hear of it. */
async function settle(isDone: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !isDone(); turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Each row is there exactly once and in order; those that a stop left out are the last. */
function expectLedger(items: readonly (Completed | Failed)[], error: unknown, count: number): void {
  expect(items.map(({ index }) => index)).toEqual(items.map((_, place) => place));
  if (error === undefined) expect(items).toHaveLength(count);
  else expect(error).toMatchObject({ name: "ParrotError" });
}

/** Everything that a value says, with the causes of errors and what is not enumerable. */
function textOf(value: unknown, depth = 0): string {
  if (typeof value !== "object" || value === null) return String(value);
  if (depth > 8) return "…";
  const names = Object.getOwnPropertyNames(value);
  return names.map((name) => `${name}: ${textOf(Reflect.get(value, name), depth + 1)}`).join("\n");
}

const codesOf = ({ items }: Outcome): FailureCode[] =>
  items.filter(isFailed).map(({ failure }) => failure.code);

const messageOf = ({ error }: Outcome): string => (error instanceof Error ? error.message : String(error));

const start = (options: SimulatorOptions = {}): Promise<Simulator> =>
  startSimulator({ apiKey: CANARY, ...options });

/** Nothing that the client opened is left at the server. */
async function expectIdle(simulator: Simulator): Promise<void> {
  await expect.poll(() => simulator.stats().inFlight).toBe(0);
}

/** A fault on the first request of the second row; the first row has shown that the server works. */
async function withFault(
  fault: Fault | FaultScript,
  options: CompletionOptions = {},
): Promise<Outcome & { readonly simulator: Simulator }> {
  await using simulator = await start({ faults: typeof fault === "function" ? fault : onRequest(2, fault) });
  const outcome = await run(simulator.baseUrl, prompts(ROWS), options);
  await expectIdle(simulator);
  return { ...outcome, simulator };
}

describe("a passing fault is retried, and the row is answered", () => {
  it.each<[string, Fault, CompletionOptions?]>([
    ["a reset before the headers", { kind: "reset" }],
    ["a connection closed before the headers", { kind: "hangUp" }],
    ["a reset in the middle of the body", { kind: "resetMidBody" }],
    ["a close before content-length", { kind: "truncate" }],
    ["a close of a body without length", { kind: "truncate", contentLength: "none" }],
    ["JSON cut off in a body of the right length", { kind: "truncate", contentLength: "sent" }],
    ["no headers at all", { kind: "stall" }, { attemptTimeoutMs: 250 }],
    ["headers that drip (slow loris)", { kind: "dripHeaders", everyMs: 5 }, { attemptTimeoutMs: 250 }],
    ["a stalled body", { kind: "stallBody" }, { attemptTimeoutMs: 250 }],
    ["a body that drips", { kind: "drip", everyMs: 5 }, { attemptTimeoutMs: 1000 }],
    ["408 Request Timeout", { kind: "status", status: 408 }],
    ["409 Conflict", { kind: "status", status: 409 }],
    ["425 Too Early", { kind: "status", status: 425 }],
    ["500", { kind: "status", status: 500 }],
    ["502", { kind: "status", status: 502 }],
    ["503 without a hint", { kind: "status", status: 503, body: {} }],
    ["504", { kind: "status", status: 504 }],
    ["400 with x-should-retry: true", { kind: "status", status: 400, headers: { "x-should-retry": "true" } }],
    ["200 with a web page", { kind: "html" }],
    ["502 with a web page", { kind: "html", status: 502 }],
    [
      "200 with text of another type",
      { kind: "status", status: 200, headers: { "content-type": "text/plain" }, body: "OK" },
    ],
    ["a body that is not JSON", { kind: "invalidJson" }],
    ["an empty body", { kind: "status", status: 200, body: "" }],
    ["gzip that is garbage", { kind: "gzip", damaged: true }],
    [
      "an encoding that nobody knows",
      { kind: "status", status: 200, headers: { "content-encoding": "rot13" }, body: "{}" },
    ],
  ])("a run retries the row after %s, and it is answered", async (_, fault, options) => {
    const result = await withFault(fault, { maxAttempts: 2, ...options });
    expect(result.error).toBeUndefined();
    expect(codesOf(result)).toEqual([]);
    expect(result.simulator.ledger.received).toBe(ROWS + 1);
    expect(result.items[1]).toMatchObject({
      completion: { attempts: 2, usage: { requests: expect.any(Number) } },
    });
  });
});

describe("throttling is waited out, and costs no attempt", () => {
  const DATE = "Wed, 21 Oct 2015 07:28:00 GMT";
  const throttle = (headers: Record<string, string>, message?: string, status = 429): Fault => {
    const body = message === undefined ? {} : { body: { error: { message, code: "rate_limit_exceeded" } } };
    return { kind: "status", status, headers, ...body };
  };

  it.each<[string, Fault, waitMs: number]>([
    ["retry-after: 7", throttle({ "retry-after": "7" }), 7000],
    ["retry-after: 0.5", throttle({ "retry-after": "0.5" }), 500],
    [
      "retry-after as a date, by the server's own clock",
      throttle({ "retry-after": "Wed, 21 Oct 2015 07:28:09 GMT", date: DATE }),
      9000,
    ],
    ["retry-after in the past", throttle({ "retry-after": "Wed, 21 Oct 2015 07:00:00 GMT", date: DATE }), 0],
    ["retry-after that is garbage", throttle({ "retry-after": "soon" }), 0],
    ["retry-after: -1", throttle({ "retry-after": "-1" }), 0],
    [
      "retry-after-ms: 4000, which is more exact",
      throttle({ "retry-after-ms": "4000", "retry-after": "5" }),
      4000,
    ],
    ["a hint in the message", throttle({}, "Limit 100, used 100. Please try again in 6.2s."), 6200],
    ["429 without any hint", throttle({}), 0],
    ["503 with retry-after", throttle({ "retry-after": "3" }, undefined, 503), 3000],
    ["529 Overloaded", throttle({}, undefined, 529), 0],
  ])("a run waits as long as throttling asks, and loses no attempt: %s", async (_, fault, waitMs) => {
    const result = await withFault(fault, { maxAttempts: 1 });
    expect(result.error).toBeUndefined();
    expect(codesOf(result)).toEqual([]);
    const { entries } = result.simulator.ledger;
    expect(entries).toHaveLength(ROWS + 1);
    const waitedMs = (entries[2]?.timeMs ?? 0) - (entries[1]?.timeMs ?? 0);
    // Node's timers may be a millisecond early.
    expect(waitedMs).toBeGreaterThanOrEqual(waitMs / SPEED - 1);
  });

  it("a run stops where the wait for throttling is longer than maxWaitMs, and says when to run again", async () => {
    const result = await withFault(throttle({ "retry-after": "86400" }));
    expect(result.error).toMatchObject({ code: "WAIT_TOO_LONG" });
    expect(messageOf(result)).toMatch(/The wait would be 24 h.*Run again after \d{4}-\d\d-\d\dT/);
    expect(result.items).toHaveLength(1);
    expect(result.simulator.ledger.received).toBe(2);
  });

  it("a run stops where the server does nothing but throttle for longer than maxWaitMs", async () => {
    const result = await withFault(({ sequence }) => (sequence > 1 ? throttle({}) : undefined), {
      maxWaitMs: 60_000,
    });
    expect(result.error).toMatchObject({ code: "WAIT_TOO_LONG" });
    expect(messageOf(result)).toMatch(/has refused everything for \d+ s/);
    expect(result.items).toHaveLength(1);
  });
});

describe("what concerns one row fails that row alone", () => {
  it.each<[string, Fault, FailureCode, CompletionOptions?]>([
    ["400", { kind: "status", status: 400 }, "BAD_REQUEST"],
    ["413", { kind: "status", status: 413 }, "REQUEST_TOO_LARGE"],
    ["422", { kind: "status", status: 422 }, "BAD_REQUEST"],
    ["a prompt that the content filter blocks", { kind: "contentFilter", at: "prompt" }, "CONTENT_FILTERED"],
    [
      "500 with x-should-retry: false",
      { kind: "status", status: 500, headers: { "x-should-retry": "false" } },
      "SERVER_ERROR",
    ],
    [
      "429 with x-should-retry: false",
      { kind: "status", status: 429, headers: { "x-should-retry": "false" } },
      "RATE_LIMITED",
    ],
    [
      "a huge body",
      { kind: "hugeBody", bytes: 4_000_000 },
      "RESPONSE_TOO_LARGE",
      { maxResponseBytes: 100_000 },
    ],
    ["a gzip bomb", { kind: "gzipBomb" }, "RESPONSE_TOO_LARGE", { maxResponseBytes: 100_000 }],
  ])("a run fails only the row that gets %s", async (_, fault, code, options) => {
    const result = await withFault(fault, options);
    expect(result.error).toBeUndefined();
    expect(codesOf(result)).toEqual([code]);
    expect(result.items[1]).toMatchObject({ row: { id: 1 }, failure: { stage: "transport", attempts: 1 } });
    expect(result.simulator.ledger.received).toBe(ROWS);
  });

  it.each<[string, Fault, FailureCode]>([
    ["resets", { kind: "reset" }, "NETWORK"],
    ["stalls", { kind: "stall" }, "TIMEOUT"],
    ["server errors", { kind: "status", status: 500 }, "SERVER_ERROR"],
    ["web pages", { kind: "html" }, "BAD_RESPONSE"],
  ])(
    "a run fails only the row that gets nothing but %s, when its attempts are used up",
    async (_, fault, code) => {
      const result = await withFault(
        ({ body }) => (JSON.stringify(body).includes("document 1.") ? fault : undefined),
        { maxAttempts: 3, attemptTimeoutMs: 250 },
      );
      expect(result.error).toBeUndefined();
      expect(codesOf(result)).toEqual([code]);
      expect(result.items[1]).toMatchObject({ failure: { attempts: 3 } });
      const asked = Map.groupBy(result.simulator.ledger.entries, ({ bodyHash }) => bodyHash);
      const counts = [...asked.values()].map((entries) => entries.length).toSorted((a, b) => a - b);
      // Nothing else was asked meanwhile, so the first row may have been asked again to tell whether it is an outage.
      expect([
        [1, 1, 1, 3],
        [1, 1, 2, 3],
      ]).toContainEqual(counts);
    },
  );

  it("a run fails a request that is larger than the whole rate limit at once, without sending it", async () => {
    await using simulator = await start({ limits: { tokensPerMinute: 20_000 } });
    const inputs = [prompted(0), prompted(1, "long ".repeat(40_000)), prompted(2)];
    const result = await run(simulator.baseUrl, inputs);
    expect(codesOf(result)).toEqual(["REQUEST_TOO_LARGE"]);
    expect(result.items[1]).toMatchObject({ failure: { attempts: 0 } });
    expect(simulator.ledger.received).toBe(2);
  });

  it("a failed row has what the server said, but no key in the message", async () => {
    const said = { error: { message: `Incorrect body for Bearer ${CANARY}`, code: null } };
    const result = await withFault({ kind: "status", status: 400, body: said });
    expect(result.items[1]).toMatchObject({
      failure: { message: expect.stringContaining("Incorrect body for Bearer [key]") },
    });
  });

  it("a failed row shows a page in place of an answer cut short, and without the key in it", async () => {
    const page = `<p>${"x".repeat(100)}${CANARY}${"y".repeat(10_000)}</p>`;
    const html: Fault = { kind: "status", status: 200, headers: { "content-type": "text/html" }, body: page };
    const result = await withFault(
      ({ body }) => (JSON.stringify(body).includes("document 1.") ? html : undefined),
      { maxAttempts: 2 },
    );
    expect(codesOf(result)).toEqual(["BAD_RESPONSE"]);
    const failed = result.items.find(isFailed);
    expect(failed?.failure.message).toContain("expected JSON, got text/html");
    expect(failed?.failure.message.length).toBeLessThan(600);
  });
});

describe("what the model does is an answer, and told as it is", () => {
  const completion = (fault: Fault): Promise<Outcome & { readonly simulator: Simulator }> => withFault(fault);

  it.each<[string, Fault, object]>([
    ["a refusal", { kind: "refusal" }, { choices: [{ finishReason: "refusal" }] }],
    ["an answer cut off for its length", { kind: "lengthCutOff" }, { choices: [{ finishReason: "length" }] }],
    ["a filtered answer", { kind: "contentFilter" }, { choices: [{ finishReason: "content_filter" }] }],
    [
      "null content",
      {
        kind: "status",
        status: 200,
        body: { choices: [{ message: { content: null }, finish_reason: "stop" }] },
      },
      { choices: [{ text: "" }] },
    ],
    ["compressed", { kind: "gzip" }, { choices: [{ finishReason: "stop" }] }],
  ])("a run takes for an answer, and asks once: %s", async (_, fault, expected) => {
    const result = await completion(fault);
    expect(codesOf(result)).toEqual([]);
    expect(result.items[1]).toMatchObject({ completion: { attempts: 1, ...expected } });
    expect(result.simulator.ledger.received).toBe(ROWS);
  });

  it("a run asks once more for an answer without choices, then leaves it to the parser", async () => {
    const result = await withFault(({ body }) =>
      JSON.stringify(body).includes("document 1.") ? { kind: "emptyChoices" } : undefined,
    );
    expect(codesOf(result)).toEqual([]);
    expect(result.items[1]).toMatchObject({ completion: { attempts: 2, choices: [] } });
    expect(result.simulator.ledger.received).toBe(ROWS + 1);
  });

  it.each([1, 3])(
    "a run asks once more for each choice that did not come, and gets what it gets without a journal: n=%i",
    async (n) => {
      const outcomes = [];
      for (const journal of [undefined, await memoryJournal().begin()]) {
        let [requests, answers] = [0, 0];
        await using simulator = await start({
          faults: ({ body }) =>
            JSON.stringify(body).includes("document 1.") && (requests += 1) <= Math.min(n, 2)
              ? { kind: "emptyChoices" }
              : undefined,
          answer: () => `answer ${(answers += 1)}`,
        });
        const result = await run(simulator.baseUrl, prompts(ROWS), {
          n,
          ...(journal === undefined ? {} : { journal }),
        });
        expect(codesOf(result)).toEqual([]);
        const choices = result.items.map((item) => (isFailed(item) ? [] : item.completion.choices));
        const distinct = choices.map((each) => new Set(each.map(({ text }) => text)).size);
        outcomes.push({ distinct, received: simulator.ledger.received });
      }
      const all = Array.from({ length: ROWS }, () => n);
      expect(outcomes[0]).toMatchObject({ distinct: all });
      expect(outcomes[1]).toEqual(outcomes[0]);
    },
  );

  const NUMBER: Output<{ n: number }> = {
    shape: { type: "json", name: "number", instructions: "Answer with JSON." },
    columns: ["n"],
    read: ({ text }) =>
      /^\d+$/.test(text)
        ? { ok: true, outputs: [{ n: Number(text) }], warnings: [] }
        : { ok: false, code: "INVALID_OUTPUT", message: "expected digits" },
  };

  it("a run asks twice more for an answer with invalid JSON, then leaves its text to the parser", async () => {
    await using simulator = await start({
      answer: ({ messages }) => (JSON.stringify(messages).includes("document 1.") ? "{oops" : "42"),
    });
    const result = await run(simulator.baseUrl, prompts(ROWS), { output: NUMBER });
    expect(codesOf(result)).toEqual([]);
    expect(result.items[1]).toMatchObject({ completion: { attempts: 3, choices: [{ text: "{oops" }] } });
    expect(simulator.ledger.received).toBe(ROWS + 2);
  });
});

describe("a cause that no row survives stops the run at once", () => {
  it.each<[string, Fault, ErrorCode, requests: number]>([
    ["429 insufficient_quota", { kind: "noCredit" }, "NO_CREDIT", 2],
    ["402", { kind: "status", status: 402 }, "NO_CREDIT", 2],
    // One request more shows that a row is refused too that was answered before.
    ["401", { kind: "status", status: 401 }, "AUTHENTICATION", 3],
    ["403", { kind: "status", status: 403 }, "PERMISSION", 3],
    ["404 for the model", { kind: "status", status: 404 }, "MODEL_NOT_FOUND", 3],
    ["404 for the route", { kind: "status", status: 404, body: "404 page not found" }, "NOT_THE_API", 3],
  ])("a run stops at %s after the first answer", async (_, fault, code, requests) => {
    const result = await withFault(({ sequence }) => (sequence > 1 ? fault : undefined));
    expect(result.error).toMatchObject({ code });
    expect(result.items).toHaveLength(1);
    expect(result.simulator.ledger.received).toBe(requests);
  });

  it.each<[string, Fault, ErrorCode, requests: number]>([
    // The second row confirms it.
    ["401", { kind: "status", status: 401 }, "AUTHENTICATION", 2],
    ["no credit", { kind: "noCredit" }, "NO_CREDIT", 1],
    ["a web page", { kind: "html" }, "NOT_THE_API", 5],
    ["server errors", { kind: "status", status: 500 }, "SETUP_FAILED", 5],
    ["resets", { kind: "reset" }, "UNREACHABLE", 5],
  ])("a run stops at %s to the first request", async (_, fault, code, requests) => {
    const result = await withFault(() => fault);
    expect(result.error).toMatchObject({ code });
    expect(result.items).toEqual([]);
    expect(result.simulator.ledger.received).toBe(requests);
  });

  it.each([301, 302, 303, 307, 308])(
    "a run stops at a redirect (%i) to another origin, and does not follow it",
    async (status) => {
      await using target = await start();
      const result = await withFault({
        kind: "redirect",
        status,
        url: `${target.baseUrl}/chat/completions`,
      });
      expect(result.error).toMatchObject({ code: "REDIRECTED" });
      expect(result.items).toHaveLength(1);
      expect(result.simulator.ledger.received).toBe(2);
      expect(target.ledger.received).toBe(0);
    },
  );
});

describe("a server that is not there", () => {
  it("a run says within five attempts that there is no server at the start", async () => {
    await using simulator = await start();
    await simulator.setReachable(false);
    const result = await run(simulator.baseUrl);
    expect(result.error).toMatchObject({ code: "UNREACHABLE" });
    expect(messageOf(result)).toContain(simulator.baseUrl);
    expect(messageOf(result)).toContain("ECONNREFUSED");
  });

  it("a run fails no row when the server goes away in the middle, and goes on when it is back", async () => {
    let isCut = false;
    await using simulator: Simulator = await start({
      faults: ({ sequence }) => {
        if (sequence !== 2) return undefined;
        isCut = true;
        void simulator
          .setReachable(false)
          .then(() => setTimeout(() => void simulator.setReachable(true), 150));
        return { kind: "stall" };
      },
    });
    const result = await run(simulator.baseUrl, prompts(ROWS), { maxAttempts: 4 });
    expect(isCut).toBe(true);
    expect(result.error).toBeUndefined();
    expect(codesOf(result)).toEqual([]);
    // What was cut, and the answer of before that may have been asked again.
    expect(simulator.ledger.received).toBeGreaterThanOrEqual(ROWS + 1);
    expect(simulator.ledger.received).toBeLessThanOrEqual(ROWS + 2);
  });

  it("a run names the host whose name is not found at the start", async () => {
    const result = await run("http://nowhere.invalid/v1");
    expect(result.error).toMatchObject({ code: "UNREACHABLE" });
    expect(messageOf(result)).toContain("http://nowhere.invalid/v1");
    expect(messageOf(result)).toMatch(/ENOTFOUND|EAI_AGAIN/);
  });

  it.each(["ENOTFOUND", "EAI_AGAIN"])(
    "a run waits for a host whose name is not found in the middle (%s)",
    async (code) => {
      // A connection that is lost makes the name be looked up again.
      await using simulator = await start({ faults: onRequest(2, { kind: "reset" }) });
      const { port } = new URL(simulator.baseUrl);
      let lookups = 0;
      const dispatcher = createAgent({
        connect: {
          lookup: (_host, _options, done) => {
            lookups += 1;
            const isAway = lookups > 1 && lookups <= 30;
            const error = Object.assign(new Error(`getaddrinfo ${code}`), { code });
            done(isAway ? error : null, [{ address: "127.0.0.1", family: 4 }]);
          },
        },
      });
      const result = await run(`http://parrot.test:${port}/v1`, prompts(ROWS), { dispatcher });
      expect(result.error).toBeUndefined();
      expect(codesOf(result)).toEqual([]);
      expect(lookups).toBeGreaterThan(30);
      // What was reset, and the answer of before that may have been asked again.
      expect(simulator.ledger.received).toBeLessThanOrEqual(ROWS + 2);
      await dispatcher.destroy();
    },
  );

  it("a run gives up a connection that is never made, and tries again", async () => {
    await using simulator = await start({ faults: onRequest(2, { kind: "reset" }) });
    const { port } = new URL(simulator.baseUrl);
    let lookups = 0;
    const dispatcher = createAgent({
      connectTimeoutMs: 20,
      connect: {
        lookup: (_host, _options, done) => {
          lookups += 1;
          // The second is never answered.
          if (lookups !== 2) done(null, [{ address: "127.0.0.1", family: 4 }]);
        },
      },
    });
    const result = await run(`http://parrot.test:${port}/v1`, prompts(ROWS), { dispatcher });
    expect(codesOf(result)).toEqual([]);
    expect(result.items[1]).toMatchObject({ completion: { attempts: 3 } });
    expect(simulator.ledger.received).toBe(ROWS + 1);
    await dispatcher.destroy();
  });
});

describe("TLS", () => {
  const pem = (name: string): string =>
    readFileSync(new URL(`../fixtures/${name}.pem`, import.meta.url), "utf8");

  async function runTls(
    certificate: string,
    ca: string | undefined,
  ): Promise<Outcome & { received: number }> {
    let received = 0;
    const server = createTlsServer({ key: pem("key"), cert: pem(certificate) }, (_request, response) => {
      received += 1;
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ choices: [{ message: { content: "ok" }, finish_reason: "stop" }] }));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const dispatcher = createAgent({ connect: ca === undefined ? {} : { ca } });
    const result = await run(`https://localhost:${port}/v1`, prompts(ROWS), { dispatcher });
    await dispatcher.destroy();
    server.closeAllConnections();
    server.close();
    return { ...result, received };
  }

  it("a run sends requests over TLS with a certificate that is right", async () => {
    const result = await runTls("valid", pem("valid"));
    expect(result.error).toBeUndefined();
    expect(result.received).toBe(ROWS);
  });

  it.each([
    ["a wrong name", "wrong-name", "wrong-name", /ERR_TLS_CERT_ALTNAME_INVALID/],
    ["an expired certificate", "expired", "expired", /CERT_HAS_EXPIRED/],
    ["a certificate of nobody known", "valid", undefined, /SELF_SIGNED/],
  ])("a run stops at %s of TLS without retries", async (_, certificate, ca, code) => {
    const result = await runTls(certificate, ca === undefined ? undefined : pem(ca));
    expect(result.error).toMatchObject({ code: "UNREACHABLE" });
    expect(messageOf(result)).toMatch(code);
    expect(messageOf(result)).toContain("localhost");
    expect(result.items).toEqual([]);
    expect(result.received).toBe(0);
  });

  it("a run stops at a port that does not speak TLS", async () => {
    await using simulator = await start();
    const result = await run(simulator.baseUrl.replace("http:", "https:"));
    expect(result.error).toMatchObject({ code: "UNREACHABLE" });
    expect(messageOf(result)).toMatch(/ERR_SSL/);
    expect(simulator.ledger.received).toBe(0);
    expect(simulator.stats().connections).toBe(1);
  });
});

describe("a wall clock that jumps", () => {
  afterEach(() => void vi.useRealTimers());

  it("a run counts neither waits nor deadlines by the wall clock, even when that jumps", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 0, 1) });
    const hour = 3_600_000;
    const result = await withFault(
      ({ sequence }) => {
        vi.setSystemTime(Date.now() + (sequence % 2 === 0 ? 2 * hour : -hour));
        if (sequence === 2) return { kind: "status", status: 429, headers: { "retry-after": "2" } };
        return sequence === 4 ? { kind: "status", status: 500 } : undefined;
      },
      { rowTimeoutMs: 1_800_000, runTimeoutMs: 3_600_000, maxWaitMs: 60_000 },
    );
    expect(result.error).toBeUndefined();
    expect(codesOf(result)).toEqual([]);
    expect(result.simulator.ledger.received).toBe(ROWS + 2);
  });
});

describe("many rows at once", () => {
  it("many rows survive that ninety percent of requests are throttled for a long time", async () => {
    await using simulator = await start({
      faults: (request) =>
        request.sequence > 1 && request.sequence <= 300
          ? atRate(0.9, { kind: "status", status: 429 })(request)
          : undefined,
    });
    const result = await run(simulator.baseUrl, prompts(200), {
      concurrency: 64,
      maxWaitMs: 36_000_000,
      limiter: createLimiter({ clock: createScaledClock(10 * SPEED) }),
    });
    expect(result.error).toBeUndefined();
    expect(codesOf(result)).toEqual([]);
    expect(simulator.ledger.answered()).toHaveLength(200);
  });

  it("many rows stop within one round trip when the key is revoked at row 5,000", async () => {
    await using simulator = await start({
      latency: { kind: "fixed", ms: 1 },
      faults: ({ sequence }) => (sequence > 5000 ? { kind: "status", status: 401 } : undefined),
    });
    const result = await run(simulator.baseUrl, prompts(6000), {
      concurrency: 64,
      // The next one would go five seconds later: not while a busy machine has yet to read the first refusal.
      limiter: createLimiter({ clock: createScaledClock(5) }),
    });
    expect(result.error).toMatchObject({ code: "AUTHENTICATION" });
    expect(result.items).toHaveLength(5000);
    // Those on their way when the first refusal came, and one to confirm it.
    expect(simulator.ledger.received).toBeLessThanOrEqual(5000 + 64 + 1);
  });

  it("many rows are not taken for lost when the server becomes ten times as slow", async () => {
    await using simulator = await start({
      faults: ({ sequence }) => ({ kind: "delay", ms: sequence <= 200 ? 4 : 40 }),
    });
    const result = await run(simulator.baseUrl, prompts(400), { concurrency: 32 });
    expect(codesOf(result)).toEqual([]);
    expect(simulator.ledger.received).toBe(400);
    expect(simulator.ledger.entries.every(({ attempt, cutShort }) => attempt === 1 && !cutShort)).toBe(true);
  });

  it("many rows waste no more than what is in flight on a parameter that the model refuses", async () => {
    const isRefused = (body: unknown): boolean => JSON.stringify(body).includes("temperature");
    await using simulator = await start({
      latency: { kind: "fixed", ms: 3 },
      faults: ({ body, sequence }) =>
        sequence > 20 && isRefused(body) ? { kind: "unsupportedParameter", name: "temperature" } : undefined,
    });
    const result = await run(simulator.baseUrl, prompts(400), {
      concurrency: 400,
      temperature: 0.5,
      limiter: createLimiter({ clock: createScaledClock(SPEED), maxConcurrency: 32 }),
    });
    expect(result.error).toBeUndefined();
    expect(codesOf(result)).toEqual([]);
    const refused = simulator.ledger.entries.filter(({ status }) => status === 400);
    expect(refused.length).toBeGreaterThan(0);
    // Those that waited for their turn were built anew.
    expect(refused.length).toBeLessThanOrEqual(32);
    expect(simulator.ledger.received).toBe(400 + refused.length);
  });
});
