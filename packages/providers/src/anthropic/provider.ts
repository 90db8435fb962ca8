import { httpProvider } from "../http-provider.ts";
import { anthropicBodyWriter } from "./request-body.ts";
import { keyCredentials, type Credentials } from "../request/credentials.ts";
import { aSecret } from "@parallel-parrot/core";
import { readAnthropicAnswer } from "./response.ts";
import { readAnthropicLimits } from "./limits.ts";
import { chargesOf } from "../limits/charge.ts";
import { connect } from "../request/connection.ts";
import type { ProviderInfo } from "../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../provider-options.ts";
import type { Provider } from "../provider.ts";
import { vendorPrice } from "../pricing/vendor-price.ts";
import { missingKey, readKey } from "../request/credentials.ts";

/** Options of {@linkcode anthropic}. Its `baseUrl` is as Anthropic's own libraries have it, without `/v1`. */
export interface AnthropicOptions extends ProviderOptions {
  /** A bearer token in place of a key. @default the environment variable ANTHROPIC_AUTH_TOKEN */
  readonly authToken?: string;
}

const KEY_VARIABLE = "ANTHROPIC_API_KEY";
const TOKEN_VARIABLE = "ANTHROPIC_AUTH_TOKEN";
const ANTHROPIC_URL = "https://api.anthropic.com";
/** The newer 2026-10-21 takes no temperature with any model; with this one the model decides. */
const API_VERSION = "2023-06-01";

/** {@linkcode anthropic} as data. */
export const ANTHROPIC: ProviderInfo = {
  name: "anthropic",
  displayName: "Anthropic",
  keyVariables: [KEY_VARIABLE, TOKEN_VARIABLE],
  needsKey: true,
  baseUrl: ANTHROPIC_URL,
  baseUrlVariables: ["ANTHROPIC_BASE_URL"],
  capabilities: { nativeN: false, json: "schema", images: ["url", "data"], limits: "headers" },
};

/**
 * Anthropic Messages.
 *
 * The API wants a cap on every answer: where `maxTokens` is not set, 16,384 tokens or the model's own maximum.
 *
 * @throws ParrotError `MISSING_KEY` where there is neither a key nor a token
 */
export function anthropic(options: AnthropicOptions): Provider {
  checkProviderOptions<AnthropicOptions>("anthropic", options, { authToken: aSecret });
  const connection = connect({ ...ANTHROPIC, needsKey: false }, options);
  const credentials = readCredentials(options);
  if (connection.isVendor && credentials.secret() === "")
    throw missingKey(ANTHROPIC.displayName, ...ANTHROPIC.keyVariables);
  const baseUrl = connection.baseUrl.replace(/\/v1$/, "");
  return httpProvider({
    info: ANTHROPIC,
    options,
    baseUrl,
    url: `${baseUrl}/v1/messages`,
    headers: { "anthropic-version": API_VERSION },
    credentials,
    ...vendorPrice(ANTHROPIC.name, connection.isDefault, options),
    writeBody: anthropicBodyWriter(ANTHROPIC, options),
    readAnswer: readAnthropicAnswer,
    readLimits: readAnthropicLimits,
    // Output counts as it is produced, whatever the cap; what is read from the prompt cache does not count.
    charges: chargesOf({ cap: "free", cachedCounts: false }),
  });
}

function readCredentials({ apiKey, authToken }: AnthropicOptions): Credentials {
  // What is given in code goes before what is in the environment: two kinds at once would contradict each other.
  const key = authToken === undefined ? readKey(apiKey, KEY_VARIABLE) : readKey(apiKey);
  if (key !== "") return keyCredentials(key, { "x-api-key": key });
  return keyCredentials(readKey(authToken, TOKEN_VARIABLE));
}
