import { chatProvider } from "../provider.ts";
import { COMMON_CHAT, type ChatDialect } from "../dialect.ts";
import type { ErrorRule } from "../../errors/classify-error.ts";
import type { ProviderInfo } from "../../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../../provider-options.ts";
import type { Provider } from "../../provider.ts";

/** {@linkcode llamaCpp} as data. */
export const LLAMA_CPP: ProviderInfo = {
  name: "llamacpp",
  displayName: "llama.cpp",
  keyVariables: ["LLAMA_API_KEY"],
  needsKey: false,
  baseUrl: "http://localhost:9931/v1",
  baseUrlVariables: [],
  capabilities: { nativeN: true, json: "schema", images: ["url", "data"], limits: "none" },
};

/** A server gives as many choices at once as it has slots. */
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

/** The server of llama.cpp. Its port was 8080 in earlier versions. */
export function llamaCpp(options: ProviderOptions): Provider {
  checkProviderOptions("llamaCpp", options);
  return chatProvider(DIALECT, options);
}
