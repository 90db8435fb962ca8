import { allParamsBut } from "../../generation-params.ts";
import { chatProvider } from "../provider.ts";
import { COMMON_CHAT, type ChatDialect } from "../dialect.ts";
import type { ProviderInfo } from "../../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../../provider-options.ts";
import type { Provider } from "../../provider.ts";
import { XAI_BATCHES, xaiBatches } from "./xai-batches.ts";

/** What is known of {@linkcode xai} before it is made. */
export const XAI: ProviderInfo = {
  name: "xai",
  displayName: "xAI",
  keyVariables: ["XAI_API_KEY"],
  needsKey: true,
  baseUrl: "https://api.x.ai/v1",
  baseUrlVariables: [],
  capabilities: {
    nativeN: false,
    json: "schema",
    images: ["url", "data"],
    limits: "headers",
    params: allParamsBut("logitBias"),
  },
  batch: XAI_BATCHES,
};

const DIALECT: ChatDialect = {
  ...COMMON_CHAT,
  info: XAI,
  maxTokensName: "max_completion_tokens",
  capsReasoning: false,
  reasoningIsApart: true,
  batch: xaiBatches,
};

/**
 * xAI. The API does not count reasoning as output; this provider adds it to the output.
 *
 * @throws ParrotError `MISSING_KEY`
 */
export function xai(options: ProviderOptions): Provider {
  checkProviderOptions("xai", options);
  return chatProvider(DIALECT, options);
}
