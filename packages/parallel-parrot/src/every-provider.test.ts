import { providers, type Provider, type ProviderEntry } from "@parallel-parrot/providers";
import { startSimulator, type ApiName, type Fault, type Simulator } from "@parallel-parrot/simulator";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { collect } from "@parallel-parrot/core";
import { listOf, openaiCompatible, pipeline, text, type Output, type Row } from "./index.ts";

/** Who speaks another's dialect. */
const API_OF: Partial<Record<string, ApiName>> = {
  "openai-responses": "openai",
  groq: "openai",
  deepseek: "openai",
  xai: "openai",
  together: "openai",
  fireworks: "openai",
  openrouter: "openai",
  vllm: "openai",
  llamacpp: "openai",
  generic: "openai",
};
/** Who is told limits, in headers that its adapter reads. */
const LEARNS = new Set([
  "openai",
  "openai-responses",
  "azure",
  "anthropic",
  "mistral",
  "groq",
  "deepseek",
  "xai",
  "generic",
]);
/** Whose API refuses several choices for this model: learned from one refusal. */
const REFUSES_CHOICES = new Set(["gemini", "vertex"]);
/** Whose API has no word for an answer that was filtered. */
const HAS_NO_FILTER = new Set(["cohere", "mistral", "ollama"]);
/** A server of one's own that speaks Chat Completions. */
const GENERIC: Pick<ProviderEntry, "name" | "create"> = {
  name: "generic",
  create: ({ baseUrl = "", ...options }) => openaiCompatible({ name: "generic", baseUrl, ...options }),
};
const ROWS = [{ text: "I love it. Excellent!" }, { text: "Terrible. It broke." }, { text: "It is a lamp." }];

let simulator: Simulator;
let fault: (sequence: number) => Fault | undefined;

beforeAll(async () => {
  simulator = await startSimulator({
    models: ["sim"],
    limits: { requestsPerMinute: 6000, tokensPerMinute: 6_000_000 },
    faults: ({ sequence }) => fault(sequence),
  });
});
beforeEach(() => {
  fault = () => undefined;
  simulator.reset();
  vi.stubEnv("GOOGLE_CLOUD_PROJECT", "my-project");
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => simulator.close());

function urlOf(name: string): string {
  const urls: Partial<Record<string, string>> = simulator.urls;
  const url = urls[API_OF[name] ?? name];
  if (url === undefined) throw new Error(`The simulator has no dialect for ${name}`);
  return url;
}

interface Options {
  readonly output?: Output;
  readonly prompt?: string;
  readonly system?: string;
  readonly n?: number;
  readonly rows?: readonly Row[];
}

async function ask(provider: Provider, options: Options = {}) {
  const { output = text(), prompt = "Sentiment of: ${text}", system, n = 1, rows = ROWS } = options;
  const run = pipeline<Row, Row>({
    provider,
    prompt: system === undefined ? prompt : { system, user: prompt },
    output,
    n,
    maxTokens: 200,
    price: { input: 2, output: 8 },
    onStop: "close",
  });
  const answers = await collect<Row>(ReadableStream.from(rows).pipeThrough(run));
  return { answers, run };
}

describe.each([...providers, GENERIC])("$name", ({ name, create }) => {
  const make = (apiKey = simulator.apiKey, model = "sim"): Provider =>
    create({ model, apiKey, baseUrl: urlOf(name) });

  it("answers with a text, under a system message, at the price given, and tells what the server counted", async () => {
    const { answers, run } = await ask(make(), {
      system: "Tell the sentiment of the review: positive, negative or neutral.",
      prompt: "${text}",
    });
    expect(answers.map(({ output }) => String(output).toLowerCase())).toEqual([
      "positive",
      "negative",
      "neutral",
    ]);
    expect(run.failures).toEqual([]);
    expect(JSON.stringify(simulator.ledger.entries[0]?.body)).toContain("Tell the sentiment");
    const { outputTokens, ...counted } = simulator.stats();
    // Cohere does not bill what its own template puts around a prompt.
    const inputTokens = name === "cohere" ? counted.inputTokens - 3 * 11 : counted.inputTokens;
    expect(run.usage).toMatchObject({ requests: 3, inputTokens, outputTokens });
    expect(inputTokens * outputTokens).toBeGreaterThan(0);
    expect(run.usageIsEstimated).toBe(false);
    expect(run.cost).toBeCloseTo((2 * inputTokens + 8 * outputTokens) / 1e6, 12);
  });

  it("gives two choices, by one request or by two", async () => {
    const provider = make();
    const { answers, run } = await ask(provider, { n: 2, prompt: "Write about: ${text}" });
    const requests = REFUSES_CHOICES.has(name) ? 1 + 6 : provider.capabilities.nativeN ? 3 : 6;
    expect(run.failures).toEqual([]);
    expect(run.usage.requests).toBe(requests);
    expect(simulator.ledger.received).toBe(requests);
    expect(answers.length).toBeGreaterThanOrEqual(3);
  });

  // OpenRouter's routing field is none of OpenAI's, and the simulator is as strict as OpenAI.
  it.skipIf(name === "openrouter")("gives rows of a JSON schema", async () => {
    const { answers, run } = await ask(make(), {
      output: listOf(["question", "answer"]),
      prompt: "Question and answer pairs about: ${text}",
      rows: [
        { text: "George Washington was born in 1732. He was the first president of the United States." },
      ],
    });
    expect(run.failures).toEqual([]);
    expect(answers.length).toBeGreaterThan(0);
    for (const answer of answers)
      expect(answer).toMatchObject({ question: expect.any(String), answer: expect.any(String) });
    expect(run.usage.requests).toBe(1);
  });

  it("learns the limits from headers where they are told", async () => {
    const { run } = await ask(make());
    const learned = run.progress().limits.map(({ limit }) => limit);
    expect(learned.includes(6000)).toBe(LEARNS.has(name));
    expect(learned.length > 0).toBe(LEARNS.has(name));
  });

  it.skipIf(name === "ollama")("stops at a wrong key, after one request", async () => {
    const { answers, run } = await ask(make("wrong"));
    expect(run.stopped).toMatchObject({ code: "AUTHENTICATION" });
    expect(run.stopped?.message).not.toContain("wrong");
    expect(answers).toEqual([]);
    expect(simulator.ledger.received).toBe(1);
  });

  it("stops at an unknown model, after one request", async () => {
    const { run } = await ask(make(undefined, "nope"));
    expect(run.stopped).toMatchObject({ code: "MODEL_NOT_FOUND" });
    expect(simulator.ledger.received).toBe(1);
  });

  it("waits out a refusal for the rate, which costs the row nothing", async () => {
    fault = (sequence) =>
      sequence === 2 ? { kind: "status", status: 429, headers: { "retry-after": "0.01" } } : undefined;
    const { answers, run } = await ask(make());
    expect(answers).toHaveLength(3);
    expect(run.failures).toEqual([]);
    expect(simulator.ledger.entries.map(({ status }) => status)).toContain(429);
    expect(run.usage.requests).toBe(4);
  });

  it.skipIf(HAS_NO_FILTER.has(name))(
    "makes an answer that a filter took away the failure of its row",
    async () => {
      fault = (sequence) => (sequence === 1 ? { kind: "contentFilter" } : undefined);
      const { answers, run } = await ask(make());
      expect(answers).toHaveLength(2);
      expect(run.failures).toMatchObject([
        { index: 0, failure: { code: expect.stringMatching(/^(CONTENT_FILTERED|REFUSED)$/) } },
      ]);
    },
  );
});
