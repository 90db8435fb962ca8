import { chatProvider } from "../provider.ts";
import { COMMON_CHAT, type ChatDialect } from "../dialect.ts";
import type { ErrorRule } from "../../errors/classify-error.ts";
import type { ProviderInfo } from "../../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../../provider-options.ts";
import type { Provider } from "../../provider.ts";

/** What is known of {@linkcode llamaCpp} before it is made. */
export const LLAMA_CPP: ProviderInfo = {
  name: "llamacpp",
  displayName: "llama.cpp",
  keyVariables: ["LLAMA_API_KEY"],
  needsKey: false,
  baseUrl: "http://localhost:9931/v1",
  baseUrlVariables: [],
  capabilities: { nativeN: true, json: "schema", images: ["url", "data"], limits: "none" },
};

/** A server refuses more choices for one request than it has slots. */
const errorRule: ErrorRule = (status, { message }, { amendments }) =>
  status === 400 && message.includes("n_cmpl") && !amendments.has("omit:n")
    ? { verdict: "amend", code: "BAD_REQUEST", amendment: "omit:n" }
    : undefined;

const DIALECT: ChatDialect = {
  ...COMMON_CHAT,
  info: LLAMA_CPP,
  showsSchema: false,
  errorRule,
  readLimits: () => [],
};

/** The server of llama.cpp. Earlier versions listened on port 8080. */
export function llamaCpp(options: ProviderOptions): Provider {
  checkProviderOptions("llamaCpp", options);
  return chatProvider(DIALECT, options);
}
