import { chatProvider } from "./chat-completions.ts";
import { unknownServer } from "./openai.ts";
import type { ProviderOptions } from "./provider-options.ts";
import type { Capabilities, Provider } from "./provider.ts";

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

/** Any server that speaks Chat Completions. What it refuses is learned; what is known beforehand can be told. */
export function openaiCompatible(options: OpenAICompatibleOptions): Provider {
  const { name, keyVariable, capabilities, maxTokensName = "max_tokens" } = options;
  const info = {
    name,
    displayName: name,
    keyVariables: keyVariable === undefined ? [] : [keyVariable],
    needsKey: false,
    baseUrlVariables: [],
    capabilities: {
      nativeN: true,
      json: "schema",
      images: ["url", "data"],
      limits: "headers",
      ...capabilities,
    },
  } as const;
  return chatProvider({ ...unknownServer(info), maxTokensName }, options);
}
