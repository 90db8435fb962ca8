import { fork } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  isFailed,
  ParrotError,
  type Completed,
  type Failed,
  type Message,
  type Output,
  type Prompted,
} from "@parallel-parrot/core";
import { readAll, sourceOf, testStage } from "@parallel-parrot/core/testing";
import { openai, type Provider } from "@parallel-parrot/providers";
import { onRequest, startSimulator, type Simulator, type SimulatorOptions } from "@parallel-parrot/simulator";
import { completionStream, type CompletionOptions } from "./index.ts";

function prompted(index: number, text = `Summarise document ${index}.`): Prompted {
  const messages: readonly Message[] = [{ role: "user", content: text }];
  return { index, row: { id: index }, prompt: { messages } };
}

const prompts = (count: number): Prompted[] => Array.from({ length: count }, (_, index) => prompted(index));

interface Run {
  readonly items: (Completed | Failed)[];
  readonly error: unknown;
}

async function run(
  simulator: Pick<Simulator, "baseUrl" | "apiKey">,
  inputs: readonly (Prompted | Failed)[],
  options: CompletionOptions = {},
): Promise<Run> {
  const { baseUrl, apiKey } = simulator;
  const stage = completionStream(openai({ model: "sim", baseUrl, apiKey }), options);
  const items: (Completed | Failed)[] = [];
  try {
    for await (const item of sourceOf(inputs).pipeThrough(stage)) items.push(item);
    return { items, error: undefined };
  } catch (error) {
    return { items, error };
  }
}

const indexes = ({ items }: Run): number[] => items.map(({ index }) => index);
const codes = ({ items }: Run): string[] => items.filter(isFailed).map(({ failure }) => failure.code);

async function withFaults(
  faults: SimulatorOptions["faults"],
  options: CompletionOptions = {},
  count = 3,
): Promise<Run & { simulator: Simulator }> {
  await using simulator = await startSimulator(faults === undefined ? {} : { faults });
  return { ...(await run(simulator, prompts(count), options)), simulator };
}

describe("completionStream", () => {
  describe("as a stage", () => {
    const program = `import { startSimulator } from "@parallel-parrot/simulator";
      process.send((await startSimulator({ latency: { kind: "fixed", ms: 2 } })).baseUrl);`;
    // In a process of its own, so that the server's sockets are not taken for the stage's.
    const server = fork("--input-type=module", ["--conditions=@parallel-parrot/source", "--eval", program], {
      execArgv: [],
      cwd: import.meta.dirname,
    });
    let baseUrl = "";
    let outputs: (Completed | Failed)[] = [];
    const stage = () =>
      completionStream(openai({ model: "sim", baseUrl, apiKey: "sim-key" }), { concurrency: 2, window: 4 });
    const inputs = prompts(3);

    beforeAll(async () => {
      [baseUrl] = await once(server, "message");
      outputs.push(...(await readAll(sourceOf(inputs).pipeThrough(stage()))));
    });
    afterAll(() => void server.kill());
    testStage(it, { stage, inputs, outputs });
  });

  it("completionStream answers each row once, in input order, at most `concurrency` at a time", async () => {
    await using simulator = await startSimulator({ latency: { kind: "lognormal", medianMs: 2, p99Ms: 30 } });
    const result = await run(simulator, prompts(200), { concurrency: 20 });
    expect(result.error).toBeUndefined();
    expect(indexes(result)).toEqual(prompts(200).map(({ index }) => index));
    expect(simulator.ledger.received).toBe(200);
    expect(simulator.ledger.byBody().size).toBe(200);
    expect(simulator.ledger.maxInFlight).toBeGreaterThan(10);
    expect(simulator.ledger.maxInFlight).toBeLessThanOrEqual(20);
  });

  it("completionStream emits rows in order of completion where that is wanted", async () => {
    const { items } = await withFaults(onRequest(2, { kind: "delay", ms: 2000 }), { order: "completion" });
    expect(items.map(({ index }) => index)).toEqual([0, 2, 1]);
  });

  it("completionStream sends the first request of a run alone", async () => {
    await using simulator = await startSimulator({ latency: { kind: "fixed", ms: 20 } });
    await run(simulator, prompts(10));
    const [first, ...rest] = simulator.ledger.entries;
    expect(rest).toHaveLength(9);
    expect(rest.every(({ timeMs }) => timeMs >= (first?.endedMs ?? Infinity))).toBe(true);
  });

  it.each([
    ["a wrong key", { apiKey: "wrong" }, {}, "AUTHENTICATION", /refused the API key \(openai, model sim\)/],
    ["an unknown model", {}, { models: ["other"] }, "MODEL_NOT_FOUND", /does not know the model/],
  ] as const)(
    "completionStream stops at %s after two rows' requests, with one clear message",
    async (_, client, server, code, message) => {
      await using simulator = await startSimulator(server);
      const result = await run(
        { baseUrl: simulator.baseUrl, apiKey: simulator.apiKey, ...client },
        prompts(50),
      );
      expect(result.items).toEqual([]);
      expect(result.error).toMatchObject({
        name: "ParrotError",
        code,
        message: expect.stringMatching(message),
      });
      expect(simulator.ledger.received).toBe(2);
    },
  );

  it.each([
    ["no credit", {}, { faults: () => ({ kind: "noCredit" }) }, "NO_CREDIT", /no credit left/],
    [
      "a redirect",
      {},
      { faults: () => ({ kind: "redirect", url: "http://127.0.0.1:1/steal" }) },
      "REDIRECTED",
      /redirects to http:\/\/127\.0\.0\.1:1,/,
    ],
    ["a web page", {}, { faults: () => ({ kind: "html" }) }, "NOT_THE_API", /does not answer like the API/],
  ] as const)(
    "completionStream stops at %s after one row's requests, with one clear message",
    async (_, client, server, code, message) => {
      await using simulator = await startSimulator(server as SimulatorOptions);
      const result = await run(
        { baseUrl: simulator.baseUrl, apiKey: simulator.apiKey, ...client },
        prompts(50),
        { maxAttempts: 2 },
      );
      expect(result.items).toEqual([]);
      expect(result.error).toMatchObject({
        name: "ParrotError",
        code,
        message: expect.stringMatching(message),
      });
      expect(simulator.ledger.byBody().size).toBe(1);
      expect(simulator.ledger.received).toBeLessThanOrEqual(2);
    },
  );

  it("completionStream says which server it could not connect to", async () => {
    const result = await run({ baseUrl: "http://127.0.0.1:9/v1", apiKey: "k" }, prompts(3), {
      maxAttempts: 2,
    });
    expect(result.error).toMatchObject({
      code: "UNREACHABLE",
      message: expect.stringContaining("http://127.0.0.1:9/v1"),
    });
  });

  it("completionStream stops when the key is revoked in the middle: what is in flight is kept, and nothing more is sent", async () => {
    await using simulator = await startSimulator({
      latency: { kind: "fixed", ms: 10 },
      faults: ({ sequence }) => (sequence > 30 ? { kind: "status", status: 401 } : undefined),
    });
    const result = await run(simulator, prompts(500), { concurrency: 10 });
    expect(result.error).toMatchObject({ code: "AUTHENTICATION" });
    expect(result.items).toHaveLength(30);
    expect(simulator.ledger.received).toBeLessThanOrEqual(50);
  });

  it("completionStream closes a stopped stream with the reason in `stopped` where onStop says so", async () => {
    await using simulator = await startSimulator({ faults: onRequest(3, { kind: "noCredit" }) });
    const { baseUrl, apiKey } = simulator;
    const stage = completionStream(openai({ model: "sim", baseUrl, apiKey }), {
      concurrency: 1,
      onStop: "close",
    });
    expect(await readAll(sourceOf(prompts(9)).pipeThrough(stage))).toHaveLength(2);
    expect(stage.stopped).toMatchObject({ code: "NO_CREDIT" });
  });

  it("completionStream can be stopped from outside, and finishes what is in flight", async () => {
    await using simulator = await startSimulator({ latency: { kind: "fixed", ms: 5 } });
    const { baseUrl, apiKey } = simulator;
    const stage = completionStream(openai({ model: "sim", baseUrl, apiKey }), {
      concurrency: 4,
      onStop: "close",
    });
    const items = [];
    for await (const item of sourceOf(prompts(500)).pipeThrough(stage)) {
      items.push(item);
      if (items.length === 10) stage.stop(new ParrotError("INTERRUPTED", "Stopped by hand"));
    }
    expect(items).toHaveLength(simulator.ledger.answered().length);
    expect(items.length).toBeLessThan(50);
    expect(stage.progress()).toMatchObject({ completed: items.length, inFlight: 0, waiting: 0 });
  });

  it("completionStream fails with the reason of an abort, and cuts the requests in flight", async () => {
    await using simulator = await startSimulator({ faults: onRequest([2, 3], { kind: "stall" }) });
    const abort = new AbortController();
    const running = run(simulator, prompts(3), { signal: abort.signal });
    while (simulator.ledger.received < 3) await new Promise((resolve) => setTimeout(resolve, 2));
    const reason = new Error("enough");
    abort.abort(reason);
    expect((await running).error).toBe(reason);
  });

  it("completionStream fails with the reason of an abort while it waits for input", async () => {
    const abort = new AbortController();
    const stage = completionStream(openai({ model: "sim", baseUrl: "http://127.0.0.1:9/v1" }), {
      signal: abort.signal,
    });
    const reading = readAll(new ReadableStream<Prompted>().pipeThrough(stage));
    abort.abort(new Error("enough"));
    await expect(reading).rejects.toThrow("enough");
  });

  it.each([
    ["a reset before the headers", { kind: "reset" }],
    ["a reset in mid-body", { kind: "resetMidBody" }],
    ["a body shorter than it said", { kind: "truncate" }],
    ["a body that ends early where no length was said", { kind: "truncate", contentLength: "none" }],
    ["a server error", { kind: "status", status: 500 }],
    ["a gateway's page", { kind: "html", status: 502 }],
    ["a body that is not JSON", { kind: "invalidJson" }],
    ["a damaged compressed body", { kind: "gzip", damaged: true }],
  ] as const)("completionStream asks again after %s", async (_, fault) => {
    const result = await withFaults(onRequest(2, fault));
    expect(result.error).toBeUndefined();
    expect(indexes(result)).toEqual([0, 1, 2]);
    expect(codes(result)).toEqual([]);
    expect(result.simulator.ledger.received).toBe(4);
    expect(
      result.items.map((item) => !isFailed(item) && item.completion.attempts).filter((n) => n === 2),
    ).toEqual([2]);
  });

  it("completionStream reads a compressed answer", async () => {
    const result = await withFaults(() => ({ kind: "gzip" }));
    expect(codes(result)).toEqual([]);
    expect(result.items).toHaveLength(3);
  });

  it.each([
    ["a stalled answer", { kind: "stall" }],
    ["a stalled body", { kind: "stallBody" }],
    ["a body that drips", { kind: "drip" }],
  ] as const)(
    "completionStream gives up an attempt at its deadline, and asks again: %s",
    async (_, fault) => {
      const result = await withFaults(onRequest(2, fault), { attemptTimeoutMs: 1000 });
      expect(codes(result)).toEqual([]);
      expect(result.items).toHaveLength(3);
      expect(result.simulator.ledger.received).toBe(4);
    },
  );

  it("completionStream fails a row after its attempts and goes on with the others", async () => {
    const result = await withFaults(
      ({ body }) =>
        JSON.stringify(body).includes("document 1.") ? { kind: "status", status: 500 } : undefined,
      { maxAttempts: 2 },
    );
    expect(indexes(result)).toEqual([0, 1, 2]);
    expect(result.items[1]).toMatchObject({
      row: { id: 1 },
      failure: { stage: "transport", code: "SERVER_ERROR", attempts: 2 },
    });
  });

  it("completionStream fails a row at its own time limit, rowTimeoutMs", async () => {
    const result = await withFaults(
      ({ body }) => (JSON.stringify(body).includes("document 1.") ? { kind: "stall" } : undefined),
      { rowTimeoutMs: 300 },
    );
    expect(codes(result)).toEqual(["TIMEOUT"]);
    expect(result.items).toHaveLength(3);
  });

  it("completionStream stops the run at its time limit, runTimeoutMs", async () => {
    const result = await withFaults(
      ({ sequence }) => (sequence > 2 ? { kind: "delay", ms: 300 } : undefined),
      { runTimeoutMs: 150, concurrency: 1 },
      20,
    );
    expect(result.error).toMatchObject({ code: "RUN_TIMEOUT" });
    expect(result.items.length).toBeLessThan(5);
  });

  it("completionStream waits as long as a throttling server says, and counts no attempt for it", async () => {
    const fault = { kind: "status", status: 429, headers: { "retry-after-ms": "80" } } as const;
    const result = await withFaults(onRequest([2, 3, 4, 5], fault), { maxAttempts: 1, concurrency: 1 }, 2);
    expect(codes(result)).toEqual([]);
    const { entries } = result.simulator.ledger;
    expect(entries.map(({ status }) => status)).toEqual([200, 429, 429, 429, 429, 200]);
    for (const [place, entry] of entries.slice(2).entries()) {
      expect(entry.timeMs - (entries[place + 1]?.endedMs ?? 0)).toBeGreaterThanOrEqual(79);
    }
  });

  it("completionStream stops the run when the server asks for a longer wait than maxWaitMs", async () => {
    const result = await withFaults(
      onRequest(2, { kind: "status", status: 429, headers: { "retry-after": "7200" } }),
      { concurrency: 1 },
    );
    expect(result.error).toMatchObject({
      code: "WAIT_TOO_LONG",
      message: expect.stringContaining("The wait would be 2 h"),
    });
    expect(indexes(result)).toEqual([0]);
  });

  it("completionStream keeps to the rate limits that it learned from headers", async () => {
    await using simulator = await startSimulator({
      limits: { requestsPerMinute: 6000, window: "bucket", burstSeconds: 1.5 },
    });
    const result = await run(simulator, prompts(160));
    expect(codes(result)).toEqual([]);
    expect(simulator.stats().refused429).toBe(0);
  });

  it("completionStream fails a row that can never fit the rate limit, and answers the others", async () => {
    await using simulator = await startSimulator({ limits: { tokensPerMinute: 20_000 } });
    const inputs = [prompted(0), prompted(1, "long ".repeat(40_000)), prompted(2)];
    const result = await run(simulator, inputs);
    expect(codes(result)).toEqual(["REQUEST_TOO_LARGE"]);
    expect(simulator.ledger.received).toBe(2);
  });

  it("completionStream fails a row that the provider cannot be asked, without sending it", async () => {
    await using simulator = await startSimulator();
    const messages: readonly Message[] = [
      { role: "system", content: "Look at this.", images: [{ url: "https://images.example/1.png" }] },
      { role: "user", content: "What is it?" },
    ];
    const result = await run(simulator, [
      { ...prompted(0), prompt: { messages } },
      prompted(1),
      { ...prompted(2), prompt: { messages } },
    ]);
    expect(result.error).toBeUndefined();
    expect(result.items.map((item) => isFailed(item) && item.failure)).toEqual([
      expect.objectContaining({
        code: "BAD_REQUEST",
        attempts: 0,
        message: expect.stringMatching(/messages\[0\]\.images\[0\].*only user messages/),
      }),
      false,
      expect.objectContaining({ code: "BAD_REQUEST", attempts: 0 }),
    ]);
    expect(simulator.stats().requests).toBe(1);
  });

  it("completionStream asks again without a parameter that the model refuses, and remembers that", async () => {
    await using simulator = await startSimulator({
      faults: ({ body }) =>
        JSON.stringify(body).includes("temperature")
          ? { kind: "unsupportedParameter", name: "temperature" }
          : undefined,
    });
    const result = await run(simulator, prompts(20), { temperature: 0.5 });
    expect(codes(result)).toEqual([]);
    expect(simulator.ledger.received).toBe(21);
  });

  it("completionStream caps a response by its decompressed size and reads no further", async () => {
    const result = await withFaults(onRequest(2, { kind: "gzipBomb" }), { maxResponseBytes: 100_000 });
    expect(codes(result)).toEqual(["RESPONSE_TOO_LARGE"]);
    const huge = await withFaults(onRequest(2, { kind: "hugeBody" }), { maxResponseBytes: 100_000 });
    expect(codes(huge)).toEqual(["RESPONSE_TOO_LARGE"]);
  });

  it("completionStream fans choices out where a model gives one at a time", async () => {
    await using native = await startSimulator();
    const { items } = await run(native, prompts(2), { n: 3 });
    expect(items.map((item) => !isFailed(item) && item.completion.choices.length)).toEqual([3, 3]);
    expect(native.ledger.received).toBe(2);

    await using single = await startSimulator({
      faults: ({ body }) =>
        typeof body === "object" && body !== null && "n" in body
          ? { kind: "unsupportedParameter", name: "n" }
          : undefined,
    });
    const fanned = await run(single, prompts(2), { n: 3, concurrency: 1 });
    expect(fanned.items.map((item) => !isFailed(item) && item.completion.choices.length)).toEqual([3, 3]);
    expect(fanned.items.map((item) => !isFailed(item) && item.completion.usage.requests)).toEqual([4, 3]);
  });

  it("completionStream keeps the other choices of a row when one of them is refused", async () => {
    const refusals: Record<number, number> = { 1: 400, 3: 400 };
    await using simulator = await startSimulator({
      faults: ({ sequence }) => {
        if (sequence === 1) return { kind: "unsupportedParameter", name: "n" };
        return refusals[sequence] === undefined ? undefined : { kind: "status", status: 400 };
      },
    });
    const { items } = await run(simulator, prompts(1), { n: 3 });
    expect(codes({ items, error: undefined })).toEqual([]);
    expect(items[0]).toMatchObject({ completion: { choices: [{}, {}], usage: { requests: 4 } } });
  });

  const NUMBER: Output<{ n: number }> = {
    shape: { type: "json", name: "number", instructions: "Answer with JSON." },
    columns: ["n"],
    read: ({ text }) =>
      /^\d+$/.test(text)
        ? { ok: true, outputs: [{ n: Number(text) }], warnings: [] }
        : { ok: false, code: "INVALID_OUTPUT", message: "expected digits" },
  };

  it("completionStream asks again with the error when an answer cannot be used, up to maxReasks times", async () => {
    await using simulator = await startSimulator({
      answer: ({ messages }) => (messages.length > 3 ? "42" : "forty-two"),
    });
    const { items } = await run(simulator, prompts(1), { output: NUMBER });
    expect(items[0]).toMatchObject({
      completion: { choices: [{ text: "42" }], attempts: 2, usage: { requests: 2 } },
    });
    const again = simulator.ledger.entries[1]?.body;
    expect(JSON.stringify(again)).toContain("forty-two");
    expect(JSON.stringify(again)).toContain("expected digits");

    await using stubborn = await startSimulator({ answer: () => "never" });
    const hopeless = await run(stubborn, prompts(1), { output: NUMBER, maxReasks: 2 });
    expect(hopeless.items[0]).toMatchObject({ completion: { choices: [{ text: "never" }], attempts: 3 } });
  });

  it("completionStream sends only whole characters back to a model that gave half of one", async () => {
    await using simulator = await startSimulator({
      answer: ({ messages }) => (messages.length > 3 ? "42" : "forty\uD83D"),
    });
    const output: Output<{ n: number }> = {
      ...NUMBER,
      read: (choice) =>
        choice.text === "42"
          ? NUMBER.read(choice)
          : { ok: false, code: "INVALID_OUTPUT", message: `expected digits, got ${choice.text}` },
    };
    const { items } = await run(simulator, prompts(1), { output });
    expect(items[0]).toMatchObject({ completion: { choices: [{ text: "42" }] } });
    const [, again] = simulator.ledger.entries;
    expect(JSON.stringify(again?.body)).not.toMatch(/\\ud[89a-f]/);
    expect(again?.body).toMatchObject({
      messages: expect.arrayContaining([{ role: "assistant", content: "forty\uFFFD" }]),
    });
  });

  it("completionStream leaves the answer before a re-ask that fails to the parser", async () => {
    await using simulator = await startSimulator({
      answer: () => "never",
      faults: onRequest(2, { kind: "status", status: 400 }),
    });
    const { items } = await run(simulator, prompts(1), { output: NUMBER });
    expect(items[0]).toMatchObject({
      completion: { choices: [{ text: "never" }], attempts: 2, usage: { requests: 2 } },
    });
  });

  it("completionStream asks again when credentials cannot be got for a moment", async () => {
    await using simulator = await startSimulator();
    const { baseUrl, apiKey } = simulator;
    const provider = openai({ model: "sim", baseUrl, apiKey });
    let calls = 0;
    const flaky: Provider = {
      ...provider,
      authorize(request) {
        calls += 1;
        if (calls === 2) throw new Error("token service is away");
        return provider.authorize(request);
      },
    };
    const items = await readAll(sourceOf(prompts(3)).pipeThrough(completionStream(flaky)));
    expect(items.filter((item) => isFailed(item))).toEqual([]);
    expect(calls).toBe(4);
  });

  it("completionStream takes a burst of throttled requests without a hint for one refusal", async () => {
    await using simulator = await startSimulator({
      faults: ({ sequence }) =>
        sequence > 1 && sequence <= 17 ? { kind: "status", status: 429 } : undefined,
    });
    await run(simulator, prompts(30));
    const { entries } = simulator.ledger;
    const lastRefusal = Math.max(
      ...entries.filter(({ status }) => status === 429).map(({ timeMs }) => timeMs),
    );
    const next = entries.find(
      ({ status, sequence, timeMs }) => status === 200 && sequence > 17 && timeMs > lastRefusal,
    );
    // A second or so. Counted one by one, 16 refusals double the wait until it is minutes.
    expect((next?.timeMs ?? Infinity) - lastRefusal).toBeLessThan(20_000);
  });

  it("completionStream takes an infinite time limit as none", async () => {
    const result = await withFaults(undefined, {
      attemptTimeoutMs: Infinity,
      rowTimeoutMs: Infinity,
      runTimeoutMs: Infinity,
    });
    expect(codes(result)).toEqual([]);
    expect(result.items).toHaveLength(3);
  });

  it("completionStream fails a first row that is too slow for rowTimeoutMs, and answers the others", async () => {
    const result = await withFaults(onRequest(1, { kind: "stall" }), { rowTimeoutMs: 300 });
    expect(result.error).toBeUndefined();
    expect(codes(result)).toEqual(["TIMEOUT"]);
    expect(indexes(result)).toEqual([0, 1, 2]);
  });

  it("completionStream sends the first row alone that can be sent, after rows that cannot", async () => {
    await using simulator = await startSimulator();
    const inputs = [prompted(0, "long ".repeat(40_000)), ...prompts(5).slice(1)];
    const result = await run({ baseUrl: simulator.baseUrl, apiKey: "wrong" }, inputs, {
      limits: { tokensPerMinute: 20_000 },
    });
    expect(result.error).toMatchObject({ code: "AUTHENTICATION" });
    expect(simulator.ledger.received).toBe(2);
  });

  it("completionStream tells in its progress what the model refused", async () => {
    await using simulator = await startSimulator({
      faults: ({ body }) =>
        JSON.stringify(body).includes("seed") ? { kind: "unsupportedParameter", name: "seed" } : undefined,
    });
    const { baseUrl, apiKey } = simulator;
    const stage = completionStream(openai({ model: "sim", baseUrl, apiKey }), { seed: 1 });
    await readAll(sourceOf(prompts(2)).pipeThrough(stage));
    expect(stage.progress().amendments).toEqual(["omit:seed"]);
  });

  it("completionStream lets rows pass that failed in an earlier stage, in their place and without a request", async () => {
    await using simulator = await startSimulator();
    const failure = {
      stage: "template",
      code: "MISSING_VALUE",
      message: "no text",
      attempts: 0,
      usage: { requests: 0, inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, reasoningTokens: 0 },
    } as const;
    const failed: Failed = { index: 1, row: {}, failure };
    const { items } = await run(simulator, [prompted(0), failed, prompted(2)]);
    expect(items[1]).toBe(failed);
    expect(items).toHaveLength(3);
    expect(simulator.ledger.received).toBe(2);
  });

  it.each([
    [{ concurrency: 0 }, "concurrency", "at least 1, got 0"],
    [{ n: 1.5 }, "n", "at least 1, got 1.5"],
    [{ attemptTimeoutMs: -1 }, "attemptTimeoutMs", "above 0, got -1"],
    [{ limits: { requestsPerMinute: Number.NaN } }, "limits.requestsPerMinute", "above 0, got NaN"],
  ])("completionStream refuses the options %j", (options, option, words) => {
    const create = () => completionStream(openai({ model: "m", baseUrl: "http://127.0.0.1:9/v1" }), options);
    expect(create).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", option, message: expect.stringContaining(words) }),
    );
  });

  it("completionStream keeps the key out of errors and failures", async () => {
    const apiKey = "canary-1234567890";
    await using simulator = await startSimulator({
      apiKey,
      faults: ({ sequence }) =>
        sequence === 1
          ? undefined
          : { kind: "status", status: 400, body: { error: { message: `bad ${apiKey}`, code: null } } },
    });
    const { items } = await run(simulator, prompts(2));
    expect(codes({ items, error: undefined })).toEqual(["BAD_REQUEST"]);
    expect(JSON.stringify(items)).not.toContain(apiKey);
  });
});
