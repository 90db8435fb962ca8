import {
  anObject,
  aSecret,
  aText,
  checkOptions,
  expecting,
  isObject,
  required,
  type OptionCheck,
  type OptionChecks,
} from "@parallel-parrot/core";

/** What every provider that speaks the OpenAI dialects can be told. */
export interface ProviderOptions {
  /** Model name as the server knows it, such as `gpt-4.1-mini`. */
  readonly model: string;
  /** @default the provider's environment variable; servers of one's own may need none */
  readonly apiKey?: string;
  /**
   * Root of the API with its version path, such as `http://localhost:8000/v1`.
   * @default the provider's environment variable where it has one, else the provider's own address
   */
  readonly baseUrl?: string;
  /** Sent with every request, such as `OpenAI-Project`. Not for secrets: they may be journaled. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Fields added to every body as they are, such as `{ service_tier: "flex" }`. */
  readonly extraBody?: Readonly<Record<string, unknown>>;
}

const aModel: OptionCheck = required(
  expecting("the name of a model", (value) => typeof value === "string" && value.trim() !== ""),
  "the name of a model",
);

/** Headers may hold what should not be shown. */
const headers: OptionCheck = {
  problemOf: (value, option) =>
    isObject(value) && !Array.isArray(value) && Object.values(value).every((one) => typeof one === "string")
      ? undefined
      : { option, message: "expected an object of header names and texts" },
};

/** What every provider can be told. */
const PROVIDER_OPTIONS: OptionChecks<ProviderOptions> = {
  model: aModel,
  apiKey: aSecret,
  baseUrl: aText,
  headers,
  extraBody: anObject,
};

/**
 * Checks a provider's options, with those that it has for itself.
 *
 * @throws ParrotError `INVALID_OPTION` that names the option and never shows a key
 */
export function checkProviderOptions<O extends ProviderOptions = ProviderOptions>(
  provider: string,
  options: O,
  own: OptionChecks<Omit<O, keyof ProviderOptions>> = {} as OptionChecks<Omit<O, keyof ProviderOptions>>,
): void {
  checkOptions(provider, options, { ...PROVIDER_OPTIONS, ...own });
}
