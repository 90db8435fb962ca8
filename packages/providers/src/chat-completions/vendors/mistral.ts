import { chatProvider } from "../provider.ts";
import { COMMON_CHAT, type ChatDialect } from "../dialect.ts";
import type { ErrorRule } from "../../errors/classify-error.ts";
import { limitHeader, MINUTE_MS, readLimitHeaders } from "../../limits/limit-headers.ts";
import { headerOf } from "../../limits/retry-after.ts";
import type { ProviderInfo } from "../../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../../provider-options.ts";
import type { Provider } from "../../provider.ts";

/** {@linkcode mistral} as data. */
export const MISTRAL: ProviderInfo = {
  name: "mistral",
  displayName: "Mistral",
  keyVariables: ["MISTRAL_API_KEY"],
  needsKey: true,
  baseUrl: "https://api.mistral.ai/v1",
  baseUrlVariables: [],
  capabilities: { nativeN: true, json: "schema", images: ["url", "data"], limits: "headers" },
};

/** Told by answers only, not by refusals. */
const LIMITS = [
  limitHeader("requests", MINUTE_MS, "x-ratelimit-*-req-minute"),
  limitHeader("tokens", MINUTE_MS, "x-ratelimit-*-tokens-minute"),
];

/** @param hasGuardrails whether requests ask for guardrails, which block a prompt with a 403 */
function errorRule(hasGuardrails: boolean): ErrorRule {
  return (status, { message }, { response }) => {
    // A limit of 0 says that the plan does not have the model: no waiting helps.
    if (status === 429 && headerOf(response, "x-ratelimit-limit-req-minute") === "0")
      return { verdict: "stop", code: "PERMISSION" };
    return status === 403 && (hasGuardrails || /\bguardrail/i.test(message))
      ? { verdict: "fail", code: "CONTENT_FILTERED" }
      : undefined;
  };
}

function dialectOf({ extraBody = {} }: ProviderOptions): ChatDialect {
  return {
    ...COMMON_CHAT,
    info: MISTRAL,
    seedName: "random_seed",
    errorRule: errorRule("guardrails" in extraBody),
    readLimits: (response) => readLimitHeaders(response, LIMITS),
  };
}

/**
 * Mistral. It blocks prompts only where `extraBody` has `guardrails`.
 *
 * @throws ParrotError `MISSING_KEY`
 */
export function mistral(options: ProviderOptions): Provider {
  checkProviderOptions("mistral", options);
  return chatProvider(dialectOf(options), options);
}
