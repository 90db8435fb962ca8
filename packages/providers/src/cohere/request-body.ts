import type { Message } from "@parallel-parrot/core";
import { keptFields, omits } from "../amendments.ts";
import { bodyWriter, type BodyWriter } from "../request/body-writer.ts";
import type { SchemaDialect } from "../json-output/fit-schema.ts";
import { withExtraBody } from "../request/extra-body.ts";
import { imageUrl } from "../request/images.ts";
import { type Fields, definedFields } from "../json-fields.ts";
import type { ProviderInfo } from "../provider-info.ts";
import type { ProviderOptions } from "../provider-options.ts";
import type { GenerationParams } from "../generation-params.ts";
import type { Amendment, Call } from "../provider.ts";
import { JSON_STEPS, planJson } from "../json-output/plan-json.ts";

/**
 * The JSON Schema that Cohere's structured output supports: neither composition nor ranges, and every object needs a
 * required property. Source: Cohere, "Structured Outputs", schema constraints.
 */
const COHERE_SCHEMAS: SchemaDialect = {
  keywords: new Set(["$defs", "$ref", "const", "format"]),
  formats: new Set(["date-time", "uuid", "date", "time"]),
  closesObjects: false,
  takesRecursion: false,
  needsRequired: true,
};

const OWNERS = { model: "model", messages: "prompt", response_format: "output", stream: "stream" } as const;

/** Makes the function that writes the body of a Chat request. */
export function cohereBodyWriter(
  info: ProviderInfo,
  { model, extraBody }: Pick<ProviderOptions, "model" | "extraBody">,
): BodyWriter {
  return bodyWriter({
    info,
    model,
    turnsName: "messages",
    imageContent,
    fields: withExtraBody(cohereFields, { info, extraBody, owners: OWNERS }),
    // The prompt must also ask for JSON, or the model may never stop.
    showsShape: () => false,
    capOf: ({ max_tokens: cap }) => (typeof cap === "number" ? cap : undefined),
  });
}

function imageContent({ content, images = [] }: Message): readonly unknown[] {
  const text = content === "" ? [] : [{ type: "text", text: content }];
  return [...text, ...images.map((image) => ({ type: "image_url", image_url: { url: imageUrl(image) } }))];
}

function cohereFields({ params, shape }: Call, amendments: ReadonlySet<Amendment>): Fields {
  const plan = planJson(shape, amendments, COHERE_SCHEMAS, JSON_STEPS.object);
  const isFormat = plan?.by === "schema" || plan?.by === "object";
  return {
    ...definedFields({
      temperature: omits(amendments, "temperature") ? undefined : params.temperature,
      p: omits(amendments, "top_p") ? undefined : params.topP,
      max_tokens: params.maxTokens,
      stop_sequences: omits(amendments, "stop") ? undefined : params.stop,
      seed: omits(amendments, "seed") ? undefined : params.seed,
    }),
    ...thinking(params, amendments),
    ...keptFields(amendments, {
      presence_penalty: params.presencePenalty,
      frequency_penalty: params.frequencyPenalty,
    }),
    ...(isFormat
      ? {
          response_format: {
            type: "json_object",
            ...(plan.by === "schema" ? { json_schema: plan.schema } : {}),
          },
        }
      : {}),
  };
}

/** Thinking is on or off: the API has no levels. */
function thinking({ reasoningEffort }: GenerationParams, amendments: ReadonlySet<Amendment>): Fields {
  if (reasoningEffort === undefined || omits(amendments, "reasoning_effort")) return {};
  return { thinking: { type: reasoningEffort === "none" ? "disabled" : "enabled" } };
}
