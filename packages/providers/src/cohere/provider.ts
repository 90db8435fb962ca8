import { allParamsBut } from "../generation-params.ts";
import { httpProvider } from "../http-provider.ts";
import { keyCredentials } from "../request/credentials.ts";
import { chargesOf, COMMON_CHARGE } from "../limits/charges.ts";
import { readCohereAnswer } from "./response.ts";
import { cohereBodyWriter } from "./request-body.ts";
import { COHERE_STREAM } from "./stream.ts";
import { readCohereLimits } from "./limits.ts";
import { connect } from "../request/connection.ts";
import type { ProviderInfo } from "../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../provider-options.ts";
import type { Provider } from "../provider.ts";
import { vendorPrice } from "../pricing/vendor-price.ts";

/** Options of {@linkcode cohere}. `baseUrl` has no `/v2`. */
export type CohereOptions = ProviderOptions;

/** What is known of {@linkcode cohere} before it is made. */
export const COHERE: ProviderInfo = {
  name: "cohere",
  displayName: "Cohere",
  keyVariables: ["CO_API_KEY", "COHERE_API_KEY"],
  needsKey: true,
  baseUrl: "https://api.cohere.com",
  baseUrlVariables: ["CO_API_URL"],
  capabilities: {
    nativeN: false,
    json: "schema",
    images: ["url", "data"],
    limits: "body",
    params: allParamsBut("logitBias", "endUser"),
  },
};

/**
 * Cohere's Chat API, version 2.
 *
 * @throws ParrotError `MISSING_KEY` if Cohere's own server is to be asked and there is no key
 */
export function cohere(options: CohereOptions): Provider {
  checkProviderOptions("cohere", options);
  const connection = connect(COHERE, options, /\/chat$/);
  const baseUrl = connection.baseUrl.replace(/\/v[12]$/, "");
  return httpProvider({
    info: COHERE,
    options,
    baseUrl,
    address: connection.address,
    url: `${baseUrl}/v2/chat`,
    credentials: keyCredentials(connection.apiKey),
    ...vendorPrice(COHERE.name, connection.isDefault, options),
    writeBody: cohereBodyWriter(COHERE, options),
    stream: COHERE_STREAM,
    readAnswer: (response, amendments) => readCohereAnswer(response, amendments, options.model),
    readLimits: readCohereLimits,
    charges: chargesOf(COMMON_CHARGE),
  });
}
