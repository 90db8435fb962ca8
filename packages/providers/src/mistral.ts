import { chatProvider } from "./chat-completions.ts";
import { COMMON_CHAT, type ChatDialect } from "./chat-dialect.ts";
import type { ErrorRule } from "./classify-error.ts";
import { limitHeader, MINUTE_MS, readLimitHeaders } from "./limit-headers.ts";
import { headerOf } from "./retry-after.ts";
import type { ProviderInfo } from "./provider-info.ts";
import type { ProviderOptions } from "./provider-options.ts";
import type { Provider } from "./provider.ts";

/** {@linkcode mistral} as data. */
export const MISTRAL: ProviderInfo = {
  name: "mistral",
  displayName: "Mistral",
  keyVariables: ["MISTRAL_API_KEY"],
  needsKey: true,
  baseUrl: "https://api.mistral.ai/v1",
  baseUrlVariables: [],
  capabilities: { nativeN: true, json: "schema", images: ["url", "data"], limits: "headers" },
};

/** Told by answers only, not by refusals. */
const LIMITS = [
  limitHeader("requests", MINUTE_MS, "x-ratelimit-*-req-minute"),
  limitHeader("tokens", MINUTE_MS, "x-ratelimit-*-tokens-minute"),
];

/** A limit of 0 says that the plan does not have the model: no waiting helps. */
const errorRule: ErrorRule = (status, _error, { response }) =>
  status === 429 && headerOf(response, "x-ratelimit-limit-req-minute") === "0"
    ? { verdict: "stop", code: "PERMISSION" }
    : undefined;

const DIALECT: ChatDialect = {
  ...COMMON_CHAT,
  info: MISTRAL,
  seedName: "random_seed",
  errorRule,
  readLimits: (response) => readLimitHeaders(response, LIMITS),
};

/**
 * Mistral.
 *
 * @throws ParrotError `MISSING_KEY`
 */
export function mistral(options: ProviderOptions): Provider {
  return chatProvider(DIALECT, options);
}
