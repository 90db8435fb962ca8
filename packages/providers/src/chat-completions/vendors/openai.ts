import { OPENAI_BATCHES, UNKNOWN_BATCHES } from "../../batch/openai-limits.ts";
import { openaiBatches } from "../../batch/openai-batches.ts";
import { chatProvider } from "../provider.ts";
import { COMMON_CHAT, type ChatDialect } from "../dialect.ts";
import { connect } from "../../request/connection.ts";
import { OPENAI_SCHEMAS } from "../../json-output/schema-dialects.ts";
import { openaiPromptCache } from "../../prompt-cache/openai-prompt-cache.ts";
import type { ProviderInfo } from "../../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../../provider-options.ts";
import type { Provider } from "../../provider.ts";

/** Options of {@linkcode openai}. */
export type OpenAIOptions = ProviderOptions;

/** What is known of {@linkcode openai} before it is made. */
export const OPENAI: ProviderInfo = {
  name: "openai",
  displayName: "OpenAI",
  keyVariables: ["OPENAI_API_KEY"],
  needsKey: true,
  baseUrl: "https://api.openai.com/v1",
  baseUrlVariables: ["OPENAI_BASE_URL"],
  otherVariables: ["OPENAI_ORG_ID", "OPENAI_PROJECT_ID"],
  capabilities: { nativeN: true, json: "schema", images: ["url", "data"], limits: "headers" },
  batch: OPENAI_BATCHES,
};

/**
 * OpenAI Chat Completions; with another `baseUrl`, any server that speaks it.
 *
 * @throws ParrotError `MISSING_KEY` if OpenAI's own server is to be asked and there is no key
 */
export function openai(options: OpenAIOptions): Provider {
  checkProviderOptions("openai", options);
  const { isVendor } = connect(OPENAI, options);
  if (!isVendor) return chatProvider(unknownServer(OPENAI), options);
  return chatProvider(DIALECT, withAccount(options));
}

/**
 * The options with the organization and project that pay, from the variables that OpenAI's own libraries know, where
 * no header names others.
 */
export function withAccount(options: OpenAIOptions): OpenAIOptions {
  const { OPENAI_ORG_ID: organization = "", OPENAI_PROJECT_ID: project = "" } = process.env;
  const names = Object.keys({ ...options.headers, ...options.secretHeaders });
  const given = new Set(names.map((name) => name.toLowerCase()));
  const usual = Object.entries({ "OpenAI-Organization": organization, "OpenAI-Project": project }).flatMap(
    ([name, value]) => (value.trim() === "" || given.has(name.toLowerCase()) ? [] : [[name, value.trim()]]),
  );
  return { ...options, headers: { ...Object.fromEntries(usual), ...options.headers } };
}

const DIALECT: ChatDialect = {
  ...COMMON_CHAT,
  info: OPENAI,
  maxTokensName: "max_completion_tokens",
  endUserName: "safety_identifier",
  schemas: OPENAI_SCHEMAS,
  hasDeveloper: true,
  promptCache: (model) => openaiPromptCache(model, true),
  batch: openaiBatches({ info: OPENAI_BATCHES, endpoint: "/v1/chat/completions" }),
};

/** The dialect of a server that is only known to speak Chat Completions. */
export function unknownServer(info: ProviderInfo): ChatDialect {
  return {
    ...COMMON_CHAT,
    info,
    // The server may be a gateway to OpenAI, which refuses more than others do.
    schemas: OPENAI_SCHEMAS,
    // Many servers constrain the answer by the schema without showing it to the model.
    showsSchema: false,
    promptCache: (model) => openaiPromptCache(model, false),
    // Whether it has batches shows when one is asked for.
    batch: openaiBatches({ info: UNKNOWN_BATCHES, endpoint: "/v1/chat/completions" }),
  };
}
