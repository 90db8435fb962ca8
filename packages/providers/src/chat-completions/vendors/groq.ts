import { allParamsBut } from "../../generation-params.ts";
import { COMMON_CHARGE } from "../../limits/charges.ts";
import type { BatchInfo } from "../../batch/batch-info.ts";
import { openaiBatches } from "../../batch/openai-batches.ts";
import { chatProvider } from "../provider.ts";
import { COMMON_CHAT, type ChatDialect } from "../dialect.ts";
import { connect } from "../../request/connection.ts";
import { limitHeader, readLimitHeaders } from "../../limits/limit-headers.ts";
import { DAY_MS, MINUTE_MS } from "../../limits/windows.ts";
import { OPENAI_SCHEMAS } from "../../json-output/schema-dialects.ts";
import type { ProviderInfo } from "../../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../../provider-options.ts";
import type { Provider } from "../../provider.ts";

/** Source: Groq, "Batch processing", and its SDK. The price was once 0.75 and is 0.5 by others' word: the higher one holds. */
const BATCHES: BatchInfo = {
  way: "file",
  limits: { maxRequests: 50_000, maxBytes: 100_000_000, queue: "none", windowHours: [24, 168] },
  price: {
    factor: 0.75,
    spareCached: true,
    source: "https://console.groq.com/docs/batch",
    date: "2026-11-30",
  },
  progress: "counts",
  foundBy: "name",
};

/** What is known of {@linkcode groq} before it is made. */
export const GROQ: ProviderInfo = {
  name: "groq",
  displayName: "Groq",
  keyVariables: ["GROQ_API_KEY"],
  needsKey: true,
  baseUrl: "https://api.groq.com/openai/v1",
  baseUrlVariables: ["GROQ_BASE_URL"],
  capabilities: {
    nativeN: false,
    json: "schema",
    images: ["url", "data"],
    limits: "headers",
    params: allParamsBut("presencePenalty", "frequencyPenalty", "logitBias"),
  },
  batch: BATCHES,
};

/** The headers have OpenAI's names, but count the requests of a day. Source: Groq, "Rate limits". */
const LIMITS = [
  limitHeader("requests", DAY_MS, "x-ratelimit-*-requests"),
  limitHeader("tokens", MINUTE_MS, "x-ratelimit-*-tokens"),
];

const DIALECT: ChatDialect = {
  ...COMMON_CHAT,
  info: GROQ,
  maxTokensName: "max_completion_tokens",
  schemas: OPENAI_SCHEMAS,
  readLimits: (response) => readLimitHeaders(response, LIMITS),
  charge: { ...COMMON_CHARGE, cachedCounts: false },
  // It documents no pages of a list.
  batch: openaiBatches({ info: BATCHES, endpoint: "/v1/chat/completions", hasPages: false }),
};

/** Groq's own library takes the base URL without this path, so it is added where it is missing. */
const PATH = "/openai/v1";

/**
 * Groq. Only some of its models enforce schemas; the others are asked for JSON mode.
 *
 * @throws ParrotError `MISSING_KEY`
 */
export function groq(options: ProviderOptions): Provider {
  checkProviderOptions("groq", options);
  const { baseUrl } = connect(GROQ, options);
  const isBare = new URL(baseUrl).pathname === "/";
  return chatProvider(DIALECT, isBare ? { ...options, baseUrl: `${baseUrl}${PATH}` } : options);
}
