import { anObject, aText, oneOf, required } from "@parallel-parrot/core";
import { UNKNOWN_BATCHES } from "../../batch/openai-limits.ts";
import { chatProvider } from "../provider.ts";
import { unknownServer } from "./openai.ts";
import type { ProviderInfo } from "../../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../../provider-options.ts";
import type { Capabilities, Provider } from "../../provider.ts";

/** Options of {@linkcode openaiCompatible}. */
export interface OpenAICompatibleOptions extends ProviderOptions {
  /** Short name of the server, for messages and records. */
  readonly name: string;
  readonly baseUrl: string;
  /** Environment variable that holds the key. @default none */
  readonly keyVariable?: string;
  /** The name of the length limit. @default "max_tokens" */
  readonly maxTokensName?: "max_tokens" | "max_completion_tokens";
  /** What the server can do less. @default several choices, JSON by schema, images by address and by bytes */
  readonly capabilities?: Partial<Omit<Capabilities, "limits">>;
}

/** What is assumed of {@linkcode anyServer}. What a server cannot do is learned when it refuses a request. */
export const OPENAI_COMPATIBLE: ProviderInfo = {
  name: "openai-compatible",
  displayName: "OpenAI-compatible server",
  keyVariables: ["OPENAI_COMPATIBLE_API_KEY"],
  needsKey: false,
  baseUrlVariables: ["OPENAI_COMPATIBLE_BASE_URL"],
  capabilities: { nativeN: true, json: "schema", images: ["url", "data"], limits: "headers" },
  batch: UNKNOWN_BATCHES,
};

/**
 * Any server that speaks Chat Completions, of which only the address has to be known.
 *
 * @throws ParrotError `INVALID_OPTION` if no address is known
 */
export function anyServer(options: ProviderOptions): Provider {
  checkProviderOptions("openaiCompatible", options);
  return chatProvider(unknownServer(OPENAI_COMPATIBLE), options);
}

/**
 * Any server that speaks Chat Completions. What it cannot do is learned when it refuses a request; options can say it
 * beforehand.
 */
export function openaiCompatible(options: OpenAICompatibleOptions): Provider {
  checkProviderOptions<OpenAICompatibleOptions>("openaiCompatible", options, {
    name: required(aText, "a short name of the server"),
    keyVariable: aText,
    maxTokensName: oneOf("max_tokens", "max_completion_tokens"),
    capabilities: anObject,
  });
  const { name, keyVariable, capabilities, maxTokensName = "max_tokens" } = options;
  const info = {
    ...OPENAI_COMPATIBLE,
    name,
    displayName: name,
    keyVariables: keyVariable === undefined ? [] : [keyVariable],
    baseUrlVariables: [],
    capabilities: { ...OPENAI_COMPATIBLE.capabilities, ...capabilities },
  };
  return chatProvider({ ...unknownServer(info), maxTokensName }, options);
}
