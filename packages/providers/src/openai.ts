import { ParrotError, type Choice, type Completion, type FinishReason } from "@parallel-parrot/core";
import type { Dimension, LimitReading } from "@parallel-parrot/limiter";
import { buildChatBody, type DialectOptions } from "./openai-body.ts";
import { classifyError, readErrorBody } from "./openai-error.ts";
import type { Provider, ProviderAnswer, ProviderResponse, Rejection } from "./provider.ts";
import { redact } from "./redact.ts";
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

/**
 * OpenAI Chat Completions, and any server that speaks it (vLLM, llama.cpp, Ollama, Groq, …) by `baseUrl`.
 *
 * @throws ParrotError `MISSING_KEY` when OpenAI itself is meant and there is no key
 */
export function openai(options: OpenAIOptions): Provider {
  const baseUrl = checkBaseUrl(options.baseUrl ?? (process.env["OPENAI_BASE_URL"] || OPENAI_URL));
  const isOpenAI = new URL(baseUrl).hostname.endsWith("api.openai.com");
  // Keys come from files and variables, often with a line end.
  const apiKey = (options.apiKey ?? process.env["OPENAI_API_KEY"] ?? "").trim();
  if (isOpenAI && apiKey === "") {
    throw new ParrotError(
      "MISSING_KEY",
      "Cannot use OpenAI without a key; set the environment variable OPENAI_API_KEY",
    );
  }
  if (!/^[\x21-\x7E]*$/.test(apiKey)) {
    throw new ParrotError("INVALID_OPTION", "Cannot use the API key: it has characters that no key has", {
      option: "apiKey",
    });
  }
  const dialect: DialectOptions = {
    model: options.model,
    maxTokensName: isOpenAI ? "max_completion_tokens" : "max_tokens",
    describeSchema: !isOpenAI,
    extraBody: options.extraBody ?? {},
  };
  const headers = { ...options.headers, "content-type": "application/json", accept: "application/json" };
  return {
    name: "openai",
    model: options.model,
    baseUrl,
    capabilities: { nativeN: true, json: "schema", limitHeaders: isOpenAI },
    buildRequest: (call, amendments) => ({
      method: "POST",
      url: `${baseUrl}/chat/completions`,
      headers,
      body: JSON.stringify(buildChatBody(call, amendments, dialect)),
    }),
    authorize: () => (apiKey === "" ? {} : { authorization: `Bearer ${apiKey}` }),
    readResponse: (response, amendments) => redacted(readChatResponse(response, amendments), apiKey),
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

function checkBaseUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new ParrotError(
      "INVALID_OPTION",
      // Without what may be a secret in it.
      `Cannot use the base URL "${text.replace(/[?#].*/, "").replace(/\/\/.*@/, "//")}"; give one like http://localhost:8000/v1`,
      { option: "baseUrl" },
    );
  }
  if (url.username !== "" || url.password !== "" || url.search !== "") {
    throw new ParrotError(
      "INVALID_OPTION",
      "Cannot use a base URL with credentials or a query in it; pass the key as apiKey",
      { option: "baseUrl" },
    );
  }
  return url.href.replace(/\/+$/, "");
}

function readChatResponse(response: ProviderResponse, amendments: ReadonlySet<string>): ProviderAnswer {
  const body = parseJson(response.body);
  const isOk = response.status >= 200 && response.status < 300;
  if (isOk && !isRecord(body))
    return rejected({ verdict: "retry", code: "BAD_RESPONSE", message: notJson(response) });
  // Some gateways answer 200 with an error inside.
  const inner = isRecord(body) && isRecord(body["error"]) ? Number(body["error"]["code"]) : Number.NaN;
  if (isOk && isRecord(body) && (body["error"] ?? null) === null) return readAnswer(body);
  const status = isOk ? inner || 500 : response.status;
  const error = readErrorBody(body);
  const message = error.message || (isRecord(body) ? "" : notJson(response));
  return rejected(classifyError(status, { ...error, message }, response, amendments));
}

/** A choice that ended in an error of the upstream model is no answer, whatever text it has. */
function readAnswer(body: Readonly<Record<string, unknown>>): ProviderAnswer {
  const choices = Array.isArray(body["choices"]) ? body["choices"].map(asRecord) : [];
  const broken = choices.find((choice) => choice["finish_reason"] === "error");
  if (broken === undefined) return { ok: true, completion: readCompletion(body) };
  const { message } = readErrorBody(broken);
  return rejected({
    verdict: "retry",
    code: "BAD_RESPONSE",
    message: `The answer ended in an error: ${message || "no message"}`,
  });
}

function readCompletion(body: Readonly<Record<string, unknown>>): Omit<Completion, "attempts"> {
  const choices = Array.isArray(body["choices"]) ? body["choices"] : [];
  const usage = asRecord(body["usage"]);
  return {
    choices: choices.map((choice) => readChoice(asRecord(choice))),
    model: typeof body["model"] === "string" ? body["model"] : "",
    usage: {
      requests: 1,
      inputTokens: count(usage["prompt_tokens"]),
      outputTokens: count(usage["completion_tokens"]),
      cachedInputTokens: count(asRecord(usage["prompt_tokens_details"])["cached_tokens"]),
      reasoningTokens: count(asRecord(usage["completion_tokens_details"])["reasoning_tokens"]),
    },
  };
}

const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  length: "length",
  content_filter: "content_filter",
};

function readChoice(choice: Readonly<Record<string, unknown>>): Choice {
  const message = asRecord(choice["message"]);
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
    .map(asRecord)
    .filter(({ type }) => type === "text")
    .map(({ text }) => (typeof text === "string" ? text : ""))
    .join("");
}

function readLimits(response: ProviderResponse): readonly LimitReading[] {
  return (["requests", "tokens"] as const).flatMap((dimension) => readLimit(response, dimension));
}

function readLimit(response: ProviderResponse, dimension: Dimension): LimitReading[] {
  const limit = Number(headerOf(response, `x-ratelimit-limit-${dimension}`) ?? Number.NaN);
  const remaining = Number(headerOf(response, `x-ratelimit-remaining-${dimension}`) ?? Number.NaN);
  // Some deployments send 0 or -1 for "not known".
  if (!(limit > 0)) return [];
  return [{ dimension, windowMs: 60_000, limit, ...(remaining >= 0 ? { remaining } : {}) }];
}

function redacted(answer: ProviderAnswer, secret: string): ProviderAnswer {
  if (answer.ok) return answer;
  const { rejection } = answer;
  const hasNoKey = secret === "" && rejection.code === "AUTHENTICATION";
  const hint = hasNoKey ? "; no key was sent, set the environment variable OPENAI_API_KEY" : "";
  return rejected({ ...rejection, message: `${redact(rejection.message, secret)}${hint}` });
}

function rejected(rejection: Rejection): ProviderAnswer {
  return { ok: false, rejection };
}

function notJson(response: ProviderResponse): string {
  const type = headerOf(response, "content-type") ?? "no content type";
  // Far more than is shown: a key must be whole to be found and taken out before the message is shortened.
  return `HTTP ${response.status}: expected JSON, got ${type}: ${response.body.slice(0, 4000)}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

function count(value: unknown): number {
  return typeof value === "number" && value > 0 ? value : 0;
}
