import { httpProvider } from "../http-provider.ts";
import { keyCredentials } from "../request/credentials.ts";
import { OPENAI_BATCHES, UNKNOWN_BATCHES } from "../batch/openai-limits.ts";
import { openaiBatches } from "../batch/openai-batches.ts";
import { chargesOf, COMMON_CHARGE } from "../limits/charges.ts";
import { connect } from "../request/connection.ts";
import { OPENAI_LIMITS, readLimitHeaders } from "../limits/limit-headers.ts";
import { OPENAI, withAccount } from "../chat-completions/vendors/openai.ts";
import { openaiPromptCache } from "../prompt-cache/openai-prompt-cache.ts";
import type { ProviderInfo } from "../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../provider-options.ts";
import type { Provider } from "../provider.ts";
import { readResponsesAnswer } from "./response.ts";
import { responsesBodyWriter } from "./request-body.ts";
import { RESPONSES_STREAM } from "./stream.ts";
import { vendorPrice } from "../pricing/vendor-price.ts";

/** What is known of {@linkcode openaiResponses} before it is made. */
export const OPENAI_RESPONSES: ProviderInfo = {
  ...OPENAI,
  name: "openai-responses",
  displayName: "OpenAI Responses",
  capabilities: {
    ...OPENAI.capabilities,
    nativeN: false,
    params: ["temperature", "topP", "maxTokens", "reasoningEffort", "endUser"],
  },
};

/**
 * OpenAI's Responses API; nothing is stored there. It has neither stop strings nor seeds, and one choice per request.
 *
 * @throws ParrotError `MISSING_KEY` if OpenAI's own server is to be asked and there is no key
 */
export function openaiResponses(options: ProviderOptions): Provider {
  checkProviderOptions("openaiResponses", options);
  const { baseUrl, address, apiKey, isDefault, isVendor } = connect(OPENAI_RESPONSES, options);
  return httpProvider({
    info: OPENAI_RESPONSES,
    options: isVendor ? withAccount(options) : options,
    baseUrl,
    address,
    url: `${baseUrl}/responses`,
    credentials: keyCredentials(apiKey),
    ...vendorPrice(OPENAI.name, isDefault, options),
    promptCache: openaiPromptCache(options.model, isVendor),
    writeBody: responsesBodyWriter(OPENAI_RESPONSES, options),
    stream: RESPONSES_STREAM,
    readAnswer: readResponsesAnswer,
    readLimits: (response) => readLimitHeaders(response, OPENAI_LIMITS),
    charges: chargesOf(COMMON_CHARGE),
    batch: openaiBatches({ info: isVendor ? OPENAI_BATCHES : UNKNOWN_BATCHES, endpoint: "/v1/responses" }),
  });
}
