import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type Simulator, type SimulatorOptions } from "@parallel-parrot/simulator";
import { describe, expect, expectTypeOf, it, onTestFinished } from "vitest";
import {
  bedrock,
  completionStream,
  generateData,
  generateText,
  groq,
  objectOf,
  openai,
  pool,
  promptStream,
  type Provider,
  type Row,
} from "./index.ts";

/** At four characters a token, as the simulator counts. */
const CONTEXT_TOKENS = 1000;
const LONG = "All of it was excellent, and I love every part. ".repeat(300);
const PROMPT = "Sentiment of: ${text}";

async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator({ contextTokens: CONTEXT_TOKENS, ...options });
  onTestFinished(() => simulator.close());
  return simulator;
}

function providerAt({ baseUrl, apiKey }: Simulator, model = "sim"): Provider {
  return openai({ model, baseUrl, apiKey });
}

async function journalFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "parrot-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, "journal.db");
}

function statusesAt({ ledger }: Simulator): readonly (number | undefined)[] {
  return ledger.entries.map(({ status }) => status);
}

/** Characters of the last message of each request that was answered. */
function lengthsAt({ ledger }: Simulator): readonly number[] {
  return ledger.answered().map(({ body }) => {
    const { messages } = body as { messages: readonly { content: string }[] };
    return messages.at(-1)?.content.length ?? 0;
  });
}

const truncate = { prompt: PROMPT, onContext: "truncate" } as const;

describe("a prompt that is too long", () => {
  it("a prompt that is too long fails its row with the words of the server where onContext is not given", async () => {
    const provider = providerAt(await start());
    const { rows, failures } = await generateText([{ text: LONG }, { text: "Fine." }], {
      provider,
      prompt: PROMPT,
    });
    expect(rows).toHaveLength(1);
    expect(failures).toMatchObject([
      {
        index: 0,
        failure: { code: "CONTEXT_TOO_LONG", message: expect.stringContaining("maximum context length") },
      },
    ]);
  });

  it("a prompt that is too long leaves its row with nulls, or none, where it is skipped", async () => {
    const provider = providerAt(await start());
    const docs = [{ text: "Bad." }, { text: LONG }];
    const skip = { provider, prompt: PROMPT, onContext: "skip" } as const;
    const { rows } = await generateText(docs, skip);
    expect(rows.map(({ output }) => output)).toEqual(["negative", null]);
    expectTypeOf(rows).toEqualTypeOf<{ text: string; output: string | null }[]>();
    const dropped = await generateText(docs, { ...skip, empty: "drop" });
    expect(dropped.rows.map(({ output }) => output)).toEqual(["negative"]);
    expectTypeOf(dropped.rows).toEqualTypeOf<{ text: string; output: string }[]>();
    const shortened = await generateText(docs, { ...skip, onContext: "truncate" });
    expectTypeOf(shortened.rows).toEqualTypeOf<{ text: string; output: string }[]>();
    const { rows: objects } = await generateData(docs, {
      ...skip,
      output: objectOf(["sentiment"]),
      lineage: true,
    });
    expect(objects[1]).toMatchObject({ sentiment: null, _warnings: "PROMPT_SKIPPED" });
  });

  it("a prompt that is too long is cut to the limit that the server tells, after one refusal, and uses nearly all of it", async () => {
    const simulator = await start();
    const { rows, warnings, failedCount } = await generateText([{ text: LONG }], {
      ...truncate,
      provider: providerAt(simulator),
      lineage: true,
    });
    expect(rows).toMatchObject([{ output: "positive", _warnings: "PROMPT_SHORTENED" }]);
    expect(warnings).toHaveLength(1);
    expect(failedCount).toBe(0);
    expect(statusesAt(simulator)).toEqual([400, 200]);
    expect(lengthsAt(simulator)[0]).toBeGreaterThan(0.95 * 4 * CONTEXT_TOKENS);
  });

  it("a prompt that is too long is cut in the longest column alone, whatever it takes of a row", async () => {
    const simulator = await start();
    const { rows } = await generateText([{ text: LONG, note: "x".repeat(900) }], {
      ...truncate,
      prompt: { system: "Mind this: ${note}", user: PROMPT },
      provider: providerAt(simulator),
    });
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(simulator.ledger.answered()[0]?.body)).toContain(`Mind this: ${"x".repeat(900)}"`);
  });

  it("a prompt that a function makes is cut by giving the function a row with a shorter text", async () => {
    const simulator = await start();
    const { rows, warnings } = await generateText([{ text: LONG, id: 7 }], {
      ...truncate,
      prompt: ({ text, id }) => `Sentiment of ${id}: ${text}`,
      provider: providerAt(simulator),
    });
    expect(rows).toHaveLength(1);
    expect(warnings).toMatchObject([
      { message: expect.stringMatching(/column "text" was cut from 14400 to \d+ /) },
    ]);
    expect(lengthsAt(simulator)[0]).toBeGreaterThan(0.95 * 4 * CONTEXT_TOKENS);
  });

  it.each<[name: string, prompt: string, more: { readonly maxTokens?: number }, why: RegExp]>([
    [
      "whose own words are too long",
      `${"Be careful. ".repeat(600)} \${text}`,
      {},
      /The prompt cannot be shortened: column "text" was cut from 14400 to 0 characters, and the text around it/,
    ],
    [
      "that has no column",
      LONG,
      {},
      /[^.]\. The prompt cannot be shortened: it contains no text of a column/,
    ],
    [
      "behind which the answer has no room",
      PROMPT,
      { maxTokens: CONTEXT_TOKENS },
      /maxTokens keeps 1000 tokens for the answer, and the model takes 1000 in all/,
    ],
  ])("a prompt that is too long fails its row and says why where one %s", async (_, prompt, more, why) => {
    const simulator = await start();
    const { failures, rows } = await generateText([{ text: LONG }], {
      ...truncate,
      ...more,
      prompt,
      provider: providerAt(simulator),
    });
    expect(rows).toEqual([]);
    expect(failures).toMatchObject([
      { failure: { code: "CONTEXT_TOO_LONG", message: expect.stringMatching(why) } },
    ]);
  });

  it.each<[api: "openai" | "groq" | "bedrock", statuses: RegExp]>([
    ["openai", /^400 200$/],
    ["groq", /^(400 ){3}200 200 200$/],
    // Nothing tells by how much it is too long: one choice shows whether a cut is enough.
    ["bedrock", /^(400 ){3}(400 ){2,4}200 200 200$/],
  ])("a prompt that is too long is cut for as many choices as are wanted (%s)", async (api, statuses) => {
    const simulator = await start();
    const options = { model: "sim", apiKey: simulator.apiKey, baseUrl: simulator.urls[api] };
    const provider = { openai, groq, bedrock }[api](options);
    const { rows, failedCount } = await generateText([{ text: LONG }], {
      ...truncate,
      provider,
      n: 3,
      dedupe: false,
    });
    expect(rows).toHaveLength(3);
    expect(failedCount).toBe(0);
    expect(statusesAt(simulator).join(" ")).toMatch(statuses);
  });

  it("a prompt is cut again where a correction makes the conversation too long", async () => {
    let asked = 0;
    const simulator = await start({
      answer: () => (asked++ === 0 ? "no JSON at all ".repeat(40) : undefined),
    });
    const { rows, warnings } = await generateData([{ text: LONG }], {
      ...truncate,
      provider: providerAt(simulator),
      output: objectOf(["sentiment"]),
    });
    expect(rows).toMatchObject([{ sentiment: "positive" }]);
    expect(statusesAt(simulator).join(" ")).toMatch(/^400 (400 )?200 400 (400 )?200$/);
    const cut = /to (\d+) characters/.exec(warnings[0]?.message ?? "")?.[1];
    // Shorter than the first that was answered by what the correction takes.
    expect(Number(cut)).toBeLessThan((lengthsAt(simulator)[0] ?? 0) - 600);
  });

  it("a row keeps its last answer where a correction does not fit and nothing is to be cut", async () => {
    const simulator = await start({ answer: () => "no JSON at all ".repeat(200) });
    const { failures } = await generateData([{ text: "x".repeat(2000) }], {
      provider: providerAt(simulator),
      prompt: PROMPT,
      output: objectOf(["sentiment"]),
      onContext: "skip",
    });
    expect(failures).toMatchObject([{ failure: { stage: "parse", code: "INVALID_OUTPUT" } }]);
  });

  it("onContext is refused at once where it is none of its three values", async () => {
    const provider = providerAt(await start());
    const onContext = "cut" as "truncate";
    await expect(
      generateText([{ text: "a" }], { provider, prompt: PROMPT, onContext }),
    ).rejects.toMatchObject({
      code: "INVALID_OPTION",
      option: "onContext",
      message: expect.stringContaining('"fail", "skip" or "truncate", got "cut"') as string,
    });
  });

  it("promptStream without canShorten is named in the error where a prompt is to be cut", async () => {
    const provider = providerAt(await start());
    const items = await Array.fromAsync(
      ReadableStream.from([{ text: LONG }])
        .pipeThrough(promptStream(PROMPT))
        .pipeThrough(completionStream(provider, { onContext: "truncate" })),
    );
    expect(items).toMatchObject([
      {
        failure: { code: "CONTEXT_TOO_LONG", message: expect.stringContaining("canShorten: true") as string },
      },
    ]);
  });
});

describe("a prompt that is too long, with a journal", () => {
  const docs = Array.from({ length: 12 }, (_, row) => ({
    text: row % 3 === 0 ? `${row} ${LONG}` : `Bad ${row}.`,
  }));

  it.each(["skip", "truncate"] as const)(
    "a prompt that is too long comes to the same from its journal (%s), with nothing asked",
    async (onContext) => {
      const simulator = await start();
      const options = {
        provider: providerAt(simulator),
        prompt: PROMPT,
        onContext,
        journal: await journalFile(),
      };
      const first = await generateText(docs, options);
      const { received } = simulator.ledger;
      const second = await generateText(docs.toReversed(), options);
      expect(simulator.ledger.received).toBe(received);
      expect(second.rows.toReversed()).toEqual(first.rows);
      expect(second.warningCounts).toEqual(first.warningCounts);
      expect(second.reused).toBe(docs.length);
      const messages = (run: typeof first): readonly string[] =>
        run.warnings.map(({ message }) => message).toSorted();
      expect(messages(second)).toEqual(messages(first));
    },
  );

  it.each([
    [false, 6],
    [true, 3],
  ])(
    "a prompt in a journal has an answer of its own where only the cut makes it another's (asked once: %s)",
    async (askEqualOnce, sent) => {
      const simulator = await start({ varyRepeats: true });
      const twins = ["a", "b", "b"].map((end) => ({ text: `${LONG}${end}` }));
      const options = {
        ...truncate,
        askEqualOnce,
        provider: providerAt(simulator),
        journal: await journalFile(),
      };
      const first = await generateText(twins, { ...options, prompt: "A sentence of: ${text}" });
      expect(first.failedCount).toBe(0);
      expect(simulator.ledger.answered()).toHaveLength(askEqualOnce ? 1 : 3);
      const second = await generateText(twins, { ...options, prompt: "A sentence of: ${text}" });
      expect(second.rows).toEqual(first.rows);
      expect(simulator.ledger.received).toBe(sent);
    },
  );

  it("a prompt that failed as too long is asked shorter by the next run with its journal, and only that is sent", async () => {
    const simulator = await start();
    const options = { provider: providerAt(simulator), prompt: PROMPT, journal: await journalFile() };
    const failed = await generateText(docs, options);
    expect(failed.failedCount).toBe(4);
    for (const reuse of ["all", "answers"] as const) {
      const { received } = simulator.ledger;
      const run = await generateText(docs, { ...options, onContext: "truncate", reuse });
      expect(run.failedCount).toBe(0);
      // The refusals are known already, and in the second round everything is.
      expect(simulator.ledger.received).toBe(received + (reuse === "all" ? 4 : 0));
    }
    // A row that was left without an answer has not failed, and is not asked again as one that did.
    for (const reuse of ["only", "answers"] as const) {
      const { received } = simulator.ledger;
      const skipped = await generateText(docs, { ...options, onContext: "skip", reuse });
      expect(skipped).toMatchObject({ failedCount: 0, warningCounts: { PROMPT_SKIPPED: 4 }, reused: 12 });
      expect(simulator.ledger.received).toBe(received);
    }
  });
});

describe("a prompt that is too long, in a pool", () => {
  it("a prompt that is too long for one member of a pool goes whole to the member that takes it", async () => {
    const [small, large] = [await start(), await start({ contextTokens: 10_000 })];
    const { warnings, rows } = await generateText([{ text: LONG }, { text: LONG }], {
      ...truncate,
      provider: pool([providerAt(small, "small"), providerAt(large, "large")]),
    });
    expect(rows).toHaveLength(2);
    expect(warnings).toEqual([]);
    expect(lengthsAt(large)).toEqual([LONG.length + 14, LONG.length + 14]);
  });

  it.each([false, true])(
    "a prompt that all members of a pool refuse is cut for the one that takes most (reversed: %s)",
    async (reversed) => {
      const [small, large] = [await start({ contextTokens: 500 }), await start({ contextTokens: 2000 })];
      const members = [providerAt(small, "small"), providerAt(large, "large")];
      const journal = await journalFile();
      const options = { ...truncate, provider: pool(reversed ? members.toReversed() : members), journal };
      const { warnings, rows } = await generateText([{ text: LONG }], options);
      expect(rows).toHaveLength(1);
      expect(warnings).toMatchObject([{ code: "PROMPT_SHORTENED" }]);
      expect(lengthsAt(small)).toEqual([]);
      expect(lengthsAt(large)[0]).toBeGreaterThan(0.95 * 4 * 2000);
      const received = small.ledger.received + large.ledger.received;
      expect((await generateText([{ text: LONG }], options)).rows).toEqual(rows);
      expect(small.ledger.received + large.ledger.received).toBe(received);
    },
  );
});

it("onContext changes nothing about the requests of rows whose prompts fit", async () => {
  const bodies = async (onContext: "fail" | "truncate"): Promise<readonly unknown[]> => {
    const simulator = await start();
    const docs: Row[] = Array.from({ length: 20 }, (_, row) => ({ text: `Good ${row}.` }));
    await generateText(docs, { prompt: PROMPT, onContext, provider: providerAt(simulator) });
    return simulator.ledger.entries.map(({ body }) => JSON.stringify(body)).toSorted();
  };
  expect(await bodies("truncate")).toEqual(await bodies("fail"));
});
