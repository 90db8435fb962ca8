import type { Message } from "@parallel-parrot/core";
import { keptFields, omits } from "../amendments.ts";
import { bodyWriter, type BodyWriter } from "../request/body-writer.ts";
import type { ChatDialect } from "./dialect.ts";
import { imageUrl } from "../request/images.ts";
import { definedFields, fieldsOf, type Fields } from "../json-fields.ts";
import { withExtraBody } from "../request/extra-body.ts";
import { takenParams } from "../generation-params.ts";
import type { ProviderOptions } from "../provider-options.ts";
import type { Amendment, Call } from "../provider.ts";
import { openaiJsonSteps, planJson, type JsonPlan } from "../json-output/plan-json.ts";

const OWNERS = {
  model: "model",
  messages: "prompt",
  n: "n",
  response_format: "output",
  stream: "stream",
} as const;

/** Makes the function that writes the body of a Chat Completions request in one server's dialect. */
export function chatBodyWriter(
  dialect: ChatDialect,
  { model, extraBody }: Pick<ProviderOptions, "model" | "extraBody">,
): BodyWriter {
  const { info, capsReasoning, showsSchema } = dialect;
  return bodyWriter({
    info,
    model,
    turnsName: "messages",
    imageContent,
    fields: withExtraBody((call, amendments) => chatFields(dialect, call, amendments), {
      info,
      extraBody,
      owners: OWNERS,
      renaming: ["use:max_tokens", "use:max_completion_tokens"],
    }),
    showsShape: (fields) => showsSchema && fieldsOf(fields["response_format"])["type"] === "json_schema",
    capOf: (fields) => (capsReasoning ? capOf(fields) : undefined),
    takesMarks: dialect.promptCache?.(model)?.by === "marks",
  });
}

function imageContent({ content, images = [] }: Message): readonly unknown[] {
  const parts = images.map((image) => ({ type: "image_url", image_url: { url: imageUrl(image) } }));
  return [{ type: "text", text: content }, ...parts];
}

function chatFields(dialect: ChatDialect, call: Call, amendments: ReadonlySet<Amendment>): Fields {
  const { shape, n } = call;
  const { info, schemas, addFields } = dialect;
  const params = takenParams(call.params, info.capabilities);
  const { reasoningEffort } = params;
  const format = responseFormat(planJson(shape, amendments, schemas, openaiJsonSteps(info.capabilities)));
  const fields = {
    ...keptFields(amendments, {
      temperature: params.temperature,
      top_p: params.topP,
      stop: params.stop,
      n: n > 1 ? n : undefined,
    }),
    ...(omits(amendments, "seed") ? {} : definedFields({ [dialect.seedName]: params.seed })),
    ...maxTokens(params.maxTokens, amendments, dialect),
    ...(reasoningEffort === undefined || omits(amendments, "reasoning_effort")
      ? {}
      : dialect.reasoning(reasoningEffort)),
    ...(format === undefined ? {} : { response_format: format }),
    ...keptFields(amendments, {
      presence_penalty: params.presencePenalty,
      frequency_penalty: params.frequencyPenalty,
      logit_bias: params.logitBias,
    }),
    ...(omits(amendments, "end_user") ? {} : definedFields({ [dialect.endUserName]: params.endUser })),
  };
  return addFields === undefined ? fields : { ...fields, ...addFields(fields) };
}

function responseFormat(plan: JsonPlan | undefined): Fields | undefined {
  if (plan?.by === "object") return { type: "json_object" };
  if (plan?.by !== "schema") return undefined;
  const { name, schema, isStrict } = plan;
  return { type: "json_schema", json_schema: { name, schema, strict: isStrict } };
}

function maxTokens(
  limit: number | undefined,
  amendments: ReadonlySet<Amendment>,
  { maxTokensName }: ChatDialect,
): Fields {
  if (limit === undefined || omits(amendments, "max_tokens")) return {};
  if (amendments.has("use:max_completion_tokens") && maxTokensName === "max_tokens")
    return { max_completion_tokens: limit };
  if (amendments.has("use:max_tokens") && maxTokensName === "max_completion_tokens")
    return { max_tokens: limit };
  return { [maxTokensName]: limit };
}

/** The limit is read from the fields that are sent, because the user may have added some. */
function capOf({ max_completion_tokens, max_tokens, n = 1 }: Fields): number | undefined {
  const caps = [max_completion_tokens, max_tokens].filter((cap) => typeof cap === "number");
  // If there are two limits, the server may obey either.
  return caps.length > 0 && typeof n === "number" ? Math.max(...caps) * n : undefined;
}
