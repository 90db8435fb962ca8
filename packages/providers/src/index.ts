export { findPrice } from "./find-price.ts";
export { isPromptError, PromptError } from "./prompt-error.ts";
export { openai } from "./openai.ts";
export { providers } from "./registry.ts";
export { headerOf, parseDurationMs, readRetryAfterMs } from "./retry-after.ts";
export { redact } from "./redact.ts";
export { toStrictSchema } from "./strict-schema.ts";
export type { ListedPrice } from "./find-price.ts";
export type { OpenAIOptions } from "./openai.ts";
export type { ProviderEntry, ProviderInfo } from "./provider-info.ts";
export type { Price, Rates } from "./price.ts";
export type {
  Amendment,
  Call,
  Capabilities,
  Estimate,
  GenerationParams,
  ImageSource,
  Provider,
  ProviderAnswer,
  ProviderRequest,
  ProviderResponse,
  ReasoningEffort,
  Rejection,
} from "./provider.ts";
export type { Charge, Dimension, LimitReading } from "@parallel-parrot/limiter";
