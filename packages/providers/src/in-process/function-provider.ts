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
import { chargesOf } from "../limits/charge.ts";
import { readFunctionAnswer, writeFunctionAnswer, writeFunctionError } from "./function-answer.ts";
import { fieldsOf } from "../json-fields.ts";
import type { FunctionCompletion } from "./function-answer.ts";
import type { Price } from "../pricing/price.ts";
import type { Capabilities, GenerationParams, Provider } from "../provider.ts";

/** What a function is asked. */
export interface FunctionRequest {
  readonly model: string;
  /** System message first, a user turn last. */
  readonly messages: readonly Message[];
  /** What the user set of temperature, length and the like. */
  readonly params: GenerationParams;
  /** The wanted form of the answer. */
  readonly shape: OutputShape;
}

/** Options of {@linkcode functionProvider}. */
export interface FunctionProviderOptions {
  /** Short name, for messages and records; together with `model` and the prompt it is what a journal goes by. */
  readonly name: string;
  readonly model: string;
  /**
   * Answers one prompt with a text, or with more than that. What it throws is a passing fault and asked again,
   * unless it is a `VerdictError` that says what it means. Calls go in parallel.
   */
  readonly complete: (
    request: FunctionRequest,
    context: { readonly signal: AbortSignal },
  ) => string | FunctionCompletion | PromiseLike<string | FunctionCompletion>;
  /** `"schema"` where the function heeds `shape` itself. @default "instructions": the messages tell it in words */
  readonly json?: Extract<Capabilities["json"], "schema" | "instructions">;
  /** How images may be given. @default [] */
  readonly images?: Capabilities["images"];
  /** What tokens cost. @default not known */
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
 * A function in this process as a provider: a local model, an SDK, anything that answers a prompt. It is paced,
 * retried, kept in the journal and held to a budget as any other.
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
    fields: ({ params, shape }) => ({ params: paramsOf(params), shape }),
    // Where no schema is known, words are all there is.
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
        // The body is what is kept and compared, so it is all that the function gets to see.
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

/** Of the options of a whole run, those that a model is given. */
function paramsOf(params: GenerationParams): GenerationParams {
  const { temperature, topP, maxTokens, stop, seed, reasoningEffort } = params;
  const all = { temperature, topP, maxTokens, stop, seed, reasoningEffort };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
