/** The prompt caches of the simulator, as the vendors' own libraries see them. */
import Anthropic from "@anthropic-ai/sdk";
import {
  BedrockRuntimeClient,
  ConverseCommand,
  type ConverseCommandInput,
} from "@aws-sdk/client-bedrock-runtime";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import OpenAI from "openai";
import { describe, expect, it, onTestFinished } from "vitest";
import { start, thrown } from "../../fixtures/samples.ts";
import type { Simulator } from "../index.ts";
import { PromptCache } from "./prompt-cache.ts";

const RULES = "Answer in one word. ".repeat(400);
const RULES_TOKENS = RULES.length / 4;

describe("the prompt cache of Anthropic in the simulator", () => {
  const MARK = { cache_control: { type: "ephemeral" } } as const;

  async function ask(
    { urls, apiKey }: Simulator,
    question: string,
    changes: Partial<Anthropic.MessageCreateParamsNonStreaming> = {},
  ): Promise<Anthropic.Usage> {
    const client = new Anthropic({ baseURL: urls.anthropic, apiKey, maxRetries: 0 });
    const { usage } = await client.messages.create({
      model: "claude-sonnet-5",
      max_tokens: 100,
      system: [{ type: "text", text: RULES, ...MARK }],
      messages: [{ role: "user", content: question }],
      ...changes,
    });
    return usage;
  }

  it("Anthropic's library is told what a request has written to the cache, and what others read", async () => {
    const simulator = await start({ promptCache: {} });
    const first = await ask(simulator, "A?");
    const [written, fresh] = [RULES_TOKENS + 3, 4 + 4 + 1];
    expect(first).toMatchObject({
      input_tokens: fresh,
      cache_creation_input_tokens: written,
      cache_read_input_tokens: 0,
      cache_creation: { ephemeral_5m_input_tokens: written, ephemeral_1h_input_tokens: 0 },
    });
    expect(await ask(simulator, "B?")).toMatchObject({
      input_tokens: fresh,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: written,
    });
    expect(simulator.stats()).toMatchObject({ cachedTokens: written, cacheWriteTokens: written });
  });

  it.each<[string, Partial<Anthropic.MessageCreateParamsNonStreaming>]>([
    ["another model", { model: "claude-opus-5" }],
    ["another text before the mark", { system: [{ type: "text", text: `${RULES} Please.`, ...MARK }] }],
    [
      "another wanted shape",
      {
        output_config: {
          format: {
            type: "json_schema",
            schema: { type: "object", properties: {}, additionalProperties: false },
          },
        },
      },
    ],
  ])("a request with %s reads nothing from the cache of Anthropic in the simulator", async (_, changes) => {
    const simulator = await start({ promptCache: {} });
    await ask(simulator, "A?");
    expect((await ask(simulator, "A?", changes)).cache_read_input_tokens).toBe(0);
    expect((await ask(simulator, "A?")).cache_read_input_tokens).toBe(RULES_TOKENS + 3);
  });

  it("requests side by side all write to the cache, and one without a mark does not", async () => {
    const simulator = await start({ promptCache: {}, latency: { kind: "fixed", ms: 30 } });
    await ask(simulator, "A?", { system: RULES });
    const usages = await Promise.all(["A?", "B?", "C?"].map((question) => ask(simulator, question)));
    expect(usages.map((usage) => usage.cache_creation_input_tokens)).toEqual(
      Array.from({ length: 3 }, () => RULES_TOKENS + 3),
    );
  });

  it("a text that is cut in two by a mark has the same answer as in one", async () => {
    const simulator = await start({ promptCache: {} });
    const { urls, apiKey } = simulator;
    const client = new Anthropic({ baseURL: urls.anthropic, apiKey });
    const answers = await Promise.all(
      [
        `${RULES}\n\nThe sea is blue.`,
        [
          { type: "text" as const, text: RULES.trimEnd(), ...MARK },
          { type: "text" as const, text: ` \n\nThe sea is blue.` },
        ],
      ].map((content) =>
        client.messages.create({
          model: "claude-sonnet-5",
          max_tokens: 1000,
          messages: [{ role: "user", content }],
        }),
      ),
    );
    expect(answers[0]?.content).toEqual(answers[1]?.content);
    expect(answers[1]?.usage.cache_creation_input_tokens).toBeGreaterThan(1024);
  });

  it("what is read from the cache does not count against the limit of input tokens", async () => {
    const limits = { inputTokensPerMinute: 2100, window: "minute" } as const;
    const simulator = await start({ promptCache: {}, limits });
    await ask(simulator, "A?");
    for (const question of ["B?", "C?", "D?"]) await ask(simulator, question);
    expect(String(await thrown(ask(simulator, "E?", { system: RULES })))).toContain("rate_limit_error");
  });
});

describe("the prompt cache of OpenAI in the simulator", () => {
  type Params = OpenAI.ChatCompletionCreateParamsNonStreaming;

  async function ask({ baseUrl, apiKey }: Simulator, params: Params): Promise<[number, number]> {
    const { usage } = await new OpenAI({ baseURL: baseUrl, apiKey, maxRetries: 0 }).chat.completions.create(
      params,
    );
    const { cached_tokens = 0, cache_write_tokens = 0 } = usage?.prompt_tokens_details ?? {};
    return [cached_tokens, cache_write_tokens];
  }

  it("OpenAI's library is told multiples of 128 tokens by an older model, which finds by itself what prompts share", async () => {
    const simulator = await start({ promptCache: {} });
    const params = (text: string): Params => ({
      model: "gpt-4.1",
      messages: [{ role: "user", content: `${RULES}${text}` }],
    });
    expect(await ask(simulator, params("A?"))).toEqual([0, 0]);
    const [cached] = await ask(simulator, params("B?"));
    expect([cached % 128, cached > RULES_TOKENS - 128, cached <= RULES_TOKENS + 128]).toEqual([
      0,
      true,
      true,
    ]);
  });

  it("without marks GPT-5.6 writes every whole prompt and reads only an equal one", async () => {
    const simulator = await start({ promptCache: {} });
    const params = (text: string): Params => ({
      model: "gpt-5.6-sol",
      messages: [{ role: "user", content: `${RULES}${text}` }],
    });
    const [, written] = await ask(simulator, params("A?"));
    expect(written).toBeGreaterThan(RULES_TOKENS);
    expect(await ask(simulator, params("B?"))).toEqual([0, written]);
    expect(await ask(simulator, params("A?"))).toEqual([written, 0]);
  });

  it("with a mark and the mode explicit GPT-5.6 writes what comes before the mark, and all others read it", async () => {
    const simulator = await start({ promptCache: {} });
    const params = (text: string): Params => ({
      model: "gpt-5.6-sol",
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: RULES, prompt_cache_breakpoint: { mode: "explicit" } },
            { type: "text", text },
          ],
        },
      ],
      prompt_cache_options: { mode: "explicit" },
      prompt_cache_key: "rules",
    });
    expect(await ask(simulator, params("A?"))).toEqual([0, RULES_TOKENS + 3]);
    expect(await ask(simulator, params("B?"))).toEqual([RULES_TOKENS + 3, 0]);
    const without: Params = { ...params("C?"), messages: [{ role: "user", content: `${RULES}C?` }] };
    expect(await ask(simulator, without)).toEqual([0, 0]);
  });
});

describe("the prompt cache of Bedrock in the simulator", () => {
  function clientOf({ urls, apiKey }: Simulator): BedrockRuntimeClient {
    const client = new BedrockRuntimeClient({
      endpoint: urls.bedrock,
      region: "eu-west-1",
      maxAttempts: 1,
      requestHandler: new NodeHttpHandler(),
      credentials: { accessKeyId: apiKey, secretAccessKey: "any" },
    });
    onTestFinished(() => client.destroy());
    return client;
  }

  const converse = (modelId: string): ConverseCommandInput => ({
    modelId,
    system: [{ text: RULES }, { cachePoint: { type: "default" } }],
    messages: [{ role: "user", content: [{ text: "A?" }] }],
  });

  it("AWS's library is told what a request has written to the cache, and what others read", async () => {
    const client = clientOf(await start({ promptCache: {} }));
    const command = (): ConverseCommand => new ConverseCommand(converse("anthropic.claude-sonnet-5-v1:0"));
    const { usage: first } = await client.send(command());
    expect(first).toMatchObject({ cacheWriteInputTokens: RULES_TOKENS + 3, cacheReadInputTokens: 0 });
    const { usage: second } = await client.send(command());
    expect(second).toMatchObject({ cacheWriteInputTokens: 0, cacheReadInputTokens: RULES_TOKENS + 3 });
    expect(second?.totalTokens).toBe(first?.totalTokens);
  });

  it("a model without a prompt cache refuses a cache point", async () => {
    const client = clientOf(await start({ promptCache: {} }));
    const refused = await thrown(client.send(new ConverseCommand(converse("meta.llama3-70b-instruct-v1:0"))));
    expect(String(refused)).toContain("did not allow prompt caching");
  });
});

describe("PromptCache", () => {
  const request = (text: string) =>
    ({
      model: "m",
      messages: [{ role: "user", parts: [text], marks: [text.length] }],
      n: 1,
      stop: [],
      shape: { type: "text" },
      caching: "marks",
      params: {},
    }) as const;

  it("a beginning that is shorter than the least is not kept", () => {
    const cache = new PromptCache({ minTokens: 100 }, () => 0);
    const use = cache.look(request("word ".repeat(20)));
    use.keep();
    expect([use.writtenTokens, cache.look(request("word ".repeat(20))).readTokens]).toEqual([0, 0]);
  });

  it("a beginning is forgotten after its lifetime, which begins anew with each use", () => {
    let now = 0;
    const cache = new PromptCache({ minTokens: 1, lifetimeMs: 100 }, () => now);
    cache.look(request("word")).keep();
    for (now of [90, 180, 270]) expect(cache.look(request("word")).readTokens).toBeGreaterThan(0);
    now = 370;
    expect(cache.look(request("word"))).toMatchObject({ readTokens: 0, writtenTokens: 4 });
  });
});
