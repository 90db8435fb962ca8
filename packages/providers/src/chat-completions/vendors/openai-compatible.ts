import { anObject, aText, oneOf, required } from "@parallel-parrot/core";
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
  /** Where it can do less than this: n choices, JSON by schema, images both ways. */
  readonly capabilities?: Partial<Omit<Capabilities, "limits">>;
}

/** {@linkcode anyServer} as data: what a server can do less is learned from what it refuses. */
export const OPENAI_COMPATIBLE: ProviderInfo = {
  name: "openai-compatible",
  displayName: "OpenAI-compatible server",
  keyVariables: ["OPENAI_COMPATIBLE_API_KEY"],
  needsKey: false,
  baseUrlVariables: ["OPENAI_COMPATIBLE_BASE_URL"],
  capabilities: { nativeN: true, json: "schema", images: ["url", "data"], limits: "headers" },
};

/**
 * Any server that speaks Chat Completions, by its address alone.
 *
 * @throws ParrotError `INVALID_OPTION` where no address is known
 */
export function anyServer(options: ProviderOptions): Provider {
  checkProviderOptions("openaiCompatible", options);
  return chatProvider(unknownServer(OPENAI_COMPATIBLE), options);
}

/** Any server that speaks Chat Completions. What it refuses is learned; what is known beforehand can be told. */
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
