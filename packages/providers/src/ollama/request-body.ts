import type { BodyWriter } from "../request/body-writer.ts";
import { checkImages } from "../request/images.ts";
import { withExtraBody } from "../request/extra-body.ts";
import { fieldsOf, type Fields, definedFields } from "../json-fields.ts";
import type { ProviderInfo } from "../provider-info.ts";
import type { ProviderOptions } from "../provider-options.ts";
import type { GenerationParams } from "../generation-params.ts";
import type { Amendment, Call } from "../provider.ts";
import { arrangeSystem, type Turn } from "../request/system-messages.ts";
import { JSON_OBJECT, JSON_WORDS, omits } from "../amendments.ts";

/** The amendment for a model whose thinking is on or off and has no levels. */
export const THINK_OR_NOT: Amendment = "use:think";

const OWNERS = { model: "model", messages: "prompt", format: "output", stream: "stream" } as const;

/** Makes the function that writes the body of a Chat request. */
export function ollamaBodyWriter(
  info: ProviderInfo,
  { model, extraBody }: Pick<ProviderOptions, "model" | "extraBody">,
): BodyWriter {
  const write = withExtraBody((call, amendments) => ollamaFields(model, call, amendments), {
    info,
    extraBody,
    owners: OWNERS,
  });
  return (call, amendments) => {
    checkImages(call.prompt.messages, info);
    const fields = write(call, amendments);
    const { num_predict: cap } = fieldsOf(fields["options"]);
    const isCap = typeof cap === "number" && cap > 0;
    return { body: JSON.stringify(fields), ...(isCap ? { maxOutputTokens: cap } : {}) };
  };
}

function ollamaFields(model: string, call: Call, amendments: ReadonlySet<Amendment>): Fields {
  const { prompt, params, shape } = call;
  // The schema constrains the answer, but the model does not see it.
  const words = shape.type === "json" ? shape.instructions : undefined;
  const options = optionFields(params);
  return {
    model,
    messages: arrangeSystem(prompt.messages, words, amendments).map(writeTurn),
    ...formatFields(call, amendments),
    ...thinkFields(params, amendments),
    ...(Object.keys(options).length === 0 ? {} : { options }),
    stream: false,
    // Without these the server silently cuts off what does not fit the context, of the prompt and of the answer.
    truncate: false,
    shift: false,
  };
}

function optionFields(params: GenerationParams): Fields {
  const { temperature, topP, maxTokens, seed, stop } = params;
  const { presencePenalty: presence_penalty, frequencyPenalty: frequency_penalty } = params;
  const sampling = { temperature, top_p: topP, num_predict: maxTokens, seed, stop };
  return definedFields({ ...sampling, presence_penalty, frequency_penalty });
}

function formatFields({ shape }: Call, amendments: ReadonlySet<Amendment>): Fields {
  if (shape.type === "text" || amendments.has(JSON_WORDS)) return {};
  return { format: shape.schema === undefined || amendments.has(JSON_OBJECT) ? "json" : shape.schema };
}

function thinkFields({ reasoningEffort }: GenerationParams, amendments: ReadonlySet<Amendment>): Fields {
  if (reasoningEffort === undefined || omits(amendments, "reasoning_effort")) return {};
  if (reasoningEffort === "none") return { think: false };
  if (amendments.has(THINK_OR_NOT)) return { think: true };
  const isLow = reasoningEffort === "minimal" || reasoningEffort === "low";
  return { think: isLow ? "low" : reasoningEffort === "medium" ? "medium" : "high" };
}

function writeTurn({ role, content, images = [] }: Turn): Fields {
  // Images given by their address have been refused by `checkImages`.
  const bytes = images.flatMap((image) => ("url" in image ? [] : [image.data]));
  return { role, content, ...(bytes.length === 0 ? {} : { images: bytes }) };
}
