import type { ProviderRequest } from "../provider.ts";
import type { BodyWriter } from "../request/body-writer.ts";
import type { ProviderOptions } from "../provider-options.ts";
import type { ImagePart } from "@parallel-parrot/core";
import { omits } from "../amendments.ts";
import type { SchemaDialect } from "../json-output/fit-schema.ts";
import { withExtraBody } from "../request/extra-body.ts";
import { checkImages } from "../request/images.ts";
import { fieldsOf, type Fields, definedFields } from "../json-fields.ts";
import {
  allParamsBut,
  type GenerationParams,
  type ParamName,
  type ReasoningEffort,
} from "../generation-params.ts";
import type { Amendment, Call } from "../provider.ts";
import type { ProviderInfo } from "../provider-info.ts";
import { type Turn, systemAndTurns } from "../request/system-messages.ts";
import { JSON_STEPS, planJson } from "../json-output/plan-json.ts";

/**
 * The JSON Schema that `responseJsonSchema` supports. It ignores other keywords silently.
 * Source: Google, `GenerationConfig.response_json_schema`.
 */
const GEMINI_SCHEMAS: SchemaDialect = {
  keywords: new Set([
    "$defs",
    "$ref",
    "format",
    "prefixItems",
    "minItems",
    "maxItems",
    "minimum",
    "maximum",
    "anyOf",
    "oneOf",
    "additionalProperties",
    "propertyOrdering",
  ]),
  closesObjects: false,
  takesRecursion: true,
};

/** Thinking budgets for models that have no thinking levels. Source: Google, "OpenAI compatibility". */
const THINKING_BUDGETS: Readonly<Record<ReasoningEffort, number>> = {
  none: 0,
  minimal: 1024,
  low: 1024,
  medium: 8192,
  high: 24_576,
  xhigh: 24_576,
  max: 24_576,
};
/** Newer models have levels; none of these switches thinking off. */
const THINKING_LEVELS: Readonly<Record<ReasoningEffort, string>> = {
  none: "MINIMAL",
  minimal: "MINIMAL",
  low: "LOW",
  medium: "MEDIUM",
  high: "HIGH",
  xhigh: "HIGH",
  max: "HIGH",
};

/** The amendment for a model that has thinking budgets but no thinking levels. */
export const BY_BUDGET: Amendment = "use:thinkingBudget";

/** The parameters that `generateContent` has. */
export const GEMINI_PARAMS: readonly ParamName[] = allParamsBut("logitBias", "endUser");

const OWNERS = {
  model: "model",
  contents: "prompt",
  systemInstruction: "prompt",
  "generationConfig.candidateCount": "n",
  "generationConfig.responseMimeType": "output",
  "generationConfig.responseSchema": "output",
  "generationConfig.responseJsonSchema": "output",
} as const;

/** Makes the function that writes the body of a `generateContent` request, for Gemini and Vertex AI. */
export function geminiBodyWriter(
  info: ProviderInfo,
  { extraBody }: Pick<ProviderOptions, "extraBody">,
): BodyWriter {
  const write = withExtraBody(geminiFields, { info, extraBody, owners: OWNERS });
  return (call, amendments) => {
    checkImages(call.prompt.messages, info);
    const fields = write(call, amendments);
    return { body: JSON.stringify(fields), ...capOf(fields) };
  };
}

function geminiFields(call: Call, amendments: ReadonlySet<Amendment>): Fields {
  const { prompt, shape, n } = call;
  const plan = planJson(shape, amendments, GEMINI_SCHEMAS, JSON_STEPS.object);
  const isShown = plan === undefined || plan.by === "schema";
  const words = shape.type === "json" && !isShown ? shape.instructions : undefined;
  const { system, turns } = systemAndTurns(prompt.messages, words, amendments);
  const format = {
    ...(plan?.by === "schema" || plan?.by === "object" ? { responseMimeType: "application/json" } : {}),
    ...(plan?.by === "schema" ? { responseJsonSchema: plan.schema } : {}),
  };
  const isSeveral = n > 1 && !omits(amendments, "n");
  const generationConfig = {
    ...samplingFields(call.params, amendments),
    ...(isSeveral ? { candidateCount: n } : {}),
    ...format,
  };
  return {
    contents: turns.map(writeTurn),
    ...(system === "" ? {} : { systemInstruction: { parts: [{ text: system }] } }),
    ...(Object.keys(generationConfig).length === 0 ? {} : { generationConfig }),
  };
}

function samplingFields(params: GenerationParams, amendments: ReadonlySet<Amendment>): Fields {
  return {
    ...definedFields({
      temperature: omits(amendments, "temperature") ? undefined : params.temperature,
      topP: omits(amendments, "top_p") ? undefined : params.topP,
      maxOutputTokens: params.maxTokens,
      stopSequences: omits(amendments, "stop") ? undefined : params.stop,
      seed: omits(amendments, "seed") ? undefined : params.seed,
    }),
    ...thinkingFields(params, amendments),
    ...definedFields({
      presencePenalty: omits(amendments, "presence_penalty") ? undefined : params.presencePenalty,
      frequencyPenalty: omits(amendments, "frequency_penalty") ? undefined : params.frequencyPenalty,
    }),
  };
}

function thinkingFields({ reasoningEffort }: GenerationParams, amendments: ReadonlySet<Amendment>): Fields {
  if (reasoningEffort === undefined || omits(amendments, "reasoning_effort")) return {};
  const thinkingConfig = amendments.has(BY_BUDGET)
    ? { thinkingBudget: THINKING_BUDGETS[reasoningEffort] }
    : { thinkingLevel: THINKING_LEVELS[reasoningEffort] };
  return { thinkingConfig };
}

/** Thinking counts towards the limit. */
function capOf({ generationConfig }: Fields): Pick<ProviderRequest, "maxOutputTokens"> {
  const { maxOutputTokens: cap, candidateCount: n = 1 } = fieldsOf(generationConfig);
  return typeof cap === "number" && typeof n === "number" ? { maxOutputTokens: cap * n } : {};
}

function writeTurn({ role, content, images = [] }: Turn): Fields {
  const text = content === "" && images.length > 0 ? [] : [{ text: content }];
  return { role: role === "assistant" ? "model" : "user", parts: [...text, ...images.map(writeImage)] };
}

function writeImage(image: ImagePart): Fields {
  return "url" in image
    ? { fileData: { mimeType: mediaTypeOf(image.url), fileUri: image.url } }
    : { inlineData: { mimeType: image.mediaType, data: image.data } };
}

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  png: "image/png",
  webp: "image/webp",
  gif: "image/gif",
  heic: "image/heic",
  heif: "image/heif",
};

/** The API demands the media type of a linked image. Without a known extension it is most likely a JPEG. */
function mediaTypeOf(url: string): string {
  const extension = /\.(\w+)$/.exec(URL.parse(url)?.pathname ?? "")?.[1] ?? "";
  return MEDIA_TYPES[extension.toLowerCase()] ?? "image/jpeg";
}
