import { chatProvider } from "../provider.ts";
import { COMMON_CHAT, type ChatDialect } from "../dialect.ts";
import type { ProviderInfo } from "../../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../../provider-options.ts";
import type { Provider } from "../../provider.ts";

/** What is known of {@linkcode vllm} before it is made. */
export const VLLM: ProviderInfo = {
  name: "vllm",
  displayName: "vLLM",
  keyVariables: ["VLLM_API_KEY"],
  needsKey: false,
  baseUrl: "http://localhost:8000/v1",
  baseUrlVariables: [],
  capabilities: { nativeN: true, json: "schema", images: ["url", "data"], limits: "none" },
};

const DIALECT: ChatDialect = { ...COMMON_CHAT, info: VLLM, showsSchema: false, readLimits: () => [] };

/** A vLLM server of any version: structured output is asked for in the one way that all versions know. */
export function vllm(options: ProviderOptions): Provider {
  checkProviderOptions("vllm", options);
  return chatProvider(DIALECT, options);
}
