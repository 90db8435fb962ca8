import {
  anObject,
  aText,
  checkArgument,
  checkOptions,
  expecting,
  isObject,
  oneOf,
  required,
  type ImagePart,
  type Message,
  type OptionChecks,
  type OutputShape,
} from "@parallel-parrot/core";
import { allParamsBut } from "../generation-params.ts";
import { fitSchema } from "../json-output/fit-schema.ts";
import { functionProvider, type FunctionProviderOptions, type FunctionRequest } from "./function-provider.ts";
import { fieldsOf, type Fields } from "../json-fields.ts";
import { judgeGenerateError, readGenerated } from "./language-model-answer.ts";
import { PORTABLE_SCHEMAS } from "../json-output/schema-dialects.ts";
import type { Provider } from "../provider.ts";

/** The part that is used here of a language model of the Vercel AI SDK, in versions 2 to 4 of its interface. */
export interface AiSdkLanguageModel {
  readonly specificationVersion: string;
  readonly provider: string;
  readonly modelId: string;
  doGenerate(options: {
    prompt: { role: string; content: unknown }[];
    abortSignal?: AbortSignal;
  }): PromiseLike<object>;
}

/** Options of {@linkcode fromLanguageModel}. */
export interface LanguageModelOptions extends Pick<FunctionProviderOptions, "price" | "json"> {
  /** For messages and records. @default the model's own `provider` */
  readonly name?: string;
}

const aLanguageModel = required(
  expecting(
    "a model object of the AI SDK, such as provider(modelName) returns",
    (value) => isObject(value) && "doGenerate" in value && typeof value.doGenerate === "function",
  ),
  "a model object of the AI SDK",
);

const MODEL_OPTIONS: OptionChecks<LanguageModelOptions> = {
  name: aText,
  json: oneOf("schema", "instructions"),
  price: anObject,
};

/**
 * A model of the Vercel AI SDK as a provider. It is called once per attempt: retries, pace and limits are those of
 * `completionStream`. JSON is asked for by a schema in a form that every API supports, or in words if the schema has no
 * such form. `json: "instructions"` also asks in words, for models whose SDK provider does not pass on a schema.
 */
export function fromLanguageModel(model: AiSdkLanguageModel, options: LanguageModelOptions = {}): Provider {
  checkArgument("fromLanguageModel", "model", model, aLanguageModel);
  checkOptions("fromLanguageModel", options, MODEL_OPTIONS);
  const { name = model.provider, json = "schema", price } = options;
  const provider = functionProvider({
    name,
    model: model.modelId,
    json,
    images: ["url", "data"],
    ...(price === undefined ? {} : { price }),
    async complete(request, { signal }) {
      try {
        const call = callOf(request, model.specificationVersion);
        return readGenerated(fieldsOf(await model.doGenerate({ ...call, abortSignal: signal })));
      } catch (error) {
        throw judgeGenerateError(error);
      }
    },
  });
  return {
    ...provider,
    capabilities: { ...provider.capabilities, params: allParamsBut("logitBias", "endUser") },
    buildRequest: (call, amendments) =>
      provider.buildRequest({ ...call, shape: portableShape(call.shape) }, amendments),
  };
}

/** The SDK passes a schema on unchanged, mostly in strict mode: if that refused the schema, every row would fail. */
function portableShape(shape: OutputShape): OutputShape {
  if (shape.type === "text" || shape.schema === undefined) return shape;
  // A run has one shape and many requests, so the result is kept.
  let portable = portableShapes.get(shape);
  if (portable === undefined) {
    const { schema, ...words } = shape;
    const fitted = fitSchema(schema, PORTABLE_SCHEMAS);
    portableShapes.set(shape, (portable = fitted === undefined ? words : { ...words, schema: fitted }));
  }
  return portable;
}

const portableShapes = new WeakMap<OutputShape, OutputShape>();

function callOf({ messages, params, shape }: FunctionRequest, version: string) {
  const { temperature, topP, maxTokens, stop, seed, reasoningEffort, presencePenalty, frequencyPenalty } =
    params;
  const all: Fields = {
    temperature,
    topP,
    maxOutputTokens: maxTokens,
    stopSequences: stop,
    seed,
    reasoning: reasoningEffort,
    presencePenalty,
    frequencyPenalty,
    responseFormat:
      shape.type === "json" ? { type: "json", name: shape.name, schema: shape.schema } : undefined,
  };
  const set = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return { ...set, prompt: messages.map((message) => turnOf(message, version)) };
}

function turnOf(
  { role, content, images = [] }: Message,
  version: string,
): { role: string; content: unknown } {
  if (role === "system") return { role, content };
  return {
    role,
    content: [{ type: "text", text: content }, ...images.map((image) => fileOf(image, version))],
  };
}

/** Since version 4 of the interface the data of a file has a tag. */
function fileOf(image: ImagePart, version: string): Fields {
  const isTagged = version !== "v2" && version !== "v3";
  if ("url" in image) {
    const url = new URL(image.url);
    return { type: "file", mediaType: "image/*", data: isTagged ? { type: "url", url } : url };
  }
  const { mediaType, data } = image;
  return { type: "file", mediaType, data: isTagged ? { type: "data", data } : data };
}
