/** What of a row or a request is told, whatever it is called. */
type AttributeMeaning =
  | "operation"
  | "provider"
  | "system"
  | "requestModel"
  | "responseModel"
  | "finishReasons"
  | "outputType"
  | "maxTokens"
  | "temperature"
  | "topP"
  | "seed"
  | "stop"
  | "frequencyPenalty"
  | "presencePenalty"
  | "choiceCount"
  | "inputTokens"
  | "outputTokens"
  | "cacheReadTokens"
  | "cacheWriteTokens"
  | "reasoningTokens"
  | "inputMessages"
  | "outputMessages"
  | "systemInstructions"
  | "tokenType";

/** The sets of names: that of the last release of the conventions, and that which is being made. */
export type ConventionSet = "released" | "latest";

/**
 * The names of attributes in both sets; `undefined` where a set has none. They are copied, as the package that has them
 * as constants moves them with every release: semantic conventions 1.45.0, and semantic-conventions-genai of 2026-11.
 */
const NAMES: Readonly<Record<AttributeMeaning, Readonly<Record<ConventionSet, string | undefined>>>> = {
  operation: same("gen_ai.operation.name"),
  provider: same("gen_ai.provider.name"),
  // The older name, which many backends still read.
  system: { released: "gen_ai.system", latest: undefined },
  requestModel: same("gen_ai.request.model"),
  responseModel: same("gen_ai.response.model"),
  finishReasons: same("gen_ai.response.finish_reasons"),
  outputType: same("gen_ai.output.type"),
  maxTokens: same("gen_ai.request.max_tokens"),
  temperature: same("gen_ai.request.temperature"),
  topP: same("gen_ai.request.top_p"),
  seed: same("gen_ai.request.seed"),
  stop: same("gen_ai.request.stop_sequences"),
  frequencyPenalty: same("gen_ai.request.frequency_penalty"),
  presencePenalty: same("gen_ai.request.presence_penalty"),
  choiceCount: same("gen_ai.request.choice.count"),
  inputTokens: same("gen_ai.usage.input_tokens"),
  outputTokens: same("gen_ai.usage.output_tokens"),
  cacheReadTokens: same("gen_ai.usage.cache_read.input_tokens"),
  cacheWriteTokens: {
    released: "gen_ai.usage.cache_creation.input_tokens",
    latest: "gen_ai.usage.cache_write.input_tokens",
  },
  reasoningTokens: same("gen_ai.usage.reasoning.output_tokens"),
  inputMessages: same("gen_ai.input.messages"),
  outputMessages: same("gen_ai.output.messages"),
  systemInstructions: same("gen_ai.system_instructions"),
  tokenType: same("gen_ai.token.type"),
};

/** Names of providers that the conventions have others for. */
const PROVIDERS: Readonly<Record<string, string>> = {
  azure: "azure.ai.openai",
  bedrock: "aws.bedrock",
  gemini: "gcp.gemini",
  vertex: "gcp.vertex_ai",
  mistral: "mistral_ai",
  xai: "x_ai",
};

/** The name of a provider as the conventions have it. */
export function providerName(name: string): string {
  return PROVIDERS[name] ?? name;
}

/** The attributes of a span or a measurement. */
export type AttributeValues = Record<string, string | number | boolean | string[]>;

/** What is known, by its meaning; what is `undefined` is left out. */
export type Meanings = Readonly<
  Partial<Record<AttributeMeaning, string | number | readonly string[] | undefined>>
>;

/** Gives attributes the names of one set of conventions, or of both. */
export class Conventions {
  readonly #sets: readonly ConventionSet[];

  constructor(sets: readonly ConventionSet[]) {
    this.#sets = sets;
  }

  /**
   * The sets that the environment asks for by `OTEL_SEMCONV_STABILITY_OPT_IN`: `gen_ai_latest_experimental` is the latest
   * one, and `gen_ai_latest_experimental/dup` both. Other words are those of other instrumentations.
   *
   * @default the released one
   */
  static of(environment: Readonly<Record<string, string | undefined>>): Conventions {
    const said = environment["OTEL_SEMCONV_STABILITY_OPT_IN"] ?? "";
    const words = new Set(said.split(",").map((word) => word.trim()));
    if (words.has("gen_ai_latest_experimental/dup")) return new Conventions(["released", "latest"]);
    return new Conventions([words.has("gen_ai_latest_experimental") ? "latest" : "released"]);
  }

  has(set: ConventionSet): boolean {
    return this.#sets.includes(set);
  }

  named(meanings: Meanings): AttributeValues {
    const named: AttributeValues = {};
    for (const [meaning, value] of Object.entries(meanings) as [
      AttributeMeaning,
      Meanings[AttributeMeaning],
    ][]) {
      if (value === undefined) continue;
      for (const set of this.#sets) {
        const name = NAMES[meaning][set];
        if (name !== undefined) named[name] = typeof value === "object" ? [...value] : value;
      }
    }
    return named;
  }
}

function same(name: string): Readonly<Record<ConventionSet, string>> {
  return { released: name, latest: name };
}
