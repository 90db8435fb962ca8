import { chatProvider } from "../provider.ts";
import { COMMON_CHAT, type ChatDialect } from "../dialect.ts";
import { limitHeader, MINUTE_MS, readLimitHeaders } from "../../limits/limit-headers.ts";
import type { ProviderInfo } from "../../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../../provider-options.ts";
import type { Provider } from "../../provider.ts";

/** {@linkcode together} as data. */
export const TOGETHER: ProviderInfo = {
  name: "together",
  displayName: "Together AI",
  keyVariables: ["TOGETHER_API_KEY"],
  needsKey: true,
  baseUrl: "https://api.together.xyz/v1",
  baseUrlVariables: [],
  capabilities: { nativeN: true, json: "schema", images: ["url", "data"], limits: "headers" },
};

/** Told per second; taken as so many a minute, since one request may take more tokens than a second has. */
const LIMITS = [
  { ...limitHeader("requests", MINUTE_MS, "x-ratelimit-*"), times: 60 },
  { ...limitHeader("tokens", MINUTE_MS, "x-tokenlimit-*"), times: 60 },
];

const DIALECT: ChatDialect = {
  ...COMMON_CHAT,
  info: TOGETHER,
  showsSchema: false,
  readLimits: (response) => readLimitHeaders(response, LIMITS),
};

/**
 * Together AI. Its limits move with use; a 503 says that it is short of capacity itself.
 *
 * @throws ParrotError `MISSING_KEY`
 */
export function together(options: ProviderOptions): Provider {
  checkProviderOptions("together", options);
  return chatProvider(DIALECT, options);
}
