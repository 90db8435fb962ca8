import {
  atRate,
  firstOf,
  startSimulator,
  type Simulator,
  type SimulatorOptions,
} from "@parallel-parrot/simulator";
import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import {
  deepseek,
  functionProvider,
  generateData,
  generateText,
  listOf,
  memoryJournal,
  objectOf,
  openai,
  pipeline,
  pool,
  prompts,
  text,
  type Failed,
  type Journal,
  type Provider,
  type Row,
} from "../index.ts";

const reviews = [
  { product: "Kettle", review: "I love it. It is excellent and quick." },
  { product: "Tent", review: "It leaked. A terrible, disappointing tent." },
];

const articles = [
  {
    name: "George Washington",
    text: "George Washington was the first president of the United States. He was born in 1732 in Virginia.",
  },
  {
    name: "John Adams",
    text: "John Adams was the second president of the United States. He was born in 1735 in Massachusetts.",
  },
];

function providerOf({ baseUrl, apiKey }: Simulator): Provider {
  return openai({ model: "sim", baseUrl, apiKey });
}

async function withSimulator<T>(
  use: (provider: Provider, simulator: Simulator) => Promise<T>,
  options: SimulatorOptions = {},
): Promise<T> {
  await using simulator = await startSimulator(options);
  return await use(providerOf(simulator), simulator);
}

describe("generateData", () => {
  it.each([
    ["an answer", "<think>I guess it is fine.</think>\nfine", [{ role: "assistant", content: "fine" }]],
    ["no answer", "<think>I guess it is fine.</think>", []],
  ])("generateData asks again without the thoughts of the model, after %s", async (_, first, shown) => {
    const answers = [first, '{"label":"good"}'];
    await withSimulator(
      async (provider, simulator) => {
        const { rows } = await generateData(reviews.slice(0, 1), {
          provider,
          output: objectOf(["label"]),
          prompt: "Judge: ${review}",
        });
        expect(rows).toMatchObject([{ product: "Kettle", label: "good" }]);
        const again = z
          .object({ messages: z.array(z.object({ role: z.string(), content: z.string() })) })
          .parse(simulator.ledger.entries[1]?.body);
        expect(JSON.stringify(again)).not.toContain("I guess");
        expect(again.messages.filter(({ role }) => role === "assistant")).toEqual(shown);
      },
      { answer: () => answers.shift() ?? "none" },
    );
  });
});

describe("generateText", () => {
  it("generateText keeps the thoughts of the model out of the answers, and in a column where one is named", async () => {
    const provider = functionProvider({
      name: "thinker",
      model: "m",
      complete: () => "<think>It leaked.</think>negative",
    });
    const options = { provider, prompt: "Sentiment of: ${review}", column: "sentiment" } as const;
    const plain = await generateText(reviews, options);
    expectTypeOf(plain.rows).toEqualTypeOf<{ product: string; review: string; sentiment: string }[]>();
    expect(plain.rows.map(({ sentiment }) => sentiment)).toEqual(["negative", "negative"]);
    const { rows } = await generateText(reviews, { ...options, thoughts: "why" });
    expectTypeOf(rows).toEqualTypeOf<
      { product: string; review: string; sentiment: string; why: string | null }[]
    >();
    expect(rows[1]).toEqual({ ...reviews[1], sentiment: "negative", why: "It leaked." });
  });

  it("generateText gives each of equal rows an answer of its own, or one answer to all of them with askEqualOnce", async () => {
    let answers = 0;
    await withSimulator(
      async (provider) => {
        const rows = Array.from({ length: 20 }, () => ({ seed: "bread" }));
        const distinct = async (options: { journal?: Journal; askEqualOnce?: boolean }): Promise<unknown> => {
          const run = await generateText(rows, { provider, prompt: "About ${seed}", ...options });
          const { equal, reused, shared } = run;
          return { texts: new Set(run.rows.map(({ output }) => output)).size, equal, reused, shared };
        };
        const journal = memoryJournal();
        expect(await distinct({})).toEqual({ texts: 20, equal: 19, reused: 0, shared: 0 });
        expect(await distinct({ journal })).toEqual({ texts: 20, equal: 19, reused: 0, shared: 0 });
        expect(await distinct({ journal })).toEqual({ texts: 20, equal: 19, reused: 20, shared: 0 });
        const shared = { texts: 1, equal: 19, reused: 1, shared: 19 };
        expect(await distinct({ journal, askEqualOnce: true })).toEqual(shared);
        expect(await distinct({ askEqualOnce: true })).toEqual({ ...shared, reused: 0 });
        expect(answers).toBe(41);
      },
      { answer: () => `answer ${(answers += 1)}` },
    );
  });

  it("generateText tells of a pool's member that refuses its key, and goes on with the others", async () => {
    await withSimulator(async (provider, { baseUrl }) => {
      const wrong = openai({ model: "sim", baseUrl, apiKey: "wrong-key-0123" });
      const { rows, members, failedCount } = await generateText(reviews, {
        provider: pool([{ provider: wrong, name: "old key" }, provider]),
        prompt: "Summarise: ${review}",
      });
      expect([rows.length, failedCount]).toEqual([2, 0]);
      expect(members).toMatchObject([
        { name: "old key", state: "gone", reason: expect.stringContaining("401") },
        { name: "openai 2", state: "active", answered: 2 },
      ]);
      expect(JSON.stringify(members)).not.toContain("wrong-key");
    });
  });

  it("generateText adds a column to each row of an array", async () => {
    await withSimulator(async (provider, simulator) => {
      const { rows, usage, failures, failedCount } = await generateText(reviews, {
        provider,
        prompt: prompts.sentiment({ column: "review" }),
        column: "sentiment",
      });
      expect(rows.map(({ product, sentiment }) => [product, sentiment.toLowerCase()])).toEqual([
        ["Kettle", "positive"],
        ["Tent", "negative"],
      ]);
      expectTypeOf(rows).toEqualTypeOf<{ product: string; review: string; sentiment: string }[]>();
      expect(usage.requests).toBe(2);
      expect(usage.inputTokens).toBe(simulator.stats().inputTokens);
      expect(usage.outputTokens).toBe(simulator.stats().outputTokens);
      expect(failures).toEqual([]);
      expect(failedCount).toBe(0);
    });
  });

  it("generateText calls the column of the answers output where no name is given", async () => {
    await withSimulator(async (provider) => {
      const { rows } = await generateText(reviews, { provider, prompt: "Summarise: ${review}" });
      expect(Object.keys(rows[0] ?? {})).toEqual(["product", "review", "output"]);
      expectTypeOf(rows).toEqualTypeOf<{ product: string; review: string; output: string }[]>();
    });
  });

  it("generateText merges equal choices and keeps others, in order", async () => {
    await withSimulator(
      async (provider) => {
        const { rows } = await generateText([{ id: 1 }], {
          provider,
          prompt: "Say something about ${id}",
          n: 4,
        });
        expect(rows).toEqual([
          { id: 1, output: "b" },
          { id: 1, output: "a" },
        ]);
      },
      { answer: (_, choice) => (choice % 2 === 0 ? "b" : "a") },
    );
  });

  it("generateText gives a stream for an iterable and for a stream, with a live report", async () => {
    await withSimulator(async (provider) => {
      function* words(): Generator<{ word: string }> {
        yield { word: "one" };
        yield { word: "two" };
      }
      const options = { provider, prompt: "Use ${word} in a sentence", column: "sentence" } as const;
      const run = generateText(words(), options);
      expectTypeOf(run.rows).toEqualTypeOf<ReadableStream<{ word: string; sentence: string }>>();
      expect(run.usage.requests).toBe(0);
      const rows = await Array.fromAsync(run.rows);
      expect(rows.map(({ word }) => word)).toEqual(["one", "two"]);
      expect(run.usage.requests).toBe(2);

      const fromStream = generateText(ReadableStream.from(words()), options);
      expect(await Array.fromAsync(fromStream.rows)).toEqual(rows);
    });
  });

  it("generateText keeps failed rows apart, each with its code, and answers the others", async () => {
    await withSimulator(
      async (provider) => {
        const { rows, failures, failedCount, usage } = await generateText(
          [...reviews, { product: "Lamp", review: "BAD" }],
          { provider, prompt: "Summarise: ${review}", maxAttempts: 1 },
        );
        expect(rows).toHaveLength(2);
        expect(failedCount).toBe(1);
        expect(failures).toMatchObject([
          { index: 2, row: { product: "Lamp" }, failure: { code: "BAD_REQUEST", stage: "transport" } },
        ]);
        expectTypeOf(failures).toEqualTypeOf<readonly Failed<{ product: string; review: string }>[]>();
        expect(usage.requests).toBe(3);
      },
      {
        faults: ({ body }) =>
          JSON.stringify(body).includes("BAD") ? { kind: "status", status: 400 } : undefined,
      },
    );
  });

  it("generateText keeps a failed row with nulls, or stops the run, as onFailure says", async () => {
    await withSimulator(
      async (provider) => {
        const rows = [...reviews, { product: "Lamp", review: "BAD" }];
        const kept = await generateText(rows, {
          provider,
          prompt: "Summarise: ${review}",
          column: "summary",
          onFailure: "null",
        });
        expect(kept.rows[2]).toEqual({ product: "Lamp", review: "BAD", summary: null });
        expectTypeOf(kept.rows[0]?.summary).toEqualTypeOf<string | null | undefined>();
        expect(kept.failedCount).toBe(1);
        await expect(
          generateText(rows, { provider, prompt: "Summarise: ${review}", onFailure: "throw" }),
        ).rejects.toMatchObject({ code: "ROW_FAILED", row: 2 });
      },
      {
        faults: ({ body }) =>
          JSON.stringify(body).includes("BAD") ? { kind: "status", status: 400 } : undefined,
      },
    );
  });

  it("generateText fails before anything is sent when the rows lack a column of the prompt", async () => {
    await withSimulator(async (provider, simulator) => {
      const failing = generateText<Row>(reviews, { provider, prompt: "Summarise: ${reviw}" });
      await expect(failing).rejects.toMatchObject({
        code: "MISSING_COLUMN",
        message: expect.stringContaining('did you mean "review"'),
      });
      expect(simulator.ledger.received).toBe(0);
    });
  });

  it("generateText keeps what was paid for when the run has to stop", async () => {
    await withSimulator(
      async (provider) => {
        const many = Array.from({ length: 30 }, (_, id) => ({ id }));
        const options = { provider, prompt: "Say something about ${id}", concurrency: 3 } as const;
        await expect(generateText(many, options)).rejects.toMatchObject({
          code: "NO_CREDIT",
          message: expect.stringContaining("20 rows were finished before"),
          finished: Array.from({ length: 20 }, (_, id) => ({ id, output: expect.any(String) })),
        });
      },
      { faults: ({ sequence }) => (sequence > 20 ? { kind: "noCredit" } : undefined) },
    );
    await withSimulator(
      async (provider) => {
        const many = Array.from({ length: 30 }, (_, id) => ({ id }));
        const { rows, stopped } = await generateText(many, {
          provider,
          prompt: "Say something about ${id}",
          onStop: "close",
          concurrency: 3,
        });
        expect(rows).toHaveLength(20);
        expect(stopped).toMatchObject({ code: "NO_CREDIT" });
      },
      { faults: ({ sequence }) => (sequence > 20 ? { kind: "noCredit" } : undefined) },
    );
  });

  it("generateText finishes what is in flight when the source fails, then passes its error on", async () => {
    await withSimulator(
      async (provider, simulator) => {
        const error = new Error("the file broke off");
        async function* broken(): AsyncGenerator<{ id: number }> {
          for (let id = 0; id < 12; id++) yield { id };
          while (simulator.ledger.received < 12) await new Promise((resolve) => setTimeout(resolve, 2));
          throw error;
        }
        const run = generateText(broken(), { provider, prompt: "Say something about ${id}" });
        const rows: unknown[] = [];
        const reading = async (): Promise<void> => {
          for await (const row of run.rows) rows.push(row);
        };
        await expect(reading()).rejects.toBe(error);
        expect(rows).toHaveLength(12);
        expect(run.stopped).toBe(error);
      },
      { latency: { kind: "fixed", ms: 20 } },
    );
  });

  it("generateText refuses options that do not exist, and rejects its promise for invalid ones", async () => {
    const provider = openai({ model: "m", baseUrl: "http://127.0.0.1:9/v1" });
    // @ts-expect-error -- misspelt
    await expect(generateText([], { provider, prompt: "x", temprature: 1 })).rejects.toThrow(
      "Cannot use the option temprature: generateText has no such option; did you mean temperature?",
    );
    // @ts-expect-error -- the output of generateText is a text
    await expect(generateText([], { provider, prompt: "x", output: listOf(["a"]) })).rejects.toMatchObject({
      option: "output",
    });
    // @ts-expect-error -- misspelt
    expect(() => pipeline({ provider, prompt: "x", output: text(), concurency: 1 })).toThrow(
      "did you mean concurrency?",
    );
    const failing = generateText(reviews, { provider, prompt: "x", concurrency: 0 });
    await expect(failing).rejects.toMatchObject({ code: "INVALID_OPTION", option: "concurrency" });
  });

  it("generateText gives an empty array for an empty array", async () => {
    await withSimulator(async (provider, simulator) => {
      expect((await generateText([], { provider, prompt: "Summarise: ${text}" })).rows).toEqual([]);
      expect(simulator.ledger.received).toBe(0);
    });
  });

  it("generateText takes rows declared as an interface, from an array and from a stream", async () => {
    interface Review {
      readonly product: string;
      readonly review?: string;
    }
    const typed: readonly Review[] = reviews;
    await withSimulator(async (provider) => {
      const { rows } = await generateText(typed, {
        provider,
        prompt: ({ review }) => `Summarise: ${review}`,
      });
      expectTypeOf(rows).toEqualTypeOf<
        { readonly product: string; readonly review?: string; output: string }[]
      >();
      const run = pipeline({ provider, prompt: "Summarise: ${review}", output: text("summary") });
      const [row] = await Array.fromAsync(ReadableStream.from<object>(typed).pipeThrough(run));
      expect(row).toMatchObject({ product: "Kettle", summary: expect.any(String) });
      const inferred = ReadableStream.from<Review>(typed).pipeThrough(
        pipeline({
          provider,
          prompt: ({ product }) => `Describe ${product}`,
          output: text("summary"),
          empty: "drop",
        }),
      );
      expectTypeOf(await Array.fromAsync(inferred)).toEqualTypeOf<
        { readonly product: string; readonly review?: string; summary: string }[]
      >();
    });
  });

  it("generateText says which kinds of rows it can read", () => {
    const provider = openai({ model: "m", baseUrl: "http://127.0.0.1:9/v1" });
    // @ts-expect-error -- a number is not rows
    expect(() => generateText(7, { provider, prompt: "x" })).toThrow(
      /expected an array, an iterable or a ReadableStream/,
    );
  });
});

describe("generateData", () => {
  it("generateData makes a row of each object of a list with the given keys", async () => {
    await withSimulator(async (provider) => {
      const { rows } = await generateData(articles, {
        provider,
        prompt: "Write question and answer pairs: ${text}",
        output: listOf(["question", "answer"]),
        empty: "drop",
      });
      expectTypeOf(rows).toEqualTypeOf<{ name: string; text: string; question: string; answer: string }[]>();
      expect(rows.length).toBeGreaterThan(2);
      expect(new Set(rows.map(({ name }) => name))).toEqual(new Set(["George Washington", "John Adams"]));
      expect(rows.every(({ question, answer }) => question !== "" && answer !== "")).toBe(true);
    });
  });

  it("generateData takes a zod schema as it is, and types the rows by it", async () => {
    await withSimulator(async (provider) => {
      const output = objectOf(
        z.object({ year: z.number().int(), tags: z.array(z.string()).max(3), mood: z.enum(["glad", "sad"]) }),
      );
      const { rows } = await generateData(articles, {
        provider,
        prompt: "Describe: ${text}",
        output,
        empty: "drop",
      });
      expectTypeOf(rows).toEqualTypeOf<
        { name: string; text: string; year: number; tags: string[]; mood: "glad" | "sad" }[]
      >();
      expect(rows).toHaveLength(2);
      expect(rows.every(({ year, mood }) => Number.isInteger(year) && ["glad", "sad"].includes(mood))).toBe(
        true,
      );
    });
  });

  it("generateData has the server enforce a schema that strict mode would refuse, with one request for each row", async () => {
    await withSimulator(async (provider, simulator) => {
      const schema = z.object({
        page: z.string().meta({ format: "uri-reference" }).optional(),
        name: z.string().min(2).max(4000),
        kind: z.discriminatedUnion("type", [
          z.object({ type: z.literal("person"), born: z.number().int().min(1000) }),
          z.object({ type: z.literal("place"), tags: z.array(z.string()).max(3) }),
        ]),
      });
      const { rows } = await generateData(articles, {
        provider,
        prompt: "Describe: ${text}",
        output: objectOf(schema),
      });
      expect(rows.map((row) => schema.safeParse(row).success)).toEqual([true, true]);
      expect(simulator.ledger.entries.map(({ status, body }) => [status, body])).toMatchObject([
        [200, { response_format: { json_schema: { strict: true } } }],
        [200, { response_format: { json_schema: { strict: true } } }],
      ]);
    });
  });

  it.each([
    ["knows no JSON Schema", /"json_schema"/, ["json_schema", "json_object", "json_object"]],
    ["knows no JSON mode either", /"response_format"/, ["json_schema", "json_object", undefined, undefined]],
  ])("generateData works where a server %s, and remembers it", async (_, refused, formats) => {
    await withSimulator(
      async (provider, simulator) => {
        const output = listOf(["question", "answer"]);
        const { rows, failures } = await generateData(articles, {
          provider,
          prompt: "Question and answer pairs: ${text}",
          output,
        });
        expect(failures).toEqual([]);
        expect(rows.length).toBeGreaterThan(2);
        const bodies: { response_format?: { type: string } }[] = simulator.ledger.entries.map(({ body }) =>
          Object(body),
        );
        expect(bodies.map((body) => body.response_format?.type)).toEqual(formats);
      },
      {
        faults: ({ body }) =>
          refused.test(JSON.stringify(body))
            ? { kind: "unsupportedParameter", name: "response_format" }
            : undefined,
      },
    );
  });

  it("generateData counts an empty list as an answer: one row of nulls, or none", async () => {
    await withSimulator(
      async (provider, simulator) => {
        const output = listOf(["entity"]);
        const withNulls = await generateData(articles, { provider, prompt: "Entities in: ${text}", output });
        expect(withNulls.rows.map(({ entity }) => entity)).toEqual([null, null]);
        expectTypeOf(withNulls.rows[0]?.entity).toEqualTypeOf<string | null | undefined>();
        const dropped = await generateData(articles, {
          provider,
          prompt: "Entities in: ${text}",
          output,
          empty: "drop",
        });
        expect(dropped.rows).toEqual([]);
        expect(dropped.failedCount).toBe(0);
        expect(simulator.ledger.received).toBe(4);
      },
      { answer: () => '{"items":[]}' },
    );
  });

  it("generateData asks again for an answer that does not fit, and keeps the raw answer of a row that fails", async () => {
    await withSimulator(
      async (provider, simulator) => {
        const { rows, failures } = await generateData(articles, {
          provider,
          prompt: "Pairs: ${text}",
          output: listOf(["question", "answer"]),
          maxReasks: 1,
        });
        expect(rows).toEqual([]);
        expect(failures).toMatchObject([
          {
            failure: {
              stage: "parse",
              code: "INVALID_OUTPUT",
              answer: "I would rather not",
              attempts: 2,
              usage: { requests: 2 },
            },
          },
          {},
        ]);
        expect(simulator.ledger.received).toBe(4);
      },
      { answer: () => "I would rather not" },
    );
  });

  it("generateData warns of an answer that was cut off, and keeps the objects that are complete", async () => {
    await withSimulator(
      async (provider) => {
        const { rows, warnings } = await generateData([{ text: "x" }], {
          provider,
          prompt: "Pairs: ${text}",
          output: listOf(["q"]),
          maxTokens: 10,
        });
        expect(rows.map(({ q }) => q)).toEqual(["one"]);
        expect(warnings).toMatchObject([{ code: "TRUNCATED", index: 0 }]);
      },
      { answer: () => '{"items":[{"q":"one"},{"q":"two and some more words to be cut"}]}' },
    );
  });

  it("generateData counts rows whose list is empty, and the rows with each kind of warning", async () => {
    const answers = ['{"items":[]}', '{"items":[{"q":"one",}]}', '{"items":[{"q":"one"}]}', '{"items":[]}'];
    const rows = answers.map((_, id) => ({ id, text: `row ${id}` }));
    await withSimulator(
      async (provider) => {
        const options = { provider, prompt: "${text}", output: listOf(["q"]), n: 2 };
        const { withoutOutputs, warningCounts, failedCount, rows: out } = await generateData(rows, options);
        expect({ withoutOutputs, warningCounts, failedCount }).toEqual({
          withoutOutputs: 2,
          warningCounts: { REPAIRED: 1, CHOICE_DROPPED: 1 },
          failedCount: 0,
        });
        expect(out.map(({ id, q }) => [id, q])).toEqual([
          [0, null],
          [1, "one"],
          [2, "one"],
          [3, null],
        ]);
      },
      {
        answer: ({ messages }, choice) => {
          const [, id = 0] = /row (\d)/.exec(JSON.stringify(messages)) ?? [];
          return choice === 1 && Number(id) === 2 ? "I would rather not" : answers[Number(id)];
        },
      },
    );
  });
});

describe("a storm of faults", () => {
  it("a storm of faults loses no row, doubles none and keeps the order", async () => {
    await withSimulator(
      async (provider, simulator) => {
        const rows = Array.from({ length: 400 }, (_, id) => ({ id, text: `Document number ${id}.` }));
        const result = await generateText(rows, { provider, prompt: "Summarise: ${text}", concurrency: 50 });
        expect(result.failures).toEqual([]);
        expect(result.rows.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
        expect(simulator.ledger.byBody().size).toBe(400);
        // Nothing is asked much more often than the faults make necessary.
        expect(simulator.ledger.received).toBeLessThan((1.15 * 400) / (1 - 0.3));
      },
      {
        latency: { kind: "lognormal", medianMs: 2, p99Ms: 20 },
        faults: firstOf(
          atRate(0.1, { kind: "status", status: 500 }),
          atRate(0.06, { kind: "reset" }),
          atRate(0.05, { kind: "resetMidBody" }),
          atRate(0.05, { kind: "status", status: 429, headers: { "retry-after-ms": "20" } }),
          atRate(0.04, { kind: "truncate" }),
        ),
      },
    );
  });
});

describe("pipeline", () => {
  it("pipeline refuses a prompt with images at once where its provider takes none", () => {
    const provider = deepseek({ model: "sim", apiKey: "none" });
    const options = { provider, output: text() };
    const user = "What is in ${place}?";
    expect(() => pipeline({ ...options, prompt: { user, images: ["${photo}"] } })).toThrow(
      "Cannot ask deepseek about images: it takes none",
    );
    expect(() => pipeline({ ...options, prompt: { user } })).not.toThrow();
  });

  it("pipeline is one stage for pipeThrough, with its report and progress", async () => {
    await withSimulator(async (provider) => {
      const run = pipeline({
        provider,
        prompt: "Summarise: ${review}",
        output: text("summary"),
        lineage: true,
      });
      const rows = await Array.fromAsync(ReadableStream.from<Row>(reviews).pipeThrough(run));
      expect(rows).toMatchObject([
        { product: "Kettle", _row: 0, _choice: 0, _item: 0, _warnings: null },
        { product: "Tent", _row: 1, _choice: 0, _item: 0, _warnings: null },
      ]);
      expect(run.progress()).toMatchObject({ completed: 2, failed: 0, inFlight: 0 });
      expect(run.usage.requests).toBe(2);
      expect(run.stopped).toBeUndefined();
    });
  });

  it("pipeline keeps columns called __proto__ and constructor from end to end", async () => {
    await withSimulator(async (provider) => {
      const row: Row = JSON.parse('{"__proto__":"a","constructor":"b","text":"Hello there."}');
      const { rows } = await generateText([row], {
        provider,
        prompt: "Summarise: ${text} ${__proto__} ${constructor}",
        column: "toString",
      });
      expect(Object.entries(rows[0] ?? {}).map(([column]) => column)).toEqual([
        "__proto__",
        "constructor",
        "text",
        "toString",
      ]);
      expect(JSON.stringify(rows[0])).toContain('"__proto__":"a"');
    });
  });

  it("pipeline cancels everything when its reader leaves", async () => {
    await withSimulator(
      async (provider, simulator) => {
        let cancelled: unknown;
        const source = new ReadableStream<Row>(
          {
            pull: (controller) => controller.enqueue({ text: "Some words." }),
            cancel: (reason) => void (cancelled = reason),
          },
          { highWaterMark: 0 },
        );
        const reader = source
          .pipeThrough(pipeline({ provider, prompt: "Summarise: ${text}", output: text(), concurrency: 5 }))
          .getReader();
        await reader.read();
        const reason = new Error("seen enough");
        await reader.cancel(reason);
        await expect.poll(() => cancelled).toBe(reason);
        const { received } = simulator.ledger;
        await new Promise((resolve) => setTimeout(resolve, 50));
        expect(simulator.ledger.received).toBe(received);
      },
      { latency: { kind: "fixed", ms: 5 } },
    );
  });
});
