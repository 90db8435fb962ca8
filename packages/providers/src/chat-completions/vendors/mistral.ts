import { allParamsBut } from "../../generation-params.ts";
import { MISTRAL_BATCHES, mistralBatches } from "./mistral-batches.ts";
import { chatProvider } from "../provider.ts";
import { COMMON_CHAT, type ChatDialect } from "../dialect.ts";
import { limitHeader, readLimitHeaders } from "../../limits/limit-headers.ts";
import { MINUTE_MS } from "../../limits/windows.ts";
import type { ErrorRule } from "../../errors/judgement.ts";
import { headerOf } from "../../limits/retry-after.ts";
import type { ProviderInfo } from "../../provider-info.ts";
import { type ProviderOptions, checkProviderOptions } from "../../provider-options.ts";
import type { Provider } from "../../provider.ts";

/** What is known of {@linkcode mistral} before it is made. */
export const MISTRAL: ProviderInfo = {
  name: "mistral",
  displayName: "Mistral",
  keyVariables: ["MISTRAL_API_KEY"],
  needsKey: true,
  baseUrl: "https://api.mistral.ai/v1",
  baseUrlVariables: [],
  capabilities: {
    nativeN: true,
    json: "schema",
    images: ["url", "data"],
    limits: "headers",
    params: allParamsBut("logitBias", "endUser"),
  },
  batch: MISTRAL_BATCHES,
};

/** Only answers have these headers, refusals do not. */
const LIMITS = [
  limitHeader("requests", MINUTE_MS, "x-ratelimit-*-req-minute"),
  limitHeader("tokens", MINUTE_MS, "x-ratelimit-*-tokens-minute"),
];

/** @param hasGuardrails whether requests ask for guardrails, which block a prompt with a 403 */
function errorRule(hasGuardrails: boolean): ErrorRule {
  return (status, { message }, { response }) => {
    // A limit of 0 means that the plan lacks the model, and waiting does not help.
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
    streamUsage: "always",
    errorRule: errorRule("guardrails" in extraBody),
    readLimits: (response) => readLimitHeaders(response, LIMITS),
    batch: mistralBatches,
  };
}

/**
 * Mistral. It blocks prompts only if `extraBody` has `guardrails`.
 *
 * @throws ParrotError `MISSING_KEY`
 */
export function mistral(options: ProviderOptions): Provider {
  checkProviderOptions("mistral", options);
  return chatProvider(dialectOf(options), options);
}
