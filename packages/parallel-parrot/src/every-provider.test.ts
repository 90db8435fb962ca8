import type { Provider } from "@parallel-parrot/providers";
import { countTokens } from "@parallel-parrot/simulator";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ask, CASES, factsOf, ROWS, setStage, SOON } from "../fixtures/every-provider.ts";
import { LIMITS } from "../fixtures/provider-facts.ts";
import { listOf, text } from "./index.ts";

const { simulator, begin, make } = await setStage();

/** What few APIs take as it is. */
const BOUNDED = z.object({
  question: z.string().min(1).max(4000),
  answer: z.string().meta({ format: "iri" }),
  note: z.union([z.string().max(4000), z.number()]).optional(),
});

/** The limits that are known at the end of a run. */
async function learn(provider: Provider) {
  const { answers, run } = await ask(provider);
  expect(answers).toHaveLength(ROWS.length);
  return run.progress().limits.map(({ use: _use, ...limit }) => limit);
}

const Contents = z.object({ messages: z.array(z.object({ content: z.string() })) });

/** The tokens of what the messages of the requests received say. */
function contentTokens(): number {
  const contents = simulator.ledger.entries.flatMap(({ body }) => Contents.parse(body).messages);
  return contents.reduce((sum, { content }) => sum + countTokens(content), 0);
}

describe.each(CASES)("$name", (entry) => {
  const facts = factsOf(entry);

  it(`${entry.name} answers a prompt that has a system message, and the run has the usage and cost that the server bills`, async () => {
    const { answers, run } = await ask(make(entry), {
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
    const inputTokens = facts.bills === "contents" ? contentTokens() : counted.inputTokens;
    expect(run.usage).toMatchObject({ requests: 3, inputTokens, outputTokens });
    expect(inputTokens * outputTokens).toBeGreaterThan(0);
    expect(run.usageIsEstimated).toBe(false);
    expect(run.cost).toBeCloseTo((2 * inputTokens + 8 * outputTokens) / 1e6, 12);
  });

  it(`${entry.name} keeps the thoughts of the model in a column of their own and out of the answer`, async () => {
    begin(() => ({ kind: "thinking", tokens: 9 }));
    const labels = ["positive", "negative", "neutral"];
    const system = "Tell the sentiment of the review: positive, negative or neutral.";
    const told = text("label", { thoughts: "why" });
    const { answers } = await ask(make(entry), { system, prompt: "${text}", output: told });
    expect(answers.map(({ label }) => String(label).toLowerCase())).toEqual(labels);
    for (const { why } of answers) expect(why).toMatch(/^The user wants an answer/);
    const untold = text("label");
    const plain = await ask(make(entry), { system, prompt: "${text}", output: untold });
    expect(plain.answers.map(({ label }) => String(label).toLowerCase())).toEqual(labels);
  });

  it(`${entry.name} is sent each parameter that its API has, which takes it, and the run tells the others`, async () => {
    const params = {
      temperature: 0.5,
      topP: 0.75,
      stop: ["«end»"],
      seed: 104_729,
      presencePenalty: 0.3125,
      frequencyPenalty: 0.4375,
      logitBias: { "65537": -7.25 },
      endUser: "user-7",
    };
    const provider = make(entry);
    const { run } = await ask(provider, { params });
    expect(run.failures).toEqual([]);
    expect(simulator.ledger.entries.filter(({ status }) => status === 400)).toEqual([]);
    const names = Object.keys(params);
    const taken: readonly string[] = provider.capabilities.params ?? names;
    const sent = JSON.stringify(simulator.ledger.entries[0]?.body);
    expect(
      Object.entries(params).flatMap(([name, value]) => (sent.includes(JSON.stringify(value)) ? [name] : [])),
    ).toEqual(names.filter((name) => taken.includes(name)));
    expect(run.paramsNotSent).toEqual(names.filter((name) => !taken.includes(name)));
  });

  it(`${entry.name} gives two choices, by one request or by two`, async () => {
    const n = 2;
    const provider = make(entry);
    const { answers, run } = await ask(provider, { n, prompt: "Write about: ${text}" });
    // The first row asks alone, so that one refusal teaches the run.
    const refused = facts.choices === "one each, once refused" ? 1 : 0;
    const requests = refused + ROWS.length * (facts.choices === "one request" ? 1 : n);
    expect(provider.capabilities.nativeN).toBe(facts.choices !== "one each");
    expect(run.failures).toEqual([]);
    expect(run.usage.requests).toBe(requests);
    expect(simulator.ledger.received).toBe(requests + facts.besides);
    expect(simulator.ledger.entries.filter(({ status }) => status === 400)).toHaveLength(refused);
    expect(answers.length).toBeGreaterThanOrEqual(3);
  });

  it.each([
    ["keys", listOf(["question", "answer"])],
    ["a schema with bounds and alternatives", listOf(BOUNDED)],
  ])(`${entry.name} gives rows of %s by one request`, async (_, output) => {
    const { answers, run } = await ask(make(entry), {
      output,
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

  it(`${entry.name} learns the rate limits from where its entry in the list of providers says`, async () => {
    const source = make(entry).capabilities.limits;
    expect(facts.limits.length > 0).toBe(source !== "none");
    expect(await learn(make(entry))).toEqual(source === "headers" ? facts.limits : []);
    const limit = LIMITS.requestsPerMinute;
    const detail = { limit, used: limit, requested: 1, waitMs: 10 };
    begin(({ sequence }) => {
      const error = { kind: "rateLimit", model: "sim", dimension: "requests", detail } as const;
      return sequence === 2 + facts.besides ? { kind: "error", error, headers: SOON } : undefined;
    });
    expect(await learn(make(entry))).toEqual(facts.limits);
  });
});
