import { allParamsBut } from "../../generation-params.ts";
import { chatProvider } from "../provider.ts";
import { COMMON_CHAT, type ChatDialect } from "../dialect.ts";
import type { ProviderInfo } from "../../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../../provider-options.ts";
import type { Provider } from "../../provider.ts";

/** What is known of {@linkcode deepseek} before it is made. */
export const DEEPSEEK: ProviderInfo = {
  name: "deepseek",
  displayName: "DeepSeek",
  keyVariables: ["DEEPSEEK_API_KEY"],
  needsKey: true,
  baseUrl: "https://api.deepseek.com",
  baseUrlVariables: [],
  capabilities: {
    nativeN: false,
    json: "object",
    images: [],
    limits: "none",
    params: allParamsBut("seed", "logitBias", "endUser"),
  },
};

const DIALECT: ChatDialect = {
  ...COMMON_CHAT,
  info: DEEPSEEK,
  reasoning: (effort) =>
    effort === "none"
      ? { thinking: { type: "disabled" } }
      : { thinking: { type: "enabled" }, reasoning_effort: effort },
  readLimits: () => [],
};

/**
 * DeepSeek. It limits the number of requests in flight, and does not tell the limit. It has JSON mode, but neither
 * schemas nor seeds.
 *
 * @throws ParrotError `MISSING_KEY`
 */
export function deepseek(options: ProviderOptions): Provider {
  checkProviderOptions("deepseek", options);
  return chatProvider(DIALECT, options);
}
