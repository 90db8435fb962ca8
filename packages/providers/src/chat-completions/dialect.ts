import type { LimitReading } from "@parallel-parrot/limiter";
import { COMMON_CHARGE, type ChargeProfile } from "../limits/charges.ts";
import type { BatchForm, BatchHost } from "../batch/batch-host.ts";
import type { ErrorRule } from "../errors/judgement.ts";
import type { SchemaDialect } from "../json-output/fit-schema.ts";
import type { Fields } from "../json-fields.ts";
import { OPENAI_LIMITS, readLimitHeaders } from "../limits/limit-headers.ts";
import { STRICT_SCHEMAS } from "../json-output/schema-dialects.ts";
import type { ProviderInfo } from "../provider-info.ts";
import type { PromptCacheInfo } from "../prompt-cache/prompt-cache-info.ts";
import type { ReasoningEffort } from "../generation-params.ts";
import type { ProviderResponse } from "../provider.ts";

/** What one server does in its own way when it speaks Chat Completions, as data and small functions. */
export interface ChatDialect {
  readonly info: ProviderInfo;
  /** Where else the server may be if it is not at the usual address, in a whole sentence. @default unknown */
  readonly addressHint?: string;
  /** The name of the limit of output tokens: newer OpenAI models refuse `max_tokens`, many servers know no other. */
  readonly maxTokensName: "max_completion_tokens" | "max_tokens";
  /** Whether that limit bounds all output that is paid for, also the reasoning. */
  readonly capsReasoning: boolean;
  readonly seedName: "seed" | "random_seed";
  readonly endUserName: "user" | "safety_identifier";
  /** The fields that ask for a reasoning effort. */
  readonly reasoning: (effort: ReasoningEffort) => Fields;
  /** The part of JSON Schema that its structured output supports. */
  readonly schemas: SchemaDialect;
  /** Whether the model sees the schema that constrains its answer; if not, the prompt also describes the shape. */
  readonly showsSchema: boolean;
  /** Whether a model that refuses system messages may accept them with the role of the developer. */
  readonly hasDeveloper: boolean;
  /** Adds fields that depend on the others. */
  readonly addFields?: (fields: Fields) => Fields;
  /** Whether a stream tells the usage only if it is asked to, or always: then asking is refused. */
  readonly streamUsage: "asked" | "always";
  /** Whether `completion_tokens` leaves the reasoning out. */
  readonly reasoningIsApart: boolean;
  /** Judges the errors that mean something else on this server than on others. */
  readonly errorRule?: ErrorRule;
  readonly readLimits: (response: ProviderResponse) => readonly LimitReading[];
  readonly charge: ChargeProfile;
  /** How it keeps the beginning of prompts for a model. @default not known */
  readonly promptCache?: (model: string) => PromptCacheInfo | undefined;
  /** How it takes many requests as one job. @default it does not */
  readonly batch?: (host: BatchHost) => BatchForm;
}

/** What most servers have in common. */
export const COMMON_CHAT: Omit<ChatDialect, "info"> = {
  maxTokensName: "max_tokens",
  capsReasoning: true,
  seedName: "seed",
  endUserName: "user",
  reasoning: (effort) => ({ reasoning_effort: effort }),
  schemas: STRICT_SCHEMAS,
  showsSchema: true,
  hasDeveloper: false,
  streamUsage: "asked",
  reasoningIsApart: false,
  readLimits: (response) => readLimitHeaders(response, OPENAI_LIMITS),
  charge: COMMON_CHARGE,
};
