export { findPrice } from "./find-price.ts";
export { openai } from "./openai.ts";
export { headerOf, parseDurationMs, readRetryAfterMs } from "./retry-after.ts";
export { redact } from "./redact.ts";
export { toStrictSchema } from "./strict-schema.ts";
export type { ListedPrice } from "./find-price.ts";
export type { OpenAIOptions } from "./openai.ts";
export type { Price, Rates } from "./price.ts";
export type {
  Amendment,
  Call,
  Capabilities,
  Estimate,
  GenerationParams,
  Provider,
  ProviderAnswer,
  ProviderRequest,
  ProviderResponse,
  Rejection,
} from "./provider.ts";
export type { Charge, Dimension, LimitReading } from "@parallel-parrot/limiter";
