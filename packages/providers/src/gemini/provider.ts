import { chargesOf } from "../limits/charge.ts";
import { connect, JSON_HEADERS } from "../request/connection.ts";
import { readGeminiAnswer } from "./response.ts";
import { readGeminiQuotas } from "./limits.ts";
import { generateContentBody } from "./request-body.ts";
import type { ProviderInfo } from "../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../provider-options.ts";
import type { Provider } from "../provider.ts";
import { withoutSecret } from "../errors/rejected.ts";
import { vendorPrice } from "../pricing/vendor-price.ts";

/** Options of {@linkcode gemini}. Its `baseUrl` is as Google's own libraries have it, without `/v1beta`. */
export type GeminiOptions = ProviderOptions;

const KEY_VARIABLE = "GEMINI_API_KEY";

/** {@linkcode gemini} as data. */
export const GEMINI: ProviderInfo = {
  name: "gemini",
  displayName: "Google Gemini",
  // Where both are set, Google's own libraries take the first.
  keyVariables: ["GOOGLE_API_KEY", KEY_VARIABLE],
  needsKey: true,
  baseUrl: "https://generativelanguage.googleapis.com",
  baseUrlVariables: ["GOOGLE_GEMINI_BASE_URL"],
  capabilities: { nativeN: true, json: "schema", images: ["url", "data"], limits: "body" },
};

/**
 * Google Gemini by an API key of AI Studio; for Vertex AI see {@linkcode vertex}.
 *
 * @throws ParrotError `MISSING_KEY` when Google itself is meant and there is no key
 */
export function gemini(options: GeminiOptions): Provider {
  checkProviderOptions("gemini", options);
  const { model, headers, extraBody = {} } = options;
  const connection = connect(GEMINI, options);
  const { apiKey } = connection;
  const baseUrl = connection.baseUrl.replace(/\/v1(?:beta)?$/, "");
  const path = /^(?:models|tunedModels)\//.test(model) ? model : `models/${model}`;
  const url = `${baseUrl}/v1beta/${path.split("/").map(encodeURIComponent).join("/")}:generateContent`;
  const credentials = apiKey === "" ? {} : { "x-goog-api-key": apiKey };
  return {
    name: GEMINI.name,
    model,
    baseUrl,
    capabilities: GEMINI.capabilities,
    ...vendorPrice(GEMINI.name, connection.isDefault, options),
    buildRequest: (call, amendments) => ({
      method: "POST",
      url,
      headers: { ...headers, ...JSON_HEADERS },
      ...generateContentBody(call, amendments, { info: GEMINI, extraBody }),
    }),
    authorize: () => credentials,
    readResponse: (response, amendments) =>
      withoutSecret(readGeminiAnswer(response, amendments), apiKey, KEY_VARIABLE),
    readLimits: readGeminiQuotas,
    // The tokens per minute are those of the input.
    ...chargesOf({ cap: "free", cachedCounts: true }),
  };
}
