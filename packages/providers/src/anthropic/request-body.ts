import type { BodyWriter } from "../request/body-writer.ts";
import { withExtraBody } from "../request/extra-body.ts";
import { checkImages } from "../request/images.ts";
import type { ProviderInfo } from "../provider-info.ts";
import type { ProviderOptions } from "../provider-options.ts";
import type { ImagePart } from "@parallel-parrot/core";
import { cappedTokens, omits } from "../amendments.ts";
import type { SchemaDialect } from "../json-output/fit-schema.ts";
import { type Fields, definedFields, mergeFields } from "../json-fields.ts";
import type { GenerationParams } from "../generation-params.ts";
import type { Amendment, Call } from "../provider.ts";
import { type Turn, systemAndTurns } from "../request/system-messages.ts";
import { withMark } from "./mark.ts";
import { JSON_STEPS, planJson, type JsonPlan } from "../json-output/plan-json.ts";

/** Enough for nearly every answer, and an answer of this length is finished within ten minutes. */
const DEFAULT_MAX_TOKENS = 16_384;

/**
 * The JSON Schema that Claude's structured output supports.
 * Source: Anthropic, "Structured outputs", and the schema transformation of its SDK 1.14.0.
 */
export const CLAUDE_SCHEMAS: SchemaDialect = {
  keywords: new Set(["$defs", "$ref", "allOf", "anyOf", "const", "format", "minItems"]),
  formats: new Set([
    "date-time",
    "time",
    "date",
    "duration",
    "email",
    "hostname",
    "uri",
    "ipv4",
    "ipv6",
    "uuid",
  ]),
  largestMinItems: 1,
  closesObjects: true,
  takesRecursion: false,
};

const OWNERS = {
  model: "model",
  messages: "prompt",
  system: "prompt",
  "output_config.format": "output",
  stream: "stream",
} as const;

/** Makes the function that writes the body of a Messages request. */
export function anthropicBodyWriter(
  info: ProviderInfo,
  { model, extraBody }: Pick<ProviderOptions, "model" | "extraBody">,
): BodyWriter {
  const write = withExtraBody((call, amendments) => anthropicFields(model, call, amendments), {
    info,
    extraBody,
    owners: OWNERS,
  });
  return (call, amendments) => {
    checkImages(call.prompt.messages, info);
    const fields = write(call, amendments);
    const { max_tokens: cap } = fields;
    const marked = withMark(fields, call.prompt, amendments);
    return {
      body: JSON.stringify(fields),
      ...(typeof cap === "number" ? { maxOutputTokens: cap } : {}),
      ...(marked === undefined ? {} : { marked: JSON.stringify(marked) }),
    };
  };
}

function anthropicFields(model: string, call: Call, amendments: ReadonlySet<Amendment>): Fields {
  const { params, prompt, shape } = call;
  const plan = planJson(shape, amendments, CLAUDE_SCHEMAS, JSON_STEPS.tool);
  const words = plan?.by === "instructions" && shape.type === "json" ? shape.instructions : undefined;
  const { system, turns } = systemAndTurns(prompt.messages, words, amendments);
  const sampling = definedFields({
    temperature: omits(amendments, "temperature") ? undefined : params.temperature,
    top_p: omits(amendments, "top_p") ? undefined : params.topP,
    stop_sequences: params.stop,
    metadata: params.endUser === undefined ? undefined : { user_id: params.endUser },
  });
  return {
    model,
    max_tokens: cappedTokens(params.maxTokens ?? DEFAULT_MAX_TOKENS, amendments),
    ...(system === "" ? {} : { system }),
    messages: turns.map(writeMessage),
    ...sampling,
    ...mergeFields(reasoningFields(params, amendments), formatFields(plan)),
  };
}

function reasoningFields({ reasoningEffort }: GenerationParams, amendments: ReadonlySet<Amendment>): Fields {
  if (reasoningEffort === undefined || omits(amendments, "reasoning_effort")) return {};
  if (reasoningEffort === "none") return { thinking: { type: "disabled" } };
  return { output_config: { effort: reasoningEffort === "minimal" ? "low" : reasoningEffort } };
}

function formatFields(plan: JsonPlan | undefined): Fields {
  if (plan?.by === "schema")
    return { output_config: { format: { type: "json_schema", schema: plan.schema } } };
  if (plan?.by !== "tool") return {};
  const { name, schema } = plan;
  return {
    tools: [{ name, description: "Gives the answer.", input_schema: schema }],
    tool_choice: { type: "tool", name, disable_parallel_tool_use: true },
  };
}

function writeMessage({ role, content, images = [] }: Turn): Fields {
  if (images.length === 0) return { role, content };
  // The API refuses an empty text block.
  const text = content === "" ? [] : [{ type: "text", text: content }];
  return { role, content: [...text, ...images.map(writeImage)] };
}

function writeImage(image: ImagePart): Fields {
  const source =
    "url" in image
      ? { type: "url", url: image.url }
      : { type: "base64", media_type: image.mediaType, data: image.data };
  return { type: "image", source };
}
