import { chargesOf, COMMON_CHARGE } from "../limits/charge.ts";
import { readCohereAnswer } from "./response.ts";
import { cohereBodyWriter } from "./request-body.ts";
import { readCohereLimits } from "./limits.ts";
import { bearer, connect, JSON_HEADERS } from "../request/connection.ts";
import type { ProviderInfo } from "../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../provider-options.ts";
import type { Provider } from "../provider.ts";
import { withoutSecret } from "../errors/rejected.ts";
import { vendorPrice } from "../pricing/vendor-price.ts";

/** Options of {@linkcode cohere}. Its `baseUrl` is without `/v2`. */
export type CohereOptions = ProviderOptions;

const KEY_VARIABLE = "CO_API_KEY";

/** {@linkcode cohere} as data. */
export const COHERE: ProviderInfo = {
  name: "cohere",
  displayName: "Cohere",
  keyVariables: [KEY_VARIABLE, "COHERE_API_KEY"],
  needsKey: true,
  baseUrl: "https://api.cohere.com",
  baseUrlVariables: ["CO_API_URL"],
  capabilities: { nativeN: false, json: "schema", images: ["url", "data"], limits: "body" },
};

/**
 * Cohere's Chat API, version 2.
 *
 * @throws ParrotError `MISSING_KEY` when Cohere itself is meant and there is no key
 */
export function cohere(options: CohereOptions): Provider {
  checkProviderOptions("cohere", options);
  const { model } = options;
  const connection = connect(COHERE, options);
  const { apiKey } = connection;
  const baseUrl = connection.baseUrl.replace(/\/v2$/, "");
  const credentials = bearer(apiKey);
  const headers = { ...options.headers, ...JSON_HEADERS };
  const writeBody = cohereBodyWriter(options, COHERE);
  return {
    name: COHERE.name,
    model,
    baseUrl,
    capabilities: COHERE.capabilities,
    ...vendorPrice(COHERE.name, connection.isDefault, options),
    buildRequest: (call, amendments) => ({
      method: "POST",
      url: `${baseUrl}/v2/chat`,
      headers,
      ...writeBody(call, amendments),
    }),
    authorize: () => credentials,
    readResponse: (response, amendments) =>
      withoutSecret(readCohereAnswer(response, amendments, model), apiKey, KEY_VARIABLE),
    readLimits: readCohereLimits,
    ...chargesOf(COMMON_CHARGE),
  };
}
