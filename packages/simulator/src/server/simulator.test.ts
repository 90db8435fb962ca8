import { execFile } from "node:child_process";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { WASHINGTON } from "../../fixtures/articles.ts";
import { answer, chat, complete, failureCode, post, refusal, until } from "../../fixtures/client.ts";
import {
  openaiDialect,
  startSimulator,
  type Fault,
  type Simulator,
  type SimulatorOptions,
} from "../index.ts";

async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator(options);
  onTestFinished(() => simulator.close());
  return simulator;
}

describe("startSimulator", () => {
  it("the simulator answers in the form of the OpenAI API", async () => {
    const simulator = await start();
    expect(simulator.baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
    const response = await post(simulator, chat("Summarize: The sea is blue."));
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.json()).toMatchObject({
      object: "chat.completion",
      model: "test-model",
      choices: [
        { index: 0, message: { role: "assistant", content: "The sea is blue." }, finish_reason: "stop" },
      ],
      usage: { prompt_tokens: 14, completion_tokens: 4, total_tokens: 18 },
    });
  });

  it("the simulator answers the same body with the same bytes, whatever the seed and the requests before", async () => {
    const body = chat(
      `Write questions and answers as JSON with the keys "question" and "answer":\n\n${WASHINGTON}`,
      { n: 3 },
    );
    const first = await start({ seed: 1 });
    const second = await start({ seed: 2 });
    const text = await (await post(first, body)).text();
    await post(second, chat("Something else."));
    expect(await (await post(second, body)).text()).toBe(text);
    expect(await (await post(second, body)).text()).toBe(text);
  });

  it("the simulator varies the choices of one request, and the answers to repeats only with varyRepeats", async () => {
    const body = chat(`Summarize:\n\n${WASHINGTON}`, { n: 3 });
    const { choices, usage } = await complete(await start(), body);
    const texts = choices.map(({ message }) => message.content);
    expect(new Set(texts).size).toBe(3);
    expect(usage.completion_tokens).toBe(
      texts.reduce((sum, text) => sum + Math.ceil((text ?? "").length / 4), 0),
    );

    const varying = await start({ varyRepeats: true });
    const once = chat(`Summarize:\n\n${WASHINGTON}`);
    const [one, two] = [await answer(varying, once), await answer(varying, once)];
    expect([one, two]).toEqual(texts.slice(0, 2));
  });

  it("the simulator cuts an answer at the token limit", async () => {
    const simulator = await start();
    for (const parameter of ["max_tokens", "max_completion_tokens"]) {
      const { choices, usage } = await complete(
        simulator,
        chat(`Summarize:\n\n${WASHINGTON}`, { [parameter]: 5 }),
      );
      expect(choices[0]).toMatchObject({
        message: { content: "George Washington wa" },
        finish_reason: "length",
      });
      expect(usage.completion_tokens).toBe(5);
    }
  });

  it("the simulator ends an answer at a stop text", async () => {
    const body = chat(`Summarize:\n\n${WASHINGTON}`, { stop: [" was", "never there"] });
    const { choices } = await complete(await start(), body);
    expect(choices[0]).toMatchObject({ message: { content: "George Washington" }, finish_reason: "stop" });
  });

  it("the simulator accepts only the right key, and never shows it", async () => {
    const simulator = await start({ apiKey: "CANARY-1234" });
    const wrong = await refusal(
      post(simulator, chat("Hello"), { headers: { authorization: "Bearer wrong-key" } }),
    );
    expect(wrong).toMatchObject({ status: 401, type: "invalid_request_error", code: "invalid_api_key" });
    const missing = await fetch(`${simulator.baseUrl}/chat/completions`, { method: "POST", body: "{}" });
    expect(await refusal(missing)).toMatchObject({ status: 401, code: "invalid_api_key" });
    await complete(simulator, chat("Hello"));
    expect(simulator.ledger.entries.map(({ keyIsRight }) => keyIsRight)).toEqual([false, false, true]);
    expect(JSON.stringify(simulator.ledger.entries)).not.toMatch(/CANARY|wrong-key/);
    expect(JSON.stringify(wrong)).not.toContain("wrong-key");
  });

  it("the simulator refuses models that are not among its models", async () => {
    const simulator = await start({ models: ["small", "test-model"] });
    await complete(simulator, chat("Hello"));
    const unknown = await refusal(post(simulator, { ...chat("Hello"), model: "huge" }));
    expect(unknown).toMatchObject({ status: 404, code: "model_not_found" });
    expect(unknown.message).toContain("`huge`");
    const list = await fetch(`${simulator.baseUrl}/models`, { headers: { authorization: "Bearer sim-key" } });
    expect(await list.json()).toMatchObject({ data: [{ id: "small" }, { id: "test-model" }] });
  });

  it("the simulator answers 404 at unknown paths, with a key or without", async () => {
    const simulator = await start();
    expect(await refusal(fetch(`${simulator.baseUrl}/nothing`))).toMatchObject({
      status: 404,
      message: "Invalid URL (GET /v1/nothing)",
    });
  });

  it.each(["/v1/nothing", "/", "//", "/v1/chat/completions?x=1&x=%zz"])(
    "the simulator answers the path %s in the form of the API",
    async (path) => {
      const simulator = await start();
      const { port } = new URL(simulator.baseUrl);
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        headers: { authorization: "Bearer sim-key" },
      });
      expect(await refusal(response)).toMatchObject({ status: 404, type: "invalid_request_error" });
    },
  );

  it("the simulator refuses a prompt beyond the context", async () => {
    const simulator = await start({ contextTokens: 20 });
    await complete(simulator, chat("x".repeat(48)));
    const tooLong = await refusal(post(simulator, chat("x".repeat(60))));
    expect(tooLong).toMatchObject({ status: 400, code: "context_length_exceeded" });
    expect(tooLong.message).toContain(
      "maximum context length is 20 tokens. However, your messages resulted in 22 tokens",
    );
    const withAnswer = await refusal(post(simulator, chat("x".repeat(48), { max_tokens: 2 })));
    expect(withAnswer.message).toContain("you requested 21 tokens (19 in the messages, 2 in the completion)");
  });

  it("the simulator refuses a body above the limit of its size, and accepts one at the limit", async () => {
    const simulator = await start();
    const body = JSON.stringify(chat("x"));
    const limit = 25 * 2 ** 20;
    const padded = (bytes: number) => body + " ".repeat(bytes - body.length);
    expect(await refusal(post(simulator, padded(limit + 1)))).toMatchObject({ status: 413 });
    expect((await post(simulator, padded(limit))).status).toBe(200);
    const small = await start({ maxBodyBytes: 10 });
    expect(await refusal(post(small, body))).toMatchObject({ status: 413 });
  });

  it("the simulator answers with the caller's own texts", async () => {
    const simulator = await start({
      answer: ({ messages }, choice) =>
        messages[0]?.parts[0] === "Scripted" ? `Answer ${choice}` : undefined,
    });
    const { choices } = await complete(simulator, chat("Scripted", { n: 2 }));
    expect(choices.map(({ message }) => message.content)).toEqual(["Answer 0", "Answer 1"]);
    expect(await answer(simulator, chat("Made up."))).toBe("Made up.");
  });

  it("the simulator speaks another dialect at its root", async () => {
    const simulator = await start({
      dialect: {
        ...openaiDialect,
        basePath: "/api",
        matchRoute: ({ path }) =>
          path === "/api/ask" ? { kind: "completion", model: "from-path" } : undefined,
        readKey: (headers, query) => query.get("key") ?? String(headers["x-api-key"]),
        readRequest: (body, { model = "" }) => ({
          request: {
            model,
            messages: [{ role: "user", parts: [String(body)] }],
            n: 1,
            stop: [],
            shape: { type: "text" },
            params: {},
          },
        }),
        writeAnswer: ({ choices, model }) => ({
          status: 201,
          headers: { "x-model": model },
          body: choices[0]?.text,
        }),
        writeError: ({ kind }) => ({ status: 418, headers: {}, body: { kind } }),
      },
    });
    expect(simulator.baseUrl).toMatch(/\/api$/);
    const response = await fetch(`${simulator.baseUrl}/ask?key=sim-key`, {
      method: "POST",
      body: '"The sea."',
    });
    expect([response.status, response.headers.get("x-model"), await response.text()]).toEqual([
      201,
      "from-path",
      "The sea.",
    ]);
    const lost = await fetch(`${simulator.baseUrl}/lost?key=sim-key`);
    expect([lost.status, await lost.json()]).toEqual([418, { kind: "pathNotFound" }]);
    const noKey = await fetch(`${simulator.baseUrl}/ask`, { method: "POST", body: "1" });
    expect(await noKey.json()).toEqual({ kind: "auth" });
    expect(JSON.stringify(simulator.ledger.entries)).not.toContain("sim-key");
  });

  it.each<[string, SimulatorOptions]>([
    ["limits.windowMs", { limits: { windowMs: 0 } }],
    ["limits.requestsPerMinute", { limits: { requestsPerMinute: -1 } }],
    ["limits.tokensPerMinute", { limits: { tokensPerMinute: Number.NaN } }],
    ["latency.ms", { latency: { kind: "fixed", ms: -1 } }],
    ["latency.p99Ms", { latency: { kind: "lognormal", medianMs: 10, p99Ms: 5 } }],
    ["latency.msPerToken", { latency: { kind: "perToken", baseMs: 1, msPerToken: -1 } }],
    ["timeScale", { timeScale: -1 }],
    ["contextTokens", { contextTokens: 0 }],
    ["maxBodyBytes", { maxBodyBytes: 0 }],
    ["ledgerLimit", { ledgerLimit: 0 }],
  ])("startSimulator throws if the option %s is out of its range", async (option, options) => {
    await expect(startSimulator(options)).rejects.toThrow(RangeError);
    await expect(startSimulator(options)).rejects.toThrow(`${option} must be`);
  });

  it("the simulator listens on a given port, and fails if the port is taken", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.once("listening", resolve));
    const { port } = taken.address() as { port: number };
    expect(await failureCode(startSimulator({ port }))).toBe("EADDRINUSE");
    await new Promise((resolve) => taken.close(resolve));
    const simulator = await start({ port });
    expect(simulator.baseUrl).toBe(`http://127.0.0.1:${port}/v1`);
  });
});

describe("latency and order", () => {
  it("the simulator answers requests with a longer latency later", async () => {
    const simulator = await start({
      faults: ({ body }) => ({ kind: "delay", ms: JSON.stringify(body).includes("slow") ? 40_000 : 0 }),
      timeScale: 0.005,
    });
    const order: string[] = [];
    const ask = async (word: string) => order.push(await answer(simulator, chat(word)));
    await Promise.all([ask("A slow one."), ask("A fast one.")]);
    expect(order).toEqual(["A fast one.", "A slow one."]);
  });

  it("the simulator has a longer latency for more tokens", async () => {
    const simulator = await start({
      latency: { kind: "perToken", baseMs: 1000, msPerToken: 2000 },
      timeScale: 0.001,
    });
    const order: string[] = [];
    const ask = async (body: Record<string, unknown>, name: string) => {
      await complete(simulator, body);
      order.push(name);
    };
    await Promise.all([ask(chat("x".repeat(190), { n: 4 }), "long"), ask(chat("x"), "short")]);
    expect(order).toEqual(["short", "long"]);
  });
});

describe("the simulator's ledger", () => {
  it("the simulator's ledger has the requests that were received and their outcome", async () => {
    const simulator = await start({ faults: [{ kind: "status", status: 500 }] });
    await post(simulator, chat("Hello"));
    await complete(simulator, chat("Hello"));
    await complete(simulator, chat("Goodbye"));
    await until(() => simulator.stats().inFlight === 0);
    const [failed, answered] = simulator.ledger.entries;
    expect(failed).toMatchObject({
      sequence: 1,
      attempt: 1,
      status: 500,
      fault: "status",
      tokensCharged: 0,
      keyIsRight: true,
    });
    expect(answered).toMatchObject({
      sequence: 2,
      attempt: 2,
      method: "POST",
      path: "/v1/chat/completions",
      model: "test-model",
      body: chat("Hello"),
      status: 200,
      fault: undefined,
      tokensCharged: 11,
      inFlight: 1,
      cutShort: false,
    });
    expect(answered?.bodyHash).toMatch(/^[\da-f]{64}$/);
    expect(answered?.timeMs).toBeGreaterThan(failed?.timeMs ?? Infinity);
    expect(answered?.endedMs).toBeGreaterThanOrEqual(answered?.timeMs ?? Infinity);
    expect(simulator.ledger.answered().map(({ sequence }) => sequence)).toEqual([2, 3]);
    expect([...simulator.ledger.byBody().values()].map((same) => same.length)).toEqual([2, 1]);
  });

  it("the simulator's ledger counts the requests in flight", async () => {
    const simulator = await start({ latency: { kind: "fixed", ms: 20 } });
    await Promise.all([1, 2, 3, 4].map((number) => complete(simulator, chat(`Row ${number}`))));
    expect(simulator.ledger.entries.map(({ inFlight }) => inFlight)).toEqual([1, 2, 3, 4]);
    expect(simulator.ledger.maxInFlight).toBe(4);
    await until(() => simulator.stats().inFlight === 0);
    expect(simulator.stats()).toMatchObject({
      requests: 4,
      answered: 4,
      maxInFlight: 4,
      byStatus: { 200: 4 },
    });
  });

  it("the simulator's ledger drops the oldest entries and keeps the counts", async () => {
    const simulator = await start({ ledgerLimit: 3 });
    for (let number = 1; number <= 40; number++) await complete(simulator, chat(`Row ${number}`));
    expect(simulator.ledger.entries.map(({ sequence }) => sequence)).toEqual([38, 39, 40]);
    expect(simulator.ledger.received).toBe(40);
    expect(simulator.stats()).toMatchObject({ requests: 40, answered: 40 });
  });

  it("the simulator's ledger keeps only counts with the option counts", async () => {
    const simulator = await start({ ledger: "counts" });
    await complete(simulator, chat("Hello"));
    await complete(simulator, chat("Hello"));
    expect(simulator.ledger.entries).toEqual([]);
    expect(simulator.ledger.received).toBe(2);
    expect(simulator.stats()).toMatchObject({ requests: 2, answered: 2, inputTokens: 18, outputTokens: 4 });
  });

  it("the simulator's ledger forgets all requests at a reset", async () => {
    const simulator = await start({
      limits: { requestsPerMinute: 1 },
      faults: ({ attempt }) => (attempt > 1 ? { kind: "html" } : undefined),
    });
    await complete(simulator, chat("Hello"));
    expect((await post(simulator, chat("Other"))).status).toBe(429);
    simulator.reset();
    expect(simulator.stats()).toMatchObject({
      requests: 0,
      answered: 0,
      refused429: 0,
      byStatus: {},
      inputTokens: 0,
      connections: 0,
    });
    await complete(simulator, chat("Hello"));
    expect(simulator.ledger.entries).toMatchObject([{ sequence: 1, attempt: 1, status: 200 }]);
  });

  it("the simulator's ledger notes a client that hangs up", async () => {
    const simulator = await start({ faults: () => ({ kind: "stall" }) });
    const abort = new AbortController();
    const request = failureCode(post(simulator, chat("Hello"), { signal: abort.signal }));
    await until(() => simulator.stats().inFlight === 1);
    abort.abort();
    await request;
    await until(() => simulator.stats().inFlight === 0);
    expect(simulator.ledger.entries).toMatchObject([{ status: undefined, fault: "stall", cutShort: true }]);
  });
});

describe("setReachable", () => {
  it("setReachable refuses connections on the same port until the simulator is reachable again, and keeps the ledger", async () => {
    const simulator = await start({ faults: [{ kind: "stall" }] });
    const cut = failureCode(post(simulator, chat("Hello")));
    await until(() => simulator.stats().inFlight === 1);
    await simulator.setReachable(false);
    expect(await cut).not.toBe("none");
    expect(await failureCode(post(simulator, chat("Hello")))).toBe("ECONNREFUSED");
    await simulator.setReachable(true);
    await simulator.setReachable(true);
    await complete(simulator, chat("Hello"));
    expect(simulator.ledger.entries.map(({ status }) => status)).toEqual([undefined, 200]);
    await simulator.setReachable(false);
  });
});

describe("close", () => {
  it("closing the simulator leaves nothing open that would keep the process alive, whatever is in progress", async () => {
    const script = fileURLToPath(new URL("../../fixtures/close-while-busy.ts", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 100_000 });
    expect(stdout).toBe("closed with 1 answered\n");
  });

  it("closing the simulator cuts requests in progress and stops listening", async () => {
    const simulator = await startSimulator({ faults: () => ({ kind: "stall" }) });
    const request = failureCode(post(simulator, chat("Hello")));
    await until(() => simulator.stats().inFlight === 1);
    const closed = simulator.close();
    expect(simulator.close()).toBe(closed);
    await closed;
    expect(await request).not.toBe("none");
    expect(await failureCode(post(simulator, chat("Too late.")))).toBe("ECONNREFUSED");
    await until(() => simulator.stats().inFlight === 0);
  });

  it("closing the simulator works with clients that hang up at any time", async () => {
    const kinds: Fault[] = [
      { kind: "drip", everyMs: 1 },
      { kind: "delay", ms: 3 },
      { kind: "hugeBody", bytes: 500_000 },
      { kind: "stall" },
      { kind: "gzipBomb" },
      { kind: "truncate" },
    ];
    const simulator = await start({ faults: ({ sequence }) => kinds[sequence % 8] });
    const hangUp = async (number: number) => {
      const abort = new AbortController();
      setTimeout(() => abort.abort(), 2 + (number % 15));
      const body = chat("x".repeat(number * 1000));
      await failureCode(post(simulator, body, { signal: abort.signal }).then((response) => response.text()));
    };
    for (let round = 0; round < 30; round++)
      await Promise.all(Array.from({ length: 8 }, (_, number) => hangUp(round * 8 + number)));
    await until(() => simulator.stats().inFlight === 0);
    const kindsSeen = Object.keys(simulator.stats().byFault);
    expect(kindsSeen.toSorted()).toEqual(["delay", "drip", "gzipBomb", "hugeBody", "stall", "truncate"]);
    expect(simulator.ledger.entries.some(({ cutShort }) => cutShort)).toBe(true);
  });

  it("the simulator is closed at the end of an await using block", async () => {
    let url = "";
    {
      await using simulator = await startSimulator();
      url = simulator.baseUrl;
      await complete(simulator, chat("Hello"));
    }
    expect(await failureCode(fetch(url))).toBe("ECONNREFUSED");
  });
});
