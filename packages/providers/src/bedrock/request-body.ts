import type { BodyWriter } from "../request/body-writer.ts";
import type { ProviderOptions } from "../provider-options.ts";
import type { ImagePart } from "@parallel-parrot/core";
import { takesCachePoints, withMark } from "./mark.ts";
import { CLAUDE_SCHEMAS } from "../anthropic/request-body.ts";
import { withExtraBody } from "../request/extra-body.ts";
import { checkImages } from "../request/images.ts";
import { fieldsOf, type Fields, definedFields, mergeFields } from "../json-fields.ts";
import type { ProviderInfo } from "../provider-info.ts";
import type { GenerationParams } from "../generation-params.ts";
import type { Amendment, Call } from "../provider.ts";
import { type Turn, systemAndTurns } from "../request/system-messages.ts";
import { JSON_STEPS, planJson, type JsonPlan } from "../json-output/plan-json.ts";
import { cappedTokens, omits } from "../amendments.ts";

const OWNERS = { messages: "prompt", system: "prompt", "outputConfig.textFormat": "output" } as const;

/** Makes the function that writes the body of a Converse request. The schemas of all its models are those of Claude. */
export function bedrockBodyWriter(
  info: ProviderInfo,
  { model, extraBody }: Pick<ProviderOptions, "model" | "extraBody">,
): BodyWriter {
  const takesMarks = takesCachePoints(model);
  const write = withExtraBody(bedrockFields, { info, extraBody, owners: OWNERS });
  return (call, amendments) => {
    checkImages(call.prompt.messages, info);
    const fields = write(call, amendments);
    const { maxTokens: cap } = fieldsOf(fields["inferenceConfig"]);
    const marked = takesMarks ? withMark(fields, call.prompt, amendments) : undefined;
    return {
      body: JSON.stringify(fields),
      ...(typeof cap === "number" ? { maxOutputTokens: cap } : {}),
      ...(marked === undefined ? {} : { marked: JSON.stringify(marked) }),
    };
  };
}

function bedrockFields(call: Call, amendments: ReadonlySet<Amendment>): Fields {
  const { prompt, params, shape } = call;
  const plan = planJson(shape, amendments, CLAUDE_SCHEMAS, JSON_STEPS.tool);
  const words = plan?.by === "instructions" && shape.type === "json" ? shape.instructions : undefined;
  const { system, turns } = systemAndTurns(prompt.messages, words, amendments);
  const inferenceConfig = inferenceFields(params, amendments);
  return {
    messages: alternate(turns),
    ...(system === "" ? {} : { system: [{ text: system }] }),
    ...(Object.keys(inferenceConfig).length === 0 ? {} : { inferenceConfig }),
    ...mergeFields(reasoningFields(params, amendments), formatFields(plan)),
  };
}

function inferenceFields(params: GenerationParams, amendments: ReadonlySet<Amendment>): Fields {
  const { maxTokens } = params;
  return definedFields({
    maxTokens: maxTokens === undefined ? undefined : cappedTokens(maxTokens, amendments),
    temperature: omits(amendments, "temperature") ? undefined : params.temperature,
    topP: omits(amendments, "top_p") ? undefined : params.topP,
    stopSequences: omits(amendments, "stop") ? undefined : params.stop,
  });
}

function reasoningFields({ reasoningEffort }: GenerationParams, amendments: ReadonlySet<Amendment>): Fields {
  // The API has no word for "none". It needs none: its models think only if they are told to.
  if (reasoningEffort === undefined || reasoningEffort === "none" || omits(amendments, "reasoning_effort"))
    return {};
  return { outputConfig: { effort: reasoningEffort === "minimal" ? "low" : reasoningEffort } };
}

function formatFields(plan: JsonPlan | undefined): Fields {
  if (plan?.by === "schema") {
    const jsonSchema = { name: plan.name, schema: JSON.stringify(plan.schema) };
    return { outputConfig: { textFormat: { type: "json_schema", structure: { jsonSchema } } } };
  }
  if (plan?.by !== "tool") return {};
  const { name, schema } = plan;
  const toolSpec = { name, description: "Gives the answer.", inputSchema: { json: schema } };
  return { toolConfig: { tools: [{ toolSpec }], toolChoice: { tool: { name } } } };
}

/** The API demands that roles alternate, so consecutive turns of the same role are merged. */
function alternate(turns: readonly Turn[]): readonly object[] {
  const messages: { role: "user" | "assistant"; content: Fields[] }[] = [];
  for (const turn of turns) {
    const role = turn.role === "assistant" ? "assistant" : "user";
    const last = messages.at(-1);
    if (last?.role === role) last.content.push(...contentOf(turn));
    else messages.push({ role, content: contentOf(turn) });
  }
  return messages;
}

function contentOf({ content, images = [] }: Turn): Fields[] {
  const text = content === "" && images.length > 0 ? [] : [{ text: content }];
  // Images given by their address have been refused by `checkImages`.
  return [...text, ...images.flatMap((image) => ("url" in image ? [] : [writeImage(image)]))];
}

function writeImage({ mediaType, data }: Extract<ImagePart, { data: string }>): Fields {
  const format = mediaType.replace(/^image\//i, "").toLowerCase();
  return { image: { format: format === "jpg" ? "jpeg" : format, source: { bytes: data } } };
}
