import {
  aFunction,
  anObject,
  aText,
  checkOptions,
  expecting,
  oneOf,
  required,
  type Message,
  type OptionChecks,
  type OutputShape,
} from "@parallel-parrot/core";
import { bodyWriter } from "../request/body-writer.ts";
import { chargesOf } from "../limits/charges.ts";
import { readFunctionAnswer, writeFunctionAnswer, writeFunctionError } from "./function-answer.ts";
import { fieldsOf } from "../json-fields.ts";
import type { FunctionCompletion } from "./function-answer.ts";
import type { Price } from "../pricing/price.ts";
import { pickParams, type GenerationParams } from "../generation-params.ts";
import type { Capabilities, Provider } from "../provider.ts";

/** One prompt for a function to answer. */
export interface FunctionRequest {
  readonly model: string;
  /** The system message comes first and a message of the user last. */
  readonly messages: readonly Message[];
  /** Temperature, length and the like, as far as the user set them. */
  readonly params: GenerationParams;
  /** The wanted form of the answer. */
  readonly shape: OutputShape;
}

/** Options of {@linkcode functionProvider}. */
export interface FunctionProviderOptions {
  /** A short name for messages and records. A journal finds stored answers by it, `model` and the prompt. */
  readonly name: string;
  readonly model: string;
  /**
   * Answers one prompt with a text or a {@linkcode FunctionCompletion}. If it throws, it is called again, unless the
   * error is a `VerdictError` that says otherwise. Several calls run at the same time.
   */
  readonly complete: (
    request: FunctionRequest,
    context: { readonly signal: AbortSignal },
  ) => string | FunctionCompletion | PromiseLike<string | FunctionCompletion>;
  /** `"schema"` if the function obeys `shape` itself. @default "instructions": the messages describe the shape */
  readonly json?: Extract<Capabilities["json"], "schema" | "instructions">;
  /** How images may be given. @default [] */
  readonly images?: Capabilities["images"];
  /** The price of tokens. @default not known */
  readonly price?: Price;
}

const FUNCTION_OPTIONS: OptionChecks<FunctionProviderOptions> = {
  name: required(aText, "a short name"),
  model: required(aText, "the name of a model"),
  complete: required(aFunction, "a function that answers one prompt"),
  json: oneOf("schema", "instructions"),
  images: expecting(
    'a list of "url" and "data"',
    (value) => Array.isArray(value) && value.every((one) => one === "url" || one === "data"),
  ),
  price: anObject,
};

/**
 * A function in this process as a provider: a local model, an SDK, anything that answers a prompt. Pace, retries,
 * journal and budget work as with any other provider.
 *
 * @example
 * ```ts
 * const provider = functionProvider({
 *   name: "echo",
 *   model: "upper-case",
 *   complete: ({ messages }) => messages.at(-1)?.content.toUpperCase() ?? "",
 * });
 * ```
 */
export function functionProvider(options: FunctionProviderOptions): Provider {
  checkOptions("functionProvider", options, FUNCTION_OPTIONS);
  const { name, model, complete, json = "instructions", images = [], price } = options;
  const capabilities: Capabilities = { nativeN: false, json, images, limits: "none" };
  const baseUrl = `function:${encodeURIComponent(name)}`;
  const writeBody = bodyWriter({
    info: { displayName: name, capabilities },
    model,
    turnsName: "messages",
    imageContent: () => [],
    writeTurn: (turn) => ({ ...turn }),
    // `params` may hold all options of a run.
    fields: ({ params, shape }) => ({ params: pickParams(params), shape }),
    // Without a schema the shape can only be described in words.
    showsShape: ({ shape }) => json === "schema" && fieldsOf(shape)["schema"] !== undefined,
    capOf: () => undefined,
  });
  return {
    name,
    model,
    baseUrl,
    capabilities,
    ...(price === undefined ? {} : { price }),
    buildRequest: (call, amendments) => ({
      method: "POST",
      url: baseUrl,
      headers: {},
      ...writeBody(call, amendments),
    }),
    authorize: () => ({}),
    async send({ body }, signal) {
      try {
        // The body is stored and compared, so the function must not see anything else.
        const request = JSON.parse(body) as FunctionRequest;
        return writeFunctionAnswer(await complete(request, { signal }));
      } catch (error) {
        signal.throwIfAborted();
        return writeFunctionError(error);
      }
    },
    readResponse: (response) => readFunctionAnswer(response, model),
    readLimits: () => [],
    ...chargesOf({ cap: "free", cachedCounts: true }),
  };
}
