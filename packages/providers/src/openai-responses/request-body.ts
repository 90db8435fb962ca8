import type { Message } from "@parallel-parrot/core";
import { bodyWriter, type BodyWriter } from "../request/body-writer.ts";
import { withExtraBody } from "../request/extra-body.ts";
import { imageUrl } from "../request/images.ts";
import { fieldsOf, type Fields } from "../json-fields.ts";
import { OPENAI_SCHEMAS } from "../json-output/schema-dialects.ts";
import { openaiPromptCache } from "../prompt-cache/openai-prompt-cache.ts";
import type { ProviderInfo } from "../provider-info.ts";
import type { ProviderOptions } from "../provider-options.ts";
import type { Amendment, Call } from "../provider.ts";
import { openaiJsonSteps, planJson, type JsonPlan } from "../json-output/plan-json.ts";

const OWNERS = { model: "model", input: "prompt", "text.format": "output", stream: "stream" } as const;

/** Makes the function that writes the body of a Responses request. */
export function responsesBodyWriter(
  info: ProviderInfo,
  { model, extraBody }: Pick<ProviderOptions, "model" | "extraBody">,
): BodyWriter {
  return bodyWriter({
    info,
    model,
    turnsName: "input",
    imageContent,
    fields: withExtraBody((call, amendments) => responsesFields(info, call, amendments), {
      info,
      extraBody,
      owners: OWNERS,
    }),
    showsShape: ({ text }) => fieldsOf(fieldsOf(text)["format"])["type"] === "json_schema",
    capOf: ({ max_output_tokens: cap }) => (typeof cap === "number" ? cap : undefined),
    takesMarks: openaiPromptCache(model, false)?.by === "marks",
  });
}

function imageContent({ content, images = [] }: Message): readonly unknown[] {
  const parts = images.map((image) => ({ type: "input_image", image_url: imageUrl(image) }));
  return [{ type: "input_text", text: content }, ...parts];
}

function responsesFields(
  { capabilities }: ProviderInfo,
  { params, shape }: Call,
  amendments: ReadonlySet<Amendment>,
): Fields {
  const { maxTokens, reasoningEffort } = params;
  const format = textFormat(planJson(shape, amendments, OPENAI_SCHEMAS, openaiJsonSteps(capabilities)));
  const optional: Readonly<Record<string, readonly [refused: Amendment, value: unknown]>> = {
    temperature: ["omit:temperature", params.temperature],
    top_p: ["omit:top_p", params.topP],
    max_output_tokens: ["omit:max_tokens", maxTokens],
    reasoning: [
      "omit:reasoning_effort",
      reasoningEffort === undefined ? undefined : { effort: reasoningEffort },
    ],
    safety_identifier: ["omit:end_user", params.endUser],
  };
  const kept = Object.entries(optional).flatMap(([name, [refused, value]]) =>
    value === undefined || amendments.has(refused) ? [] : [[name, value] as const],
  );
  // By default the API stores every response for thirty days.
  return { store: false, ...Object.fromEntries(kept), ...(format === undefined ? {} : { text: { format } }) };
}

function textFormat(plan: JsonPlan | undefined): Fields | undefined {
  if (plan?.by === "object") return { type: "json_object" };
  if (plan?.by !== "schema") return undefined;
  const { name, schema, isStrict } = plan;
  return { type: "json_schema", name, schema, strict: isStrict };
}
