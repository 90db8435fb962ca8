import {
  aBoolean,
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

/** Options that every provider of an HTTP API has. */
export interface ProviderOptions {
  /** The model's name on the server, such as `gpt-4.1-mini`. */
  readonly model: string;
  /** @default the provider's environment variable; a server that you run may need no key */
  readonly apiKey?: string;
  /**
   * The root of the API with its version path, such as `http://localhost:8000/v1`.
   * @default the provider's environment variable if there is one, else the provider's own address
   */
  readonly baseUrl?: string;
  /** Headers of every request, such as `OpenAI-Project`. Not for secrets, which have `secretHeaders`. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Headers of every request whose values are kept as keys are: no journal and no message has them, and they are taken
   * out of what a server repeats.
   */
  readonly secretHeaders?: Readonly<Record<string, string>>;
  /**
   * Fields to add to every body, such as `{ service_tier: "flex" }`. Objects are merged. Not for what other options
   * set: the model, the prompt, the wanted output, or a parameter that is given as one.
   */
  readonly extraBody?: Readonly<Record<string, unknown>>;
  /**
   * Whether answers are asked for as streams, which gateways do not cut off for their length. They are put together to
   * the same answers, so that a journal finds those of requests without it. Not for Amazon Bedrock.
   * @default only after a server has demanded it, or a gateway has cut an answer off
   */
  readonly stream?: boolean;
}

const aModel: OptionCheck = required(
  expecting("the name of a model", (value) => typeof value === "string" && value.trim() !== ""),
  "the name of a model",
);

/** The message does not show the headers, which may hold a secret. */
const headers: OptionCheck = {
  problemOf: (value, option) =>
    isObject(value) && !Array.isArray(value) && Object.values(value).every((one) => typeof one === "string")
      ? undefined
      : { option, message: "expected an object of header names and texts" },
};

/** The checks of the options that all providers have. */
const PROVIDER_OPTIONS: OptionChecks<ProviderOptions> = {
  model: aModel,
  apiKey: aSecret,
  baseUrl: aText,
  headers,
  secretHeaders: headers,
  extraBody: anObject,
  stream: aBoolean,
};

/**
 * Checks a provider's options, also those that only this provider has.
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
