import { httpProvider } from "../http-provider.ts";
import { ANTHROPIC_BATCHES, anthropicBatches } from "./batches.ts";
import { anthropicBodyWriter } from "./request-body.ts";
import { claudePromptCache } from "./prompt-cache.ts";
import { ANTHROPIC_STREAM } from "./stream.ts";
import { keyCredentials, type Credentials } from "../request/credentials.ts";
import { aSecret } from "@parallel-parrot/core";
import { readAnthropicAnswer } from "./response.ts";
import { readAnthropicLimits } from "./limits.ts";
import { chargesOf } from "../limits/charges.ts";
import { connect } from "../request/connection.ts";
import type { ProviderInfo } from "../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../provider-options.ts";
import type { Provider } from "../provider.ts";
import { vendorPrice } from "../pricing/vendor-price.ts";
import { missingKey, readKey } from "../request/credentials.ts";

/** Options of {@linkcode anthropic}. As in Anthropic's own libraries, `baseUrl` has no `/v1`. */
export interface AnthropicOptions extends ProviderOptions {
  /** A bearer token to send instead of a key. @default the environment variable ANTHROPIC_AUTH_TOKEN */
  readonly authToken?: string;
}

const KEY_VARIABLE = "ANTHROPIC_API_KEY";
const TOKEN_VARIABLE = "ANTHROPIC_AUTH_TOKEN";
const ANTHROPIC_URL = "https://api.anthropic.com";
/** The newer version 2026-10-21 refuses a temperature for every model; with this one it depends on the model. */
const API_VERSION = "2023-06-01";

/** What is known of {@linkcode anthropic} before it is made. */
export const ANTHROPIC: ProviderInfo = {
  name: "anthropic",
  displayName: "Anthropic",
  keyVariables: [KEY_VARIABLE, TOKEN_VARIABLE],
  needsKey: true,
  baseUrl: ANTHROPIC_URL,
  baseUrlVariables: ["ANTHROPIC_BASE_URL"],
  capabilities: {
    nativeN: false,
    json: "schema",
    images: ["url", "data"],
    limits: "headers",
    params: ["temperature", "topP", "maxTokens", "stop", "reasoningEffort", "endUser"],
  },
  batch: ANTHROPIC_BATCHES,
};

/**
 * Anthropic's Messages API.
 *
 * The API demands a limit for every answer. Without `maxTokens` it is 16,384 tokens, or the model's maximum if that is
 * lower.
 *
 * @throws ParrotError `MISSING_KEY` if there is neither a key nor a token
 */
export function anthropic(options: AnthropicOptions): Provider {
  checkProviderOptions<AnthropicOptions>("anthropic", options, { authToken: aSecret });
  const connection = connect({ ...ANTHROPIC, needsKey: false }, options, /\/messages$/);
  const credentials = readCredentials(options);
  if (connection.isVendor && credentials.secret() === "")
    throw missingKey(ANTHROPIC.displayName, ...ANTHROPIC.keyVariables);
  const baseUrl = connection.baseUrl.replace(/\/v1$/, "");
  return httpProvider({
    info: ANTHROPIC,
    options,
    baseUrl,
    address: connection.address,
    url: `${baseUrl}/v1/messages`,
    headers: { "anthropic-version": API_VERSION },
    credentials,
    ...vendorPrice(ANTHROPIC.name, connection.isDefault, options),
    promptCache: claudePromptCache(options.model, connection.isVendor),
    writeBody: anthropicBodyWriter(ANTHROPIC, options),
    stream: ANTHROPIC_STREAM,
    readAnswer: readAnthropicAnswer,
    readLimits: readAnthropicLimits,
    // Output counts as it is produced, whatever its limit. Input that is read from the prompt cache does not count.
    charges: chargesOf({ cap: "free", cachedCounts: false }),
    batch: anthropicBatches,
  });
}

function readCredentials({ apiKey, authToken }: AnthropicOptions): Credentials {
  // An option has precedence over the environment: a key and a token in one request would contradict each other.
  const key = authToken === undefined ? readKey(apiKey, KEY_VARIABLE) : readKey(apiKey);
  if (key !== "") return keyCredentials(key, { "x-api-key": key });
  return keyCredentials(readKey(authToken, TOKEN_VARIABLE));
}
