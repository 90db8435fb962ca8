import type { LimitReading } from "@parallel-parrot/limiter";
import { readErrorBody } from "../../errors/error-body.ts";
import { DAY_MS, MINUTE_MS } from "../../limits/windows.ts";
import { dateOf, headerOf } from "../../limits/retry-after.ts";
import { chatProvider } from "../provider.ts";
import { COMMON_CHAT, type ChatDialect } from "../dialect.ts";
import type { ErrorRule } from "../../errors/judgement.ts";
import { fieldsOf, parseJson, type Fields } from "../../json-fields.ts";
import { OPENAI_SCHEMAS } from "../../json-output/schema-dialects.ts";
import type { ProviderInfo } from "../../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../../provider-options.ts";
import type { Provider, ProviderResponse } from "../../provider.ts";
import { JSON_OBJECT, JSON_WORDS, nextAmendment } from "../../amendments.ts";
import { OPENROUTER_BATCHES, openrouterBatches } from "./openrouter-batches.ts";

/** What is known of {@linkcode openrouter} before it is made. */
export const OPENROUTER: ProviderInfo = {
  name: "openrouter",
  displayName: "OpenRouter",
  keyVariables: ["OPENROUTER_API_KEY"],
  needsKey: true,
  baseUrl: "https://openrouter.ai/api/v1",
  baseUrlVariables: [],
  capabilities: { nativeN: false, json: "schema", images: ["url", "data"], limits: "body" },
  batch: OPENROUTER_BATCHES,
};

const errorRule: ErrorRule = (status, error, { response, amendments }) => {
  const { metadata } = fieldsOf(fieldsOf(parseJson(response.body))["error"]);
  const { reason } = fieldsOf(metadata);
  if (status === 402 && (reason === IN_FLIGHT || error.message.includes(IN_FLIGHT)))
    return { verdict: "wait", code: "RATE_LIMITED" };
  if (status === 403 && /\blimit exceeded\b/i.test(error.message))
    return { verdict: "stop", code: "NO_CREDIT" };
  if (status === 403 && "reasons" in fieldsOf(metadata)) return { verdict: "fail", code: "CONTENT_FILTERED" };
  if (status === 429) {
    const retryAfterMs = untilResetMs(response);
    const hint = retryAfterMs === undefined ? {} : { retryAfterMs };
    return { verdict: "wait", code: "RATE_LIMITED", ...hint };
  }
  // None of the servers that have the model supports the format that was asked for.
  if (status === 404 && /no endpoints found.{0,200}\b(?:parameters|support)\b/i.test(error.message)) {
    const amendment = nextAmendment(amendments, JSON_OBJECT, JSON_WORDS);
    if (amendment !== undefined) return { verdict: "amend", code: "BAD_REQUEST", amendment };
  }
  return undefined;
};

/** Says that all credit is reserved for requests in flight, so that waiting helps. */
const IN_FLIGHT = "in_flight_budget_exhausted";

/**
 * OpenRouter. Requests for JSON go only to servers that obey all parameters: other servers would ignore the format
 * silently.
 *
 * @throws ParrotError `MISSING_KEY`
 */
export function openrouter(options: ProviderOptions): Provider {
  checkProviderOptions("openrouter", options);
  const { provider, ...extraBody } = options.extraBody ?? {};
  const dialect: ChatDialect = {
    ...COMMON_CHAT,
    info: OPENROUTER,
    // Not all of the models behind it count reasoning towards the limit.
    capsReasoning: false,
    schemas: OPENAI_SCHEMAS,
    showsSchema: false,
    reasoning: (effort) => ({ reasoning: { effort } }),
    addFields: (fields) => routing(fields, provider),
    errorRule,
    readLimits: readOpenrouterLimits,
    batch: openrouterBatches,
  };
  return chatProvider(dialect, { ...options, extraBody });
}

function routing(fields: Fields, chosen: unknown): Fields {
  const demands = "response_format" in fields ? { require_parameters: true } : {};
  const provider = { ...demands, ...fieldsOf(chosen) };
  return Object.keys(provider).length === 0 ? {} : { provider };
}

/** Answers tell no limits. The refusal of a free model tells its limit in the body: `free-models-per-min`. */
function readOpenrouterLimits(response: ProviderResponse): readonly LimitReading[] {
  if (response.status !== 429) return [];
  const body = parseJson(response.body);
  const { message } = readErrorBody(body);
  const limit = Number(ownHeadersOf(body)["X-RateLimit-Limit"]);
  const windowMs = windowOf(message);
  return limit > 0 && windowMs !== undefined ? [{ dimension: "requests", windowMs, limit }] : [];
}

/** How long it takes until the limit is reset, if a refusal tells the time of the reset only in its body. */
function untilResetMs(response: ProviderResponse): number | undefined {
  if (headerOf(response, "retry-after") !== undefined) return undefined;
  const reset = Number(ownHeadersOf(parseJson(response.body))["X-RateLimit-Reset"]);
  const now = dateOf(response);
  return reset > now ? reset - now : undefined;
}

/** The body of a refusal lists headers of OpenRouter that the response itself may lack. */
function ownHeadersOf(body: unknown) {
  const { metadata } = fieldsOf(fieldsOf(body)["error"]);
  return fieldsOf(fieldsOf(metadata)["headers"]);
}

function windowOf(message: string): number | undefined {
  if (message.includes("-per-min")) return MINUTE_MS;
  return message.includes("-per-day") ? DAY_MS : undefined;
}
