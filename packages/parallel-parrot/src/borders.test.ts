import { type Output, type Row } from "@parallel-parrot/core";
import { startSimulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import {
  completionStream,
  createBudget,
  createLimiter,
  csvSink,
  csvSource,
  dedupeStream,
  explodeColumnStream,
  explodeStream,
  fromLanguageModel,
  functionProvider,
  generateData,
  generateText,
  jsonlSource,
  listOf,
  memoryJournal,
  objectOf,
  openai,
  openJournal,
  openSink,
  openSource,
  parseStream,
  pipeline,
  pool,
  promptStream,
  text,
  unnestStream,
  writeFinetuneFiles,
  type Provider,
} from "./index.ts";

/** Options and rows as plain JavaScript gives them, past all types. */
// oxlint-disable-next-line typescript/no-explicit-any -- what the types refuse is what is tested
const plain = (value: unknown): any => value;

const provider = openai({ model: "m", baseUrl: "http://127.0.0.1:9/v1", apiKey: "k" });
const echo = functionProvider({
  name: "echo",
  model: "m",
  complete: ({ messages }) => messages.at(-1)?.content ?? "",
});
const rows = [{ id: 1 }, { id: 2 }, { id: 3 }];
const prompt = "Say ${id}";

let unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
beforeEach(() => {
  unhandled = [];
  process.on("unhandledRejection", note);
});
afterEach(async () => {
  for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", note);
  if (unhandled.length > 0) throw new Error("A rejection was not handled", { cause: unhandled[0] });
});

describe("called from plain JavaScript", () => {
  const base = { provider, prompt };
  const data = { ...base, output: text() };
  it.each<[string, () => unknown, string, string]>([
    [
      "generateText without options",
      () => generateText(rows, plain(undefined)),
      "options",
      "expected an object with",
    ],
    [
      "a misspelt provider",
      () => generateText(rows, plain({ prvider: provider, prompt })),
      "prvider",
      "did you mean provider?",
    ],
    [
      "a misspelt prompt",
      () => generateText(rows, plain({ provider, prompts: prompt })),
      "prompts",
      "did you mean prompt?",
    ],
    ["no provider", () => generateText(rows, plain({ prompt })), "provider", "it is missing"],
    [
      "a provider as text",
      () => generateText(rows, plain({ prompt, provider: "openai/gpt-4.1-mini" })),
      "provider",
      'such as openai({ model: "gpt-4.1-mini" }), got "openai/gpt-4.1-mini"',
    ],
    [
      "a provider not called",
      () => generateText(rows, plain({ prompt, provider: openai })),
      "provider",
      "got a function",
    ],
    ["no prompt", () => generateText(rows, plain({ provider })), "prompt", "it is missing"],
    ["n as text", () => generateText(rows, plain({ ...base, n: "3" })), "n", 'got "3"'],
    [
      "temperature as text",
      () => generateText(rows, plain({ ...base, temperature: "0" })),
      "temperature",
      'a finite number, got "0"',
    ],
    [
      "a temperature that is no number",
      () => generateText(rows, plain({ ...base, temperature: Number.NaN })),
      "temperature",
      "a finite number, got NaN",
    ],
    [
      "a column that is none",
      () => generateText(rows, plain({ ...base, column: 5 })),
      "column",
      "the name of a column, got 5",
    ],
    [
      "a column without a name",
      () => generateText(rows, { ...base, column: "" }),
      "column",
      'the name of a column, got ""',
    ],
    [
      "thoughts without a column",
      () => generateData(rows, { ...base, output: text("answer", { thoughts: "" }) }),
      "thoughts",
      'the name of a column, got ""',
    ],
    [
      "a misspelt limit",
      () => generateText(rows, plain({ ...base, limits: { requestPerMinute: 5 } })),
      "limits.requestPerMinute",
      "did you mean requestsPerMinute?",
    ],
    [
      "a misspelt budget",
      () => generateText(rows, plain({ ...base, budget: { maxCosts: 5 } })),
      "budget.maxCosts",
      "did you mean maxCost?",
    ],
    [
      "a controller for a signal",
      () => generateText(rows, plain({ ...base, signal: new AbortController() })),
      "signal",
      "an AbortSignal",
    ],
    [
      "rows that are no rows",
      () => generateText(plain(["a", "b"]), plain(base)),
      "rows",
      'Cannot use row 1: expected an object of columns, such as { text: "…" }, got "a"',
    ],
    [
      "one row that is none",
      () => generateText(plain([{ id: 1 }, null]), plain(base)),
      "rows",
      "row 2: expected an object of columns",
    ],
    ["rows that are lists", () => generateText(plain([[1]]), plain(base)), "rows", "got a list"],
    ["no rows at all", () => generateText(plain(undefined), plain(base)), "rows", "got undefined"],
    [
      "rows as an object",
      () => generateText(plain({ id: 1 }), plain(base)),
      "rows",
      "expected an array, an iterable or a ReadableStream",
    ],
    [
      "no output",
      () => generateData(rows, plain(base)),
      "output",
      "it is missing; expected text(…), objectOf(…) or listOf(…)",
    ],
    [
      "a schema for an output",
      () => generateData(rows, plain({ ...base, output: z.object({ a: z.string() }) })),
      "output",
      "a schema goes into objectOf(schema) or listOf(schema)",
    ],
    [
      "key names for an output",
      () => generateData(rows, plain({ ...base, output: ["a"] })),
      "output",
      "key names go into objectOf([…])",
    ],
    [
      "a JSON Schema for an output",
      () => generateData(rows, plain({ ...base, output: { type: "object" } })),
      "output",
      "a JSON Schema goes into",
    ],
    [
      "pipeline with a misspelt option",
      () => pipeline(plain({ ...data, keeep: "all" })),
      "keeep",
      "did you mean keep?",
    ],
    [
      "pipeline with a wrong policy",
      () => pipeline(plain({ ...data, onFailure: "ignore" })),
      "onFailure",
      '"drop", "null", "throw" or a function',
    ],
    [
      "promptStream's",
      () => promptStream("x", plain({ checkFirst: true })),
      "checkFirst",
      "promptStream has no such option",
    ],
    [
      "completionStream without a provider",
      () => completionStream(plain(undefined)),
      "provider",
      "it is missing",
    ],
    [
      "completionStream's",
      () => completionStream(provider, plain({ maxToken: 5 })),
      "maxToken",
      "did you mean maxTokens?",
    ],
    ["parseStream without an output", () => parseStream(plain(undefined)), "output", "it is missing"],
    ["parseStream of a schema", () => parseStream(plain(z.object({}))), "output", "a schema goes into"],
    ["explodeStream's", () => explodeStream(plain({ lineages: true })), "lineages", "did you mean lineage?"],
    [
      "explodeColumnStream's",
      () => explodeColumnStream(plain({ columm: "a" })),
      "columm",
      "did you mean column",
    ],
    ["dedupeStream's", () => dedupeStream(plain({ by: "id" })), "by", "a list of texts"],
    ["unnestStream's", () => unnestStream(plain({ seperator: "_" })), "seperator", "did you mean separator?"],
    [
      "csvSource's",
      () => csvSource("x.csv", plain({ delimeter: ";" })),
      "delimeter",
      "did you mean delimiter?",
    ],
    ["jsonlSource without an input", () => jsonlSource(plain(undefined)), "input", "it is missing"],
    ["openSource's input", () => openSource(plain(5)), "input", "got 5"],
    ["csvSink's", () => csvSink("x.csv", plain({ overwirte: true })), "overwirte", "did you mean overwrite?"],
    ["openSink's", () => openSink("x.csv", plain({ colums: [] })), "colums", "did you mean columns?"],
    ["openSink's target", () => openSink(plain({})), "target", "a path, a file URL"],
    [
      "writeFinetuneFiles'",
      () => writeFinetuneFiles(rows, plain({ prompt: "a", completion: "b", out: "x.jsonl" })),
      "out",
      "has no such option",
    ],
    ["createLimiter's", () => createLimiter(plain({ limit: {} })), "limit", "did you mean limits?"],
    [
      "createLimiter's limits",
      () => createLimiter(plain({ limits: { requestsPerMinute: "60" } })),
      "limits.requestsPerMinute",
      'got "60"',
    ],
    ["createBudget's", () => createBudget(plain({ maxCost: "5" })), "budget.maxCost", 'got "5"'],
    ["createBudget without limits", () => createBudget(plain(undefined)), "budget", "expected an object"],
    ["openJournal without a path", () => openJournal(plain(undefined)), "path", "it is missing"],
    [
      "a journal that is none",
      () => generateText(rows, plain({ ...base, journal: {} })),
      "journal",
      "the path of a journal",
    ],
    ["pool of one provider", () => pool(plain(provider)), "members", "a list of providers"],
    ["pool of texts", () => pool(plain(["openai/gpt-4.1-mini"])), "members[0]", "a provider, such as"],
    [
      "pool of a misspelt member",
      () => pool(plain([{ provider, limitss: {} }])),
      "members[0].limitss",
      "did you mean limits or limiter?",
    ],
    [
      "openai of a text",
      () => openai(plain("gpt-4.1-mini")),
      "options",
      "expected an object with model, got a string",
    ],
    ["openai without a model", () => openai(plain({ apiKey: "k" })), "model", "it is missing"],
    ["openai's", () => openai(plain({ model: "m", api_key: "secret" })), "api_key", "did you mean apiKey?"],
    [
      "openai's key",
      () => openai(plain({ model: "m", apiKey: ["secret"] })),
      "apiKey",
      "expected a text, got a list",
    ],
    [
      "functionProvider without a function",
      () => functionProvider(plain({ name: "a", model: "b" })),
      "complete",
      "it is missing",
    ],
    [
      "functionProvider's",
      () => functionProvider(plain({ name: "a", model: "b", complet: () => "" })),
      "complet",
      "did you mean complete?",
    ],
    [
      "fromLanguageModel of a text",
      () => fromLanguageModel(plain("openai/gpt-4.1-mini")),
      "model",
      "a model object of the AI SDK",
    ],
    [
      "text of an object",
      () => text(plain({ column: "a" })),
      "column",
      "the name of a column, got an object",
    ],
    ["objectOf's", () => objectOf(["a"], plain({ naem: "x" })), "naem", "did you mean name?"],
    ["listOf's", () => listOf(["a"], plain({ maxItem: 3 })), "maxItem", "did you mean maxItems?"],
    ["listOf's number", () => listOf(["a"], plain({ maxItems: "3" })), "maxItems", 'got "3"'],
  ])("a call from plain JavaScript refuses %s, and says what is wrong", async (_, call, option, words) => {
    let error: unknown;
    try {
      await call();
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ name: "ParrotError", code: "INVALID_OPTION", option });
    const { message } = error as Error;
    expect(message).toContain(words);
    expect(message).not.toContain("secret");
  });

  it("an error names what a stream gives that is not a row", async () => {
    const mixed: Iterable<{ id: number }> = plain([{ id: 1 }, 7].values());
    const stream = generateText(mixed, { provider: echo, prompt }).rows;
    await expect(Array.fromAsync(stream)).rejects.toMatchObject({
      code: "INVALID_OPTION",
      option: "rows",
      row: 1,
    });
  });

  it("an option that is undefined counts as one that is left out", async () => {
    const options = { provider: echo, prompt, maxTokens: undefined, journal: undefined, keep: undefined };
    expect((await generateText(rows, plain(options))).rows).toHaveLength(3);
  });
});

describe("a stage that is used for a second stream", () => {
  const second = {
    code: "INVALID_OPTION",
    message: expect.stringContaining("for a second stream") as string,
  };

  it("a pipeline that is used for a second stream names itself in the error, running or done", async () => {
    const run = pipeline({ provider: echo, prompt, output: text() });
    const all = Array.fromAsync(ReadableStream.from(rows).pipeThrough(run));
    expect(() => ReadableStream.from(rows).pipeThrough(run)).toThrow(
      expect.objectContaining(second) as Error,
    );
    expect(await all).toHaveLength(3);
    expect(() => ReadableStream.from(rows).pipeThrough(run)).toThrow(
      expect.objectContaining(second) as Error,
    );
  });

  it.each([
    ["promptStream", () => promptStream<Row>("x")],
    ["completionStream", () => completionStream(echo)],
    ["parseStream", () => parseStream(text())],
    ["explodeStream", () => explodeStream()],
    ["dedupeStream", () => dedupeStream()],
  ])("a stage that is used for a second stream names itself in the error, as %s", async (_, create) => {
    const stage = plain(create());
    await Array.fromAsync(ReadableStream.from([]).pipeThrough(stage));
    expect(() => ReadableStream.from([]).pipeThrough(stage)).toThrow(
      expect.objectContaining(second) as Error,
    );
  });

  it("a stream of rows that is read already names itself in the error", async () => {
    const stream = ReadableStream.from(rows);
    const { rows: all } = generateText(stream, { provider: echo, prompt });
    expect(() => generateText(stream, { provider: echo, prompt })).toThrow(
      "the stream is already being read",
    );
    expect(await Array.fromAsync(all)).toHaveLength(3);
  });
});

describe("rows, iterators and functions that throw", () => {
  const error = new Error("no luck");
  const fail = (): never => {
    throw error;
  };
  const trap = (id: number, column: string): object =>
    Object.defineProperty({ id }, column, { enumerable: true, get: fail });

  it("a row whose cell cannot be read fails before it is paid for, and the others go on", async () => {
    const {
      rows: out,
      failures,
      usage,
    } = await generateText([{ id: 1 }, trap(2, "note"), { id: 3 }], {
      provider: echo,
      prompt: plain(prompt),
      onFailure: "null",
    });
    expect(out).toEqual([
      { id: 1, output: "Say 1" },
      { id: 2, note: null, output: null },
      { id: 3, output: "Say 3" },
    ]);
    expect(failures).toMatchObject([
      {
        index: 1,
        failure: {
          stage: "template",
          code: "INVALID_CELL",
          message: 'Cannot use row 2: the cell of column "note" cannot be read: no luck',
        },
      },
    ]);
    expect(usage.requests).toBe(2);
  });

  it.each<[string, ProxyHandler<object>]>([
    ["get", { get: fail }],
    ["ownKeys", { ownKeys: fail }],
    ["getOwnPropertyDescriptor", { getOwnPropertyDescriptor: fail }],
  ])("a row that is a proxy fails where its trap %s throws", async (_, handler) => {
    const { rows: out, failedCount } = await generateText(
      [{ id: 1 }, new Proxy({ id: 2 }, handler), { id: 3 }],
      { provider: echo, prompt: plain(prompt) },
    );
    expect(out).toEqual([
      { id: 1, output: "Say 1" },
      { id: 3, output: "Say 3" },
    ]);
    expect(failedCount).toBe(1);
  });

  it.each<[string, () => Iterable<object> | AsyncIterable<object>]>([
    ["its first row", () => ({ [Symbol.iterator]: () => ({ next: fail }) })],
    [
      "a later row",
      function* () {
        yield { id: 1 };
        fail();
      },
    ],
    [
      "a later row, asynchronously",
      async function* () {
        yield { id: 1 };
        await new Promise((resolve) => setImmediate(resolve));
        fail();
      },
    ],
    ["a rejection", () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) })],
  ])(
    "a stream whose iterator throws at %s ends with that error, after the requests in flight",
    async (_, create) => {
      const run = generateText(create(), { provider: echo, prompt: plain(prompt) });
      await expect(Array.fromAsync(run.rows)).rejects.toBe(error);
      expect(run.stopped).toBe(error);
    },
  );

  it("a call throws where the function that makes the iterator of its rows throws", () => {
    expect(() => generateText(plain({ [Symbol.iterator]: fail }), { provider: echo, prompt })).toThrow(error);
  });

  it("cancelling the rows rejects with what the return of their iterator throws", async () => {
    const endless = { next: () => ({ done: false, value: { id: 1 } }), return: fail };
    const endlessRows: Iterable<{ id: number }> = { [Symbol.iterator]: () => endless };
    const run = generateText(endlessRows, { provider: echo, prompt });
    const reader = run.rows.getReader();
    await reader.read();
    // Whether a runtime tells of it is the runtime's affair.
    const [outcome] = await Promise.allSettled([reader.cancel()]);
    expect([undefined, error]).toContain(outcome.status === "rejected" ? outcome.reason : outcome.value);
  });

  it("the run of an array ends with what onFailure throws, after the requests in flight, wherever the row is", async () => {
    for (const bad of [0, 1, 2]) {
      const broken = generateText(rows, {
        provider: echo,
        prompt: ({ id }) => (id === bad + 1 ? fail() : String(id)),
        onFailure: fail,
      });
      await expect(broken).rejects.toBe(error);
      const stream = generateText(rows.values(), {
        provider: echo,
        prompt: ({ id }) => (id === bad + 1 ? fail() : String(id)),
        onFailure: fail,
      });
      await expect(Array.fromAsync(stream.rows)).rejects.toBe(error);
    }
  });

  it("a run with onFailure throw ends at a failed row, also where it is the last row", async () => {
    const stream = generateText(rows.values(), {
      provider: echo,
      prompt: ({ id }) => (id === 3 ? fail() : String(id)),
      onFailure: "throw",
    });
    await expect(Array.fromAsync(stream.rows)).rejects.toMatchObject({ code: "ROW_FAILED", row: 2 });
  });

  it.each<[string, (choice: { text: string }) => unknown]>([
    [
      "throws",
      ({ text: said }) => (said === "Say 2" ? fail() : { ok: true, outputs: [{ said }], warnings: [] }),
    ],
    [
      "rejects",
      async ({ text: said }) => (said === "Say 2" ? fail() : { ok: true, outputs: [{ said }], warnings: [] }),
    ],
  ])("a row over which a custom output %s fails, and is not asked again", async (_, read) => {
    const output: Output = { shape: { type: "text" }, columns: ["said"], read: plain(read) };
    const { rows: out, failures, usage } = await generateData(rows, { provider: echo, prompt, output });
    expect(out).toEqual([
      { id: 1, said: "Say 1" },
      { id: 3, said: "Say 3" },
    ]);
    expect(failures).toMatchObject([
      { index: 1, failure: { stage: "parse", code: "STAGE_FAILED", answer: "Say 2" } },
    ]);
    expect(usage.requests).toBe(3);
  });

  it.each<[string, (body: string) => Partial<Provider>]>([
    [
      "build the request",
      (body) => ({
        buildRequest: (call, amendments) =>
          call.prompt.messages[0]?.content === body ? fail() : echo.buildRequest(call, amendments),
      }),
    ],
    [
      "read the response",
      (body) => ({
        readResponse: (response, amendments) =>
          response.body.includes(body) ? fail() : echo.readResponse(response, amendments),
      }),
    ],
  ])("a row of which a provider cannot %s fails alone", async (_, change) => {
    const broken: Provider = { ...echo, ...change("Say 2") };
    const { rows: out, failures } = await generateText(rows, {
      provider: broken,
      prompt,
      journal: memoryJournal(),
    });
    expect(out).toHaveLength(2);
    expect(failures).toMatchObject([{ index: 1, failure: { stage: "transport", code: "STAGE_FAILED" } }]);
  });

  it.each(["begin", "find", "append", "claim", "release", "settle", "end"] as const)(
    "a journal of one's own that throws at %s ends the run, which never hangs",
    async (method) => {
      const isAsync = method === "begin" || method === "append" || method === "end";
      for (const thrown of isAsync ? [fail, () => Promise.reject(error)] : [fail]) {
        const journal = memoryJournal();
        const begin = journal.begin.bind(journal);
        const broken = {
          ...journal,
          begin: async (options?: Parameters<typeof begin>[0]) => {
            if (method === "begin") return thrown();
            return { ...(await begin(options)), [method]: thrown };
          },
        };
        const [outcome] = await Promise.allSettled([
          generateText(rows, { provider: echo, prompt, journal: plain(broken) }),
        ]);
        // What the journal says at the end of a run is not worth an error: every answer is there.
        expect(outcome.status === "rejected" ? outcome.reason : method).toBe(
          outcome.status === "rejected" ? error : "end",
        );
      }
    },
  );

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a number", 7],
    ["a list", ["x"]],
    ["an object without text", { content: "x" }],
    ["an object whose text is none", { text: 7 }],
  ])("the error says what a function gave in place of an answer: %s", async (_, given) => {
    const broken = functionProvider({ name: "mine", model: "m", complete: () => plain(given) });
    await expect(generateText(rows, { provider: broken, prompt, maxAttempts: 1 })).rejects.toMatchObject({
      code: "SETUP_FAILED",
      message: expect.stringMatching(
        /mine, model m\): the function complete returned .*; expected a text/,
      ) as string,
    });
  });

  it("requests in flight over HTTP are finished when a row in the middle cannot be read", async () => {
    await using simulator = await startSimulator({ latency: { kind: "fixed", ms: 10 } });
    const { baseUrl, apiKey } = simulator;
    const server = openai({ model: "sim", baseUrl, apiKey });
    const { rows: out, failedCount } = await generateText([{ id: 1 }, trap(2, "x"), { id: 3 }], {
      provider: server,
      prompt: plain(prompt),
    });
    expect([out.length, failedCount]).toEqual([2, 1]);
  });
});
