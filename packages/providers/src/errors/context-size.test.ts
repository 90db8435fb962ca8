import { describe, expect, it } from "vitest";
import { readContextSize } from "./context-size.ts";
import {
  anthropic,
  bedrock,
  cohere,
  functionProvider,
  gemini,
  llamaCpp,
  ollama,
  openai,
  openaiResponses,
  openrouter,
  together,
  vertex,
  VerdictError,
  type Provider,
} from "../index.ts";
import type { ContextSize } from "../provider.ts";

/** The messages of servers for a prompt that is too long, from their sources and from reports of users. */
const WORDS: readonly (readonly [server: string, message: string, told: ContextSize])[] = [
  [
    "OpenAI",
    "This model's maximum context length is 128000 tokens. However, your messages resulted in 130400 tokens. Please reduce the length of the messages.",
    { allowed: 128_000, prompt: 130_400 },
  ],
  [
    "OpenAI with a cap",
    "This model's maximum context length is 8192 tokens. However, you requested 9292 tokens (4292 in the messages, 5000 in the completion). Please reduce the length of the messages or completion.",
    { allowed: 8192, prompt: 4292, answer: 5000 },
  ],
  [
    "OpenAI with functions",
    "This model's maximum context length is 4097 tokens. However, you requested 4900 tokens (3700 in the messages, 200 in the functions, and 1000 in the completion).",
    { allowed: 4097, prompt: 3900, answer: 1000 },
  ],
  [
    "OpenAI of old",
    "This model's maximum context length is 4097 tokens, however you requested 5000 tokens (4000 in your prompt; 1000 for the completion). Please reduce your prompt; or completion length.",
    { allowed: 4097, prompt: 4000, answer: 1000 },
  ],
  [
    "OpenAI since GPT-5",
    "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 305127 tokens. Please reduce the length of the messages.",
    { allowed: 272_000, prompt: 305_127 },
  ],
  [
    "OpenAI Responses",
    "Your input exceeds the context window of this model. Please adjust your input and try again.",
    {},
  ],
  ["Groq", "Please reduce the length of the messages or completion.", {}],
  ["Anthropic", "prompt is too long: 208310 tokens > 200000 maximum", { allowed: 200_000, prompt: 208_310 }],
  [
    "Anthropic with the answer",
    "input length and `max_tokens` exceed context limit: 180043 + 32000 > 204658, decrease input length or `max_tokens` and try again",
    { allowed: 204_658, prompt: 180_043, answer: 32_000 },
  ],
  [
    "Anthropic at Bedrock",
    "The model returned the following errors: prompt is too long: 208,310 tokens > 200,000 maximum",
    { allowed: 200_000, prompt: 208_310 },
  ],
  ["Bedrock", "Input is too long for requested model.", {}],
  [
    "Gemini",
    "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
    { allowed: 1_048_576, prompt: 1_200_000 },
  ],
  [
    "Vertex AI",
    "Unable to submit request because the input token count is 135538 but model only supports up to 131072. Reduce the input token count and try again.",
    { allowed: 131_072, prompt: 135_538 },
  ],
  [
    "vLLM",
    "This model's maximum context length is 40960 tokens. However, your request has 50000 input tokens. Please reduce the length of the input messages.",
    { allowed: 40_960, prompt: 50_000 },
  ],
  [
    "vLLM that counts no further than it has to",
    "This model's maximum context length is 16384 tokens. However, you requested 4096 output tokens and your prompt contains at least 12289 input tokens, for a total of at least 16385 tokens. Please reduce the length of the input prompt or the number of requested output tokens. (parameter=input_tokens, value=12289)",
    { allowed: 16_384, answer: 4096 },
  ],
  [
    "vLLM with a cap that leaves no room",
    "'max_tokens' or 'max_completion_tokens' is too large: 4096. This model's maximum context length is 32768 tokens and your request has 29000 input tokens (4096 > 32768 - 29000).",
    { allowed: 32_768, prompt: 29_000, answer: 4096 },
  ],
  [
    "vLLM, of its engine",
    "The decoder prompt (length 5000) is longer than the maximum model length of 4096. Make sure that `max_model_len` is no smaller than the number of text tokens.",
    { allowed: 4096, prompt: 5000 },
  ],
  [
    "vLLM without an answer",
    "You passed 8193 input tokens and requested 0 output tokens. However, the model's context length is only 8192 tokens, resulting in a maximum input length of 8192 tokens.",
    { allowed: 8192, prompt: 8193 },
  ],
  [
    "llama.cpp",
    "request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it",
    { allowed: 4096, prompt: 5000 },
  ],
  ["llama.cpp of old", "the request exceeds the available context size, try increasing it", {}],
  [
    "LM Studio",
    "Trying to keep the first 9000 tokens when context the overflows. However, the model is loaded with context length of only 8192 tokens, which is not enough.",
    { allowed: 8192, prompt: 9000 },
  ],
  [
    "SGLang",
    "The input (1000016 tokens) is longer than the model's context length (131072 tokens).",
    { allowed: 131_072, prompt: 1_000_016 },
  ],
  [
    "SGLang with a cap",
    "Requested token count exceeds the model's maximum context length of 4096 tokens. You requested a total of 5000 tokens: 4000 tokens from the input messages and 1000 tokens for the completion.",
    { allowed: 4096, prompt: 4000, answer: 1000 },
  ],
  [
    "Mistral",
    "Prompt contains 40123 tokens, too large for model with 32768 maximum context length",
    { allowed: 32_768, prompt: 40_123 },
  ],
  [
    "xAI",
    "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
    { allowed: 131_072, prompt: 537_812 },
  ],
  [
    "OpenRouter",
    "This endpoint's maximum context length is 131072 tokens. However, you requested about 139521 tokens (138021 of text input, 1500 in the output). Please reduce the length of either one.",
    { allowed: 131_072, prompt: 138_021, answer: 1500 },
  ],
  [
    "Fireworks",
    "The prompt is too long: 203557, model maximum context length: 196607",
    { allowed: 196_607, prompt: 203_557 },
  ],
  [
    "Together",
    "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9000 `inputs` tokens and 512 `max_new_tokens`",
    { allowed: 8193, prompt: 9000, answer: 512 },
  ],
  [
    "Text Generation Inference",
    "Input validation error: `inputs` must have less than 4096 tokens. Given: 5000",
    { allowed: 4096, prompt: 5000 },
  ],
  [
    "Cohere",
    "too many tokens: size limit exceeded by 19296 tokens. Try using shorter or fewer inputs. The limit for this model is 132000 tokens.",
    { allowed: 132_000, excess: 19_296 },
  ],
  [
    "Cohere of old",
    "too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 5000.",
    { allowed: 4081, prompt: 5000 },
  ],
  ["Ollama", "the input length exceeds the context length", {}],
  ["Ollama's cloud", "prompt too long; exceeded max context length by 15935 tokens", { excess: 15_935 }],
  ["Qwen", "Range of input length should be [1, 258048]", { allowed: 258_048 }],
];

describe("readContextSize", () => {
  it.each(WORDS)("readContextSize reads the size of the context from a refusal of %s", (_, message, told) => {
    expect(readContextSize(message, { body: JSON.stringify({ error: { message } }) })).toEqual(told);
  });

  it("readContextSize reads the size of the context from the fields of llama.cpp", () => {
    const message = "the request exceeds the available context size, try increasing it";
    const body = JSON.stringify({ error: { message, n_prompt_tokens: 9000, n_ctx: 4096 } });
    expect(readContextSize(message, { body })).toEqual({ allowed: 4096, prompt: 9000 });
  });

  it("readContextSize reads no size of the context from a message without figures or with impossible ones", () => {
    expect(readContextSize("Too long, sorry", { body: "no JSON" })).toEqual({});
    expect(readContextSize(`prompt is too long: ${"9".repeat(40)} tokens`, { body: "" })).toEqual({});
  });

  it("readContextSize reads the size of the context from a message of megabytes in no time", () => {
    const message = "requested about maximum context length of ".repeat(100_000);
    expect(readContextSize(message, { body: "" })).toEqual({});
  });
});

const apiKey = "k";
const CHAT = (message: string): string => JSON.stringify({ error: { message } });

describe("a refusal for the length of a prompt", () => {
  it.each<
    [name: string, provider: Provider, server: string, status: number, write: (message: string) => string]
  >([
    ["openai", openai({ model: "m", apiKey }), "OpenAI", 400, CHAT],
    ["openai", openai({ model: "m", apiKey }), "OpenAI since GPT-5", 400, CHAT],
    ["openai", openai({ model: "m", apiKey }), "vLLM, of its engine", 400, CHAT],
    ["openai", openai({ model: "m", apiKey }), "vLLM without an answer", 400, CHAT],
    ["openai", openai({ model: "m", apiKey }), "SGLang", 400, CHAT],
    ["openai", openai({ model: "m", apiKey }), "LM Studio", 400, (error) => JSON.stringify({ error })],
    ["openai", openai({ model: "m", apiKey }), "Qwen", 400, CHAT],
    ["openai", openai({ model: "m", apiKey }), "Text Generation Inference", 422, CHAT],
    ["openai-responses", openaiResponses({ model: "m", apiKey }), "OpenAI Responses", 400, CHAT],
    ["anthropic", anthropic({ model: "m", apiKey }), "Anthropic with the answer", 400, CHAT],
    ["gemini", gemini({ model: "m", apiKey }), "Gemini", 400, CHAT],
    ["vertex", vertex({ model: "m", apiKey, project: "p", location: "us-central1" }), "Vertex AI", 400, CHAT],
    [
      "bedrock",
      bedrock({ model: "m", apiKey, region: "us-east-1" }),
      "Anthropic at Bedrock",
      400,
      (message) => JSON.stringify({ message }),
    ],
    ["cohere", cohere({ model: "m", apiKey }), "Cohere", 400, (message) => JSON.stringify({ message })],
    ["llamacpp", llamaCpp({ model: "m" }), "llama.cpp", 400, CHAT],
    ["ollama", ollama({ model: "m" }), "Ollama's cloud", 400, (error) => JSON.stringify({ error })],
    ["openrouter", openrouter({ model: "m", apiKey }), "OpenRouter", 400, CHAT],
    ["together", together({ model: "m", apiKey }), "Together", 422, CHAT],
  ])(
    "a refusal for the length of a prompt fails the row and tells the size of the context, with %s: %#",
    (_, provider, server, status, write) => {
      const [, message = "", told] = WORDS.find(([name]) => name === server) ?? [];
      const answer = provider.readResponse({ status, headers: {}, body: write(message) }, new Set());
      expect(answer).toMatchObject({ ok: false, rejection: { verdict: "fail", code: "CONTEXT_TOO_LONG" } });
      expect(answer.ok ? undefined : answer.rejection.contextSize).toEqual(told);
    },
  );

  it("a refusal for the length of a prompt tells the size of the context that a function gives", async () => {
    const contextSize = { allowed: 10, prompt: 12 };
    const provider = functionProvider({
      name: "own",
      model: "m",
      complete() {
        throw new VerdictError({
          verdict: "fail",
          code: "CONTEXT_TOO_LONG",
          message: "too long",
          contextSize,
        });
      },
    });
    const call = { prompt: { messages: [] }, params: {}, shape: { type: "text" }, n: 1 } as const;
    const response = await provider.send?.(
      provider.buildRequest(call, new Set()),
      new AbortController().signal,
    );
    if (response === undefined) throw new Error("It sends nothing");
    expect(provider.readResponse(response, new Set())).toMatchObject({
      ok: false,
      rejection: { code: "CONTEXT_TOO_LONG", contextSize },
    });
  });
});
