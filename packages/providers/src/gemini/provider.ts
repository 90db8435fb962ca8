import { httpProvider } from "../http-provider.ts";
import { geminiBodyWriter } from "./request-body.ts";
import { keyCredentials } from "../request/credentials.ts";
import { chargesOf } from "../limits/charge.ts";
import { connect } from "../request/connection.ts";
import { readGeminiAnswer } from "./response.ts";
import { readGeminiQuotas } from "./limits.ts";
import type { ProviderInfo } from "../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../provider-options.ts";
import type { Provider } from "../provider.ts";
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
  const { model } = options;
  const connection = connect(GEMINI, options);
  const { apiKey } = connection;
  const baseUrl = connection.baseUrl.replace(/\/v1(?:beta)?$/, "");
  const path = /^(?:models|tunedModels)\//.test(model) ? model : `models/${model}`;
  return httpProvider({
    info: GEMINI,
    options,
    baseUrl,
    url: `${baseUrl}/v1beta/${path.split("/").map(encodeURIComponent).join("/")}:generateContent`,
    credentials: keyCredentials(apiKey, apiKey === "" ? {} : { "x-goog-api-key": apiKey }),
    keyVariable: KEY_VARIABLE,
    ...vendorPrice(GEMINI.name, connection.isDefault, options),
    writeBody: geminiBodyWriter(GEMINI, options),
    readAnswer: readGeminiAnswer,
    readLimits: readGeminiQuotas,
    // The tokens per minute are those of the input.
    charges: chargesOf({ cap: "free", cachedCounts: true }),
  });
}
