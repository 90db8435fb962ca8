import { httpProvider } from "../http-provider.ts";
import { GEMINI_PARAMS, geminiBodyWriter } from "./request-body.ts";
import { GEMINI_STREAM } from "./stream.ts";
import { keyCredentials } from "../request/credentials.ts";
import { chargesOf } from "../limits/charges.ts";
import { connect } from "../request/connection.ts";
import { GEMINI_BATCHES, geminiBatches } from "./batches.ts";
import { modelPath } from "./model-path.ts";
import { otherModelNote } from "./other-model-note.ts";
import { readGeminiAnswer } from "./response.ts";
import { readRefusedLimits } from "../errors/refused-limit.ts";
import { geminiPromptCache } from "./prompt-cache.ts";
import type { ProviderInfo } from "../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../provider-options.ts";
import type { Provider } from "../provider.ts";
import { vendorPrice } from "../pricing/vendor-price.ts";

/** Options of {@linkcode gemini}. As in Google's own libraries, `baseUrl` has no `/v1beta`. */
export type GeminiOptions = ProviderOptions;

const KEY_VARIABLE = "GEMINI_API_KEY";

/** What is known of {@linkcode gemini} before it is made. */
export const GEMINI: ProviderInfo = {
  name: "gemini",
  displayName: "Google Gemini",
  // If both are set, Google's own libraries take the first.
  keyVariables: ["GOOGLE_API_KEY", KEY_VARIABLE],
  needsKey: true,
  baseUrl: "https://generativelanguage.googleapis.com",
  baseUrlVariables: ["GOOGLE_GEMINI_BASE_URL"],
  capabilities: {
    nativeN: true,
    json: "schema",
    images: ["url", "data"],
    limits: "body",
    params: GEMINI_PARAMS,
  },
  batch: GEMINI_BATCHES,
};

/** Also those of Google's endpoint that speaks OpenAI's API, which has the same root. */
const OPERATIONS =
  /\/(?:models|tunedModels)(?:\/[^/]+)?$|(?<=\/v1(?:beta)?)\/openai(?:\/chat\/completions)?$/;

/**
 * Google Gemini with an API key of AI Studio. For Vertex AI see {@linkcode vertex}.
 *
 * @throws ParrotError `MISSING_KEY` if Google's own server is to be asked and there is no key
 */
export function gemini(options: GeminiOptions): Provider {
  checkProviderOptions("gemini", options);
  const { model } = options;
  const connection = connect(GEMINI, options, OPERATIONS);
  const { apiKey } = connection;
  const baseUrl = connection.baseUrl.replace(/\/v1(?:beta)?$/, "");
  return httpProvider({
    info: GEMINI,
    options,
    baseUrl,
    address: connection.address,
    notes: otherModelNote(connection.address, model),
    url: `${baseUrl}/v1beta/${modelPath(model)}:generateContent`,
    credentials: keyCredentials(apiKey, apiKey === "" ? {} : { "x-goog-api-key": apiKey }),
    keyVariable: KEY_VARIABLE,
    ...vendorPrice(GEMINI.name, connection.isDefault, options),
    promptCache: connection.isVendor ? geminiPromptCache(model) : undefined,
    writeBody: geminiBodyWriter(GEMINI, options),
    stream: GEMINI_STREAM,
    readAnswer: readGeminiAnswer,
    readLimits: readRefusedLimits,
    // The limit of tokens per minute counts only the input.
    charges: chargesOf({ cap: "free", cachedCounts: true }),
    batch: geminiBatches,
  });
}
