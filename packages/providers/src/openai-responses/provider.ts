import { chargesOf, COMMON_CHARGE } from "../limits/charge.ts";
import { bearer, connect, JSON_HEADERS } from "../request/connection.ts";
import { OPENAI_LIMITS, readLimitHeaders } from "../limits/limit-headers.ts";
import { accountHeaders, OPENAI } from "../chat-completions/vendors/openai.ts";
import type { ProviderInfo } from "../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../provider-options.ts";
import type { Provider } from "../provider.ts";
import { withoutSecret } from "../errors/rejected.ts";
import { readResponsesResponse } from "./response.ts";
import { responsesBodyWriter } from "./request-body.ts";
import { vendorPrice } from "../pricing/vendor-price.ts";

/** {@linkcode openaiResponses} as data. */
export const OPENAI_RESPONSES: ProviderInfo = {
  ...OPENAI,
  name: "openai-responses",
  displayName: "OpenAI Responses",
  capabilities: { ...OPENAI.capabilities, nativeN: false },
};

/**
 * OpenAI's Responses API, without anything stored there. It has no stop strings, no seed and one answer a request.
 *
 * @throws ParrotError `MISSING_KEY` when OpenAI itself is meant and there is no key
 */
export function openaiResponses(options: ProviderOptions): Provider {
  checkProviderOptions("openaiResponses", options);
  const info = OPENAI_RESPONSES;
  const { baseUrl, apiKey, isDefault, isVendor } = connect(info, options);
  const [keyVariable = ""] = info.keyVariables;
  const credentials = bearer(apiKey);
  const writeBody = responsesBodyWriter(info, options);
  const headers = { ...(isVendor ? accountHeaders() : {}), ...options.headers, ...JSON_HEADERS };
  const url = `${baseUrl}/responses`;
  return {
    name: info.name,
    model: options.model,
    baseUrl,
    capabilities: info.capabilities,
    ...vendorPrice(OPENAI.name, isDefault, options),
    buildRequest: (call, amendments) => ({ method: "POST", url, headers, ...writeBody(call, amendments) }),
    authorize: () => credentials,
    readResponse: (response, amendments) =>
      withoutSecret(readResponsesResponse(response, amendments), apiKey, keyVariable),
    readLimits: (response) => readLimitHeaders(response, OPENAI_LIMITS),
    ...chargesOf(COMMON_CHARGE),
  };
}
