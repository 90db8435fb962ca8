import { allParamsBut } from "../../generation-params.ts";
import { chatProvider } from "../provider.ts";
import { COMMON_CHAT, type ChatDialect } from "../dialect.ts";
import { limitHeader, readLimitHeaders } from "../../limits/limit-headers.ts";
import { MINUTE_MS } from "../../limits/windows.ts";
import type { ProviderInfo } from "../../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../../provider-options.ts";
import type { Provider } from "../../provider.ts";
import { TOGETHER_BATCHES, togetherBatches } from "./together-batches.ts";

/** What is known of {@linkcode together} before it is made. */
export const TOGETHER: ProviderInfo = {
  name: "together",
  displayName: "Together AI",
  keyVariables: ["TOGETHER_API_KEY"],
  needsKey: true,
  baseUrl: "https://api.together.xyz/v1",
  baseUrlVariables: [],
  capabilities: {
    nativeN: true,
    json: "schema",
    images: ["url", "data"],
    limits: "headers",
    params: allParamsBut("endUser"),
  },
  batch: TOGETHER_BATCHES,
};

/** The API tells limits per second. They are read as limits per minute: one request may need more than a second's. */
const LIMITS = [
  { ...limitHeader("requests", MINUTE_MS, "x-ratelimit-*"), times: 60 },
  { ...limitHeader("tokens", MINUTE_MS, "x-tokenlimit-*"), times: 60 },
];

const DIALECT: ChatDialect = {
  ...COMMON_CHAT,
  info: TOGETHER,
  showsSchema: false,
  readLimits: (response) => readLimitHeaders(response, LIMITS),
  batch: togetherBatches,
};

/**
 * Together AI. Its limits change with use. A 503 says that the service itself is short of capacity.
 *
 * @throws ParrotError `MISSING_KEY`
 */
export function together(options: ProviderOptions): Provider {
  checkProviderOptions("together", options);
  return chatProvider(DIALECT, options);
}
