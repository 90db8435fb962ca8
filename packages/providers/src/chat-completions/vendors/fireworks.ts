import { chatProvider } from "../provider.ts";
import { COMMON_CHAT, type ChatDialect } from "../dialect.ts";
import { limitHeader, readLimitHeaders } from "../../limits/limit-headers.ts";
import { MINUTE_MS } from "../../limits/windows.ts";
import type { ProviderInfo } from "../../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../../provider-options.ts";
import type { Provider } from "../../provider.ts";

/** What is known of {@linkcode fireworks} before it is made. */
export const FIREWORKS: ProviderInfo = {
  name: "fireworks",
  displayName: "Fireworks AI",
  keyVariables: ["FIREWORKS_API_KEY"],
  needsKey: true,
  baseUrl: "https://api.fireworks.ai/inference/v1",
  baseUrlVariables: [],
  capabilities: { nativeN: true, json: "schema", images: ["url", "data"], limits: "headers" },
};

const LIMITS = [
  limitHeader("inputTokens", MINUTE_MS, "x-ratelimit-*-tokens-prompt"),
  limitHeader("outputTokens", MINUTE_MS, "x-ratelimit-*-tokens-generated"),
];

const DIALECT: ChatDialect = {
  ...COMMON_CHAT,
  info: FIREWORKS,
  showsSchema: false,
  readLimits: (response) => readLimitHeaders(response, LIMITS),
  charge: { cap: "free", cachedCounts: true },
};

/**
 * Fireworks AI. Its models have names such as `accounts/fireworks/models/…`. Its limits shrink after a burst.
 *
 * @throws ParrotError `MISSING_KEY`
 */
export function fireworks(options: ProviderOptions): Provider {
  checkProviderOptions("fireworks", options);
  return chatProvider(DIALECT, options);
}
