import type { Choice, Completion, FinishReason, Usage } from "@parallel-parrot/core";
import type { Dimension, LimitReading } from "@parallel-parrot/limiter";
import { checkBaseUrl, missingKey, readKey } from "./connection.ts";
import { findPrice } from "./find-price.ts";
import { countOf, fieldsOf, isFields, parseJson } from "./json-fields.ts";
import { chatBodyWriter, type DialectOptions } from "./openai-body.ts";
import { classifyError, readErrorBody } from "./openai-error.ts";
import type { Price } from "./price.ts";
import type { ProviderInfo } from "./provider-info.ts";
import type { Capabilities, Provider, ProviderAnswer, ProviderResponse } from "./provider.ts";
import { notJson, rejected, withoutSecret } from "./rejected.ts";
import { headerOf } from "./retry-after.ts";

/** Options of {@linkcode openai}. */
export interface OpenAIOptions {
  /** Model name as the server knows it, such as `gpt-4.1-mini`. */
  readonly model: string;
  /** @default the environment variable OPENAI_API_KEY; servers other than OpenAI's may need none */
  readonly apiKey?: string;
  /**
   * Root of any server that speaks Chat Completions, with its version path, such as `http://localhost:8000/v1`.
   * @default the environment variable OPENAI_BASE_URL, else OpenAI's own
   */
  readonly baseUrl?: string;
  /** Sent with every request, such as `OpenAI-Project`. Not for secrets: they may be journaled. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Fields added to every body as they are, such as `{ reasoning_effort: "low" }`. */
  readonly extraBody?: Readonly<Record<string, unknown>>;
}

const OPENAI_URL = "https://api.openai.com/v1";
const KEY_VARIABLE = "OPENAI_API_KEY";

/** {@linkcode openai} as data. */
export const OPENAI: ProviderInfo = {
  name: "openai",
  displayName: "OpenAI",
  keyVariables: [KEY_VARIABLE],
  needsKey: true,
  baseUrl: OPENAI_URL,
  baseUrlVariables: ["OPENAI_BASE_URL"],
  capabilities: { nativeN: true, json: "schema", images: ["url", "data"], limits: "headers" },
};

/**
 * OpenAI Chat Completions, and any server that speaks it (vLLM, llama.cpp, Ollama, Groq, …) by `baseUrl`.
 *
 * @throws ParrotError `MISSING_KEY` when OpenAI itself is meant and there is no key
 */
export function openai(options: OpenAIOptions): Provider {
  const baseUrl = checkBaseUrl(options.baseUrl ?? (process.env["OPENAI_BASE_URL"] || OPENAI_URL));
  const isOpenAI = new URL(baseUrl).hostname.endsWith("api.openai.com");
  const apiKey = readKey(options.apiKey, KEY_VARIABLE);
  if (isOpenAI && apiKey === "") throw missingKey("OpenAI", KEY_VARIABLE);
  const capabilities: Capabilities = isOpenAI
    ? OPENAI.capabilities
    : { ...OPENAI.capabilities, limits: "none" };
  const dialect: DialectOptions = {
    info: { displayName: OPENAI.displayName, capabilities },
    model: options.model,
    maxTokensName: isOpenAI ? "max_completion_tokens" : "max_tokens",
    describeSchema: !isOpenAI,
    extraBody: options.extraBody ?? {},
  };
  const credentials = apiKey === "" ? {} : { authorization: `Bearer ${apiKey}` };
  const url = `${baseUrl}/chat/completions`;
  const writeBody = chatBodyWriter(dialect);
  const headers = { ...options.headers, "content-type": "application/json", accept: "application/json" };
  return {
    name: "openai",
    model: options.model,
    baseUrl,
    capabilities,
    ...priceOf(options, baseUrl),
    buildRequest: (call, amendments) => ({
      method: "POST",
      url,
      headers,
      ...writeBody(call, amendments),
    }),
    authorize: () => credentials,
    readResponse: (response, amendments) =>
      withoutSecret(readChatResponse(response, amendments), apiKey, KEY_VARIABLE),
    readLimits,
    chargeUpFront: ({ inputTokens, expectedOutputTokens, maxTokens }) => ({
      requests: 1,
      tokens: inputTokens + (maxTokens ?? expectedOutputTokens),
    }),
    chargeAfter: (_estimate, { inputTokens, outputTokens }) => ({
      requests: 1,
      tokens: inputTokens + outputTokens,
    }),
  };
}

/** Other servers, regional hosts and other service tiers have prices of their own. */
function priceOf({ model, extraBody }: OpenAIOptions, baseUrl: string): { readonly price?: Price } {
  const tier = extraBody?.["service_tier"] ?? "default";
  const price = baseUrl === OPENAI_URL && tier === "default" ? findPrice("openai", model) : undefined;
  return price === undefined ? {} : { price };
}

function readChatResponse(response: ProviderResponse, amendments: ReadonlySet<string>): ProviderAnswer {
  const body = parseJson(response.body);
  const isOk = response.status >= 200 && response.status < 300;
  if (isOk && !isFields(body))
    return rejected({ verdict: "retry", code: "BAD_RESPONSE", message: notJson(response) });
  // Some gateways answer 200 with an error inside.
  const inner = isFields(body) && isFields(body["error"]) ? Number(body["error"]["code"]) : Number.NaN;
  if (isOk && isFields(body) && (body["error"] ?? null) === null) return readAnswer(body);
  const status = isOk ? inner || 500 : response.status;
  const error = readErrorBody(body);
  const message = error.message || (isFields(body) ? "" : notJson(response));
  return rejected(classifyError(status, { ...error, message }, response, amendments));
}

/** A choice that ended in an error of the upstream model is no answer, whatever text it has. */
function readAnswer(body: Readonly<Record<string, unknown>>): ProviderAnswer {
  const choices = Array.isArray(body["choices"]) ? body["choices"].map(fieldsOf) : [];
  const broken = choices.find((choice) => choice["finish_reason"] === "error");
  if (broken === undefined) return { ok: true, completion: readCompletion(body) };
  const { message } = readErrorBody(broken);
  const usage = readUsage(body);
  return {
    ok: false,
    rejection: {
      verdict: "retry",
      code: "BAD_RESPONSE",
      message: `The answer ended in an error: ${message || "no message"}`,
    },
    ...(usage.inputTokens + usage.outputTokens === 0 ? {} : { usage }),
  };
}

function readCompletion(body: Readonly<Record<string, unknown>>): Omit<Completion, "attempts"> {
  const choices = Array.isArray(body["choices"]) ? body["choices"] : [];
  return {
    choices: choices.map((choice) => readChoice(fieldsOf(choice))),
    model: typeof body["model"] === "string" ? body["model"] : "",
    usage: readUsage(body),
  };
}

function readUsage(body: Readonly<Record<string, unknown>>): Usage {
  const usage = fieldsOf(body["usage"]);
  const input = fieldsOf(usage["prompt_tokens_details"]);
  const cacheWriteTokens = countOf(input["cache_write_tokens"]);
  return {
    requests: 1,
    inputTokens: countOf(usage["prompt_tokens"]),
    outputTokens: countOf(usage["completion_tokens"]),
    cachedInputTokens: countOf(input["cached_tokens"]),
    reasoningTokens: countOf(fieldsOf(usage["completion_tokens_details"])["reasoning_tokens"]),
    ...(cacheWriteTokens === 0 ? {} : { cacheWriteTokens }),
  };
}

const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  length: "length",
  content_filter: "content_filter",
};

function readChoice(choice: Readonly<Record<string, unknown>>): Choice {
  const message = fieldsOf(choice["message"]);
  const { refusal } = message;
  if (typeof refusal === "string" && refusal !== "") return { text: refusal, finishReason: "refusal" };
  const reason = choice["finish_reason"];
  // Servers that leave the reason out mean a complete answer.
  const finishReason = typeof reason === "string" ? (FINISH_REASONS[reason] ?? "other") : "stop";
  return { text: contentText(message["content"]), finishReason };
}

/** Content is a string, or on some servers a list of parts of which only the text ones are the answer. */
function contentText(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map(fieldsOf)
    .filter(({ type }) => type === "text")
    .map(({ text }) => (typeof text === "string" ? text : ""))
    .join("");
}

const LIMIT_HEADERS: readonly { dimension: Dimension; limit: string; remaining: string }[] = [
  {
    dimension: "requests",
    limit: "x-ratelimit-limit-requests",
    remaining: "x-ratelimit-remaining-requests",
  },
  { dimension: "tokens", limit: "x-ratelimit-limit-tokens", remaining: "x-ratelimit-remaining-tokens" },
];

function readLimits(response: ProviderResponse): readonly LimitReading[] {
  const readings: LimitReading[] = [];
  for (const { dimension, ...names } of LIMIT_HEADERS) {
    const limit = Number(headerOf(response, names.limit));
    // Some deployments send 0 or -1 for "not known".
    if (!(limit > 0)) continue;
    const remaining = Number(headerOf(response, names.remaining));
    readings.push({ dimension, windowMs: 60_000, limit, ...(remaining >= 0 ? { remaining } : {}) });
  }
  return readings;
}
