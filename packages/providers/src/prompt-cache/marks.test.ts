/** What requests mark for prompt caches, in the types of the vendors' own libraries. */
import type Anthropic from "@anthropic-ai/sdk";
import type { ConverseCommandInput } from "@aws-sdk/client-bedrock-runtime";
import type { OutputShape, Prompt } from "@parallel-parrot/core";
import type OpenAI from "openai";
import { describe, expect, it } from "vitest";
import {
  anthropic,
  bedrock,
  gemini,
  groq,
  openai,
  openaiResponses,
  type Amendment,
  type Call,
  type Provider,
  type ProviderRequest,
} from "../index.ts";

const RULES = "Rules. ".repeat(100).trim();
const ROW = "the rain in Spain";
const LONG_TEMPLATE: Prompt = {
  messages: [{ role: "user", content: `${RULES}\n\nText: ${ROW}` }],
  prefix: { messages: 0, characters: `${RULES}\n\nText: `.length },
};
const SYSTEM: Prompt = {
  messages: [
    { role: "system", content: RULES },
    { role: "user", content: ROW },
  ],
  prefix: { messages: 1, characters: 0 },
};
const EXAMPLES: Prompt = {
  messages: [
    { role: "system", content: RULES },
    { role: "user", content: "Sky?" },
    { role: "assistant", content: "Blue" },
    { role: "user", content: ROW },
  ],
  prefix: { messages: 3, characters: 0 },
};
const TEXT: OutputShape = { type: "text" };
const SHAPE: OutputShape = {
  type: "json",
  name: "answer",
  schema: {
    type: "object",
    properties: { answer: { type: "string", description: "w".repeat(600) } },
    required: ["answer"],
    additionalProperties: false,
  },
  instructions: "Answer in JSON.",
};

const claude = anthropic({ model: "claude-sonnet-5", apiKey: "k" });
const onBedrock = bedrock({ model: "us.anthropic.claude-sonnet-5-v1:0", apiKey: "k", region: "us-east-1" });
const gpt = openai({ model: "gpt-5.6-sol", apiKey: "k" });
const responses = openaiResponses({ model: "gpt-6-luna", apiKey: "k" });

function build(
  provider: Provider,
  prompt: Prompt,
  { shape = TEXT, amendments = [] }: { shape?: OutputShape; amendments?: readonly Amendment[] } = {},
): ProviderRequest {
  const call: Call = { prompt, params: { maxTokens: 100 }, shape, n: 1 };
  return provider.buildRequest(call, new Set(amendments));
}

/** A body as JSON; what the vendor's library would send is compared with it. */
function bodyOf(request: ProviderRequest): unknown {
  return JSON.parse(request.body);
}

function unmarked({ messages }: Prompt): Prompt {
  return { messages };
}

describe("anthropic", () => {
  const MARK = { cache_control: { type: "ephemeral" } } as const;
  const common = { model: "claude-sonnet-5", max_tokens: 100 };

  it("a request to Anthropic marks the end of what a long template has before its first column", () => {
    const expected: Anthropic.MessageCreateParamsNonStreaming = {
      ...common,
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: `${RULES}\n\nText:`, ...MARK },
            { type: "text", text: ` ${ROW}` },
          ],
        },
      ],
    };
    expect(bodyOf(build(claude, LONG_TEMPLATE))).toEqual(expected);
  });

  it("a request to Anthropic marks the system message, and the last example where there are some", () => {
    const withSystem: Anthropic.MessageCreateParamsNonStreaming = {
      ...common,
      system: [{ type: "text", text: RULES, ...MARK }],
      messages: [{ role: "user", content: ROW }],
    };
    expect(bodyOf(build(claude, SYSTEM))).toEqual(withSystem);
    const withExamples: Anthropic.MessageCreateParamsNonStreaming = {
      ...common,
      system: RULES,
      messages: [
        { role: "user", content: "Sky?" },
        { role: "assistant", content: [{ type: "text", text: "Blue", ...MARK }] },
        { role: "user", content: ROW },
      ],
    };
    expect(bodyOf(build(claude, EXAMPLES))).toEqual(withExamples);
  });

  it("a request to Anthropic marks the tool where only its schema is the same for all rows", () => {
    const prompt: Prompt = {
      messages: [{ role: "user", content: `Q: ${ROW}` }],
      prefix: { messages: 0, characters: 0 },
    };
    const request = build(claude, prompt, { shape: SHAPE, amendments: ["json:tool"] });
    expect(bodyOf(request)).toMatchObject({
      tools: [{ name: "answer", ...MARK }],
      messages: [{ role: "user", content: `Q: ${ROW}` }],
    });
  });

  it("a request to Anthropic marks the text of a turn before its images", () => {
    const images = [{ url: "https://example.com/a.png" }];
    const messages = [{ role: "user" as const, content: RULES, images }];
    const { body } = build(claude, { messages, prefix: { messages: 0, characters: RULES.length } });
    expect(JSON.parse(body).messages[0].content).toEqual([
      { type: "text", text: RULES, ...MARK },
      { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
    ]);
    const more = [{ role: "user" as const, content: `${RULES} ${ROW}`, images }];
    const marked = build(claude, { messages: more, prefix: { messages: 0, characters: RULES.length } });
    expect(JSON.parse(marked.body).messages[0].content).toMatchObject([
      { type: "text", text: RULES, ...MARK },
      { type: "text", text: ` ${ROW}` },
      { type: "image" },
    ]);
  });

  it("a request to Anthropic has no mark where the user has set one", () => {
    const own = anthropic({
      model: "claude-sonnet-5",
      apiKey: "k",
      extraBody: { cache_control: { type: "ephemeral", ttl: "1h" } },
    });
    expect(build(own, SYSTEM).isMarked).toBeUndefined();
  });
});

describe("bedrock", () => {
  const MARK = { cachePoint: { type: "default" } } as const;

  it("a request to Bedrock has a cache point where the prefix of the prompt ends", () => {
    const template: Pick<ConverseCommandInput, "messages" | "inferenceConfig"> = {
      messages: [{ role: "user", content: [{ text: `${RULES}\n\nText:` }, MARK, { text: ` ${ROW}` }] }],
      inferenceConfig: { maxTokens: 100 },
    };
    expect(bodyOf(build(onBedrock, LONG_TEMPLATE))).toEqual(template);
    const system: ConverseCommandInput["system"] = [{ text: RULES }, MARK];
    expect(bodyOf(build(onBedrock, SYSTEM))).toMatchObject({ system });
    const prompt: Prompt = {
      messages: [{ role: "user", content: ROW }],
      prefix: { messages: 0, characters: 0 },
    };
    const { toolConfig } = JSON.parse(
      build(onBedrock, prompt, { shape: SHAPE, amendments: ["json:tool"] }).body,
    );
    expect(toolConfig.tools).toMatchObject([{ toolSpec: { name: "answer" } }, MARK]);
  });

  it("a request to Bedrock has no cache point for a model that refuses them", () => {
    const llama = bedrock({ model: "meta.llama3-70b-instruct-v1:0", apiKey: "k", region: "us-east-1" });
    expect(llama.promptCache).toBeUndefined();
    expect(build(llama, SYSTEM).isMarked).toBeUndefined();
  });

  it("turns that Bedrock takes as one leave the mark at the system message", () => {
    const messages = [
      ...SYSTEM.messages.slice(0, 1),
      { role: "user", content: "Read this." },
      { role: "user", content: ROW },
    ] as const;
    const { system, messages: turns } = JSON.parse(
      build(onBedrock, { messages, prefix: { messages: 2, characters: 0 } }).body,
    );
    expect(system).toEqual([{ text: RULES }, MARK]);
    expect(turns).toEqual([{ role: "user", content: [{ text: "Read this." }, { text: ROW }] }]);
  });
});

describe("openai", () => {
  const MARK = { prompt_cache_breakpoint: { mode: "explicit" } } as const;
  const OPTIONS = { mode: "explicit" } as const;

  it("a request to a model from GPT-5.6 on marks the end of the prefix, and nothing else is kept", () => {
    const expected: OpenAI.ChatCompletionCreateParamsNonStreaming = {
      model: "gpt-5.6-sol",
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: `${RULES}\n\nText:`, ...MARK },
            { type: "text", text: ` ${ROW}` },
          ],
        },
      ],
      prompt_cache_options: OPTIONS,
      prompt_cache_key: expect.stringMatching(/^[\w-]{22}$/),
      max_completion_tokens: 100,
    };
    expect(bodyOf(build(gpt, LONG_TEMPLATE))).toEqual(expected);
    const input: OpenAI.Responses.ResponseInput = [
      { role: "system", content: [{ type: "input_text", text: RULES, ...MARK }] },
      { role: "user", content: ROW },
    ];
    expect(bodyOf(build(responses, SYSTEM))).toMatchObject({ input, prompt_cache_options: OPTIONS });
  });

  it("all rows of a run have the same key for the cache, and another prompt has another", () => {
    const keyOf = (prompt: Prompt): unknown => JSON.parse(build(gpt, prompt).body).prompt_cache_key;
    const [first, ...others] = ["rain", "snow"].map((row) =>
      keyOf({ ...SYSTEM, messages: [...SYSTEM.messages.slice(0, 1), { role: "user", content: row }] }),
    );
    expect(others).toEqual([first]);
    expect(keyOf(LONG_TEMPLATE)).not.toBe(first);
  });

  it("an answer among the examples takes no mark at OpenAI, so that the turn before has it", () => {
    expect(JSON.parse(build(gpt, EXAMPLES).body).messages).toEqual([
      { role: "system", content: RULES },
      { role: "user", content: [{ type: "text", text: "Sky?", ...MARK }] },
      { role: "assistant", content: "Blue" },
      { role: "user", content: ROW },
    ]);
  });

  it("words for the wanted shape are put before the mark", () => {
    const { messages } = JSON.parse(build(gpt, SYSTEM, { shape: SHAPE, amendments: ["json:object"] }).body);
    expect(messages[0].content).toEqual([{ type: "text", text: `${RULES}\n\nAnswer in JSON.`, ...MARK }]);
  });

  it("a request to an older model, and to other vendors, has no mark", () => {
    const others = [
      openai({ model: "gpt-4.1", apiKey: "k" }),
      groq({ model: "openai/gpt-oss-20b", apiKey: "k" }),
      gemini({ model: "gemini-3.5-flash", apiKey: "k" }),
    ];
    for (const provider of others) {
      const request = build(provider, SYSTEM);
      expect(request).toEqual(build(provider, unmarked(SYSTEM)));
    }
    expect(others.map(({ promptCache }) => promptCache?.by)).toEqual(["itself", undefined, "itself"]);
  });

  it("what the user sets for the cache is sent, and nothing is marked", () => {
    const own = openai({
      model: "gpt-5.6-sol",
      apiKey: "k",
      extraBody: { prompt_cache_options: { mode: "implicit" } },
    });
    expect(build(own, SYSTEM).isMarked).toBeUndefined();
    const withKey = openai({ model: "gpt-5.6-sol", apiKey: "k", extraBody: { prompt_cache_key: "mine" } });
    expect(bodyOf(build(withKey, SYSTEM))).toMatchObject({ prompt_cache_key: "mine" });
  });
});

describe.each<[string, Provider]>([
  ["anthropic", claude],
  ["bedrock", onBedrock],
  ["openai", gpt],
  ["openai-responses", responses],
])("marks of %s", (name, provider) => {
  it.each([LONG_TEMPLATE, SYSTEM, EXAMPLES])(
    `a marked request of ${name} is known by the bytes that it has without marks`,
    (prompt) => {
      const marked = build(provider, prompt);
      const plain = build(provider, unmarked(prompt));
      expect(marked.isMarked).toBe(true);
      expect(marked.body).not.toBe(plain.body);
      expect(marked.plain).toEqual({ url: plain.url, body: plain.body });
      expect(plain).not.toHaveProperty("plain");
      expect(plain).not.toHaveProperty("isMarked");
    },
  );

  it(`a request of ${name} has no mark where its prefix is short, or what is left of a message would be blank`, () => {
    const short = {
      ...SYSTEM,
      messages: [{ role: "system", content: "Be kind." }, ...SYSTEM.messages.slice(1)],
    } as const;
    expect(build(provider, short)).toEqual(build(provider, unmarked(short)));
    const blank: Prompt = {
      messages: [{ role: "user", content: `${RULES} \n` }],
      prefix: { messages: 0, characters: RULES.length },
    };
    expect(build(provider, blank)).toEqual(build(provider, unmarked(blank)));
  });

  it(`a request of ${name} has no mark after the server has refused one`, () => {
    const amendments = ["omit:prompt_cache"];
    expect(build(provider, SYSTEM, { amendments })).toEqual(
      build(provider, unmarked(SYSTEM), { amendments }),
    );
  });
});

describe("a refusal of marks", () => {
  const anthropicError = (message: string): string =>
    JSON.stringify({ type: "error", error: { type: "invalid_request_error", message } });
  const openaiError = (message: string, param: string): string =>
    JSON.stringify({ error: { message, param, type: "invalid_request_error", code: "unknown_parameter" } });

  it.each<[string, Provider, number, string]>([
    ["Anthropic", claude, 400, anthropicError("system.0.cache_control: Extra inputs are not permitted")],
    [
      "Bedrock",
      onBedrock,
      403,
      '{"message":"You invoked an unsupported model or your request did not allow prompt caching. See the documentation for more information."}',
    ],
    [
      "Bedrock",
      onBedrock,
      400,
      '{"message":"Malformed input request: #/messages/0/content/1: extraneous key [cachePoint] is not permitted, please reformat your input and try again."}',
    ],
    [
      "OpenAI",
      gpt,
      400,
      openaiError(
        "Unknown parameter: 'messages[0].content[0].prompt_cache_breakpoint'.",
        "messages[0].content[0].prompt_cache_breakpoint",
      ),
    ],
    ["OpenAI", gpt, 400, openaiError("Unrecognized request argument supplied: prompt_cache_options", "")],
  ])(
    "a request whose marks %s refuses is sent again without them, and keeps its key",
    (_, provider, status, body) => {
      const response = { status, headers: {}, body };
      expect(provider.readResponse(response, new Set())).toMatchObject({
        rejection: { verdict: "amend", amendment: "omit:prompt_cache", keepsRequest: true },
      });
      const again = provider.readResponse(response, new Set(["omit:prompt_cache"]));
      expect(again).not.toMatchObject({ rejection: { amendment: "omit:prompt_cache" } });
    },
  );
});

describe("promptCache", () => {
  it.each<[model: string, minTokens: number]>([
    ["claude-sonnet-5", 1024],
    ["claude-sonnet-4-20250514", 1024],
    ["claude-opus-4-6", 4096],
    ["claude-haiku-4-5-20251001", 4096],
    ["claude-opus-5", 512],
    ["claude-opus-5-5", 4096],
    ["claude-of-tomorrow", 4096],
  ])("the least that is kept for %s is %i tokens", (model, minTokens) => {
    expect(anthropic({ model, apiKey: "k" }).promptCache).toMatchObject({ by: "marks", minTokens });
  });

  it("marks are made without being asked for at the address of the vendor alone", () => {
    const isDefault = (baseUrl?: string): boolean | undefined =>
      anthropic({ model: "claude-sonnet-5", apiKey: "k", ...(baseUrl !== undefined && { baseUrl }) })
        .promptCache?.isDefault;
    expect([isDefault(), isDefault("http://127.0.0.1:1234")]).toEqual([true, false]);
    expect([gpt, onBedrock].map(({ promptCache }) => promptCache?.isDefault)).toEqual([true, true]);
  });
});
