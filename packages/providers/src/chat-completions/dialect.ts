import type { LimitReading } from "@parallel-parrot/limiter";
import { COMMON_CHARGE, type ChargeProfile } from "../limits/charge.ts";
import type { ErrorRule } from "../errors/classify-error.ts";
import type { SchemaDialect } from "../json-output/fit-schema.ts";
import type { Fields } from "../json-fields.ts";
import { OPENAI_LIMITS, readLimitHeaders } from "../limits/limit-headers.ts";
import { STRICT_SCHEMAS } from "../json-output/schema-dialects.ts";
import type { ProviderInfo } from "../provider-info.ts";
import type { ProviderResponse, ReasoningEffort } from "../provider.ts";

/** What one server that speaks Chat Completions does differently from others, as data and small functions. */
export interface ChatDialect {
  readonly info: ProviderInfo;
  /** The name of the length limit: newer OpenAI models refuse `max_tokens`, many servers know only that. */
  readonly maxTokensName: "max_completion_tokens" | "max_tokens";
  /** Whether that limit bounds all that is paid for, reasoning included. */
  readonly capsReasoning: boolean;
  /** The name of the seed; absent where there is none. */
  readonly seedName?: "seed" | "random_seed";
  /** How a reasoning effort is said. */
  readonly reasoning: (effort: ReasoningEffort) => Fields;
  /** What its structured output understands of JSON Schema. */
  readonly schemas: SchemaDialect;
  /** Whether the model sees the schema that constrains its answer; where not, the shape is also told in words. */
  readonly showsSchema: boolean;
  /** Whether a model that refuses system messages may take them as the developer's. */
  readonly hasDeveloper: boolean;
  /** Fields that follow from others. */
  readonly addFields?: (fields: Fields) => Fields;
  /** Whether `completion_tokens` leaves the reasoning out. */
  readonly reasoningIsApart: boolean;
  /** What this server's errors mean, where they mean something else than everywhere. */
  readonly errorRule?: ErrorRule;
  readonly readLimits: (response: ProviderResponse) => readonly LimitReading[];
  readonly charge: ChargeProfile;
}

/** What most servers do. */
export const COMMON_CHAT: Omit<ChatDialect, "info"> = {
  maxTokensName: "max_tokens",
  capsReasoning: true,
  seedName: "seed",
  reasoning: (effort) => ({ reasoning_effort: effort }),
  schemas: STRICT_SCHEMAS,
  showsSchema: true,
  hasDeveloper: false,
  reasoningIsApart: false,
  readLimits: (response) => readLimitHeaders(response, OPENAI_LIMITS),
  charge: COMMON_CHARGE,
};
