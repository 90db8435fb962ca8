import {
  anyFields,
  anything,
  either,
  filledText,
  flag,
  integer,
  listOf,
  number,
  object,
  oneOf,
  openObject,
  openObjectWith,
  tagged,
  text,
  type ObjectSpec,
} from "../../validation/body-spec.ts";

const textBlock = object({ text: filledText, ...anyFields("cache_control citations") }, ["text"]);

const imageSource = tagged("type", {
  base64: object(
    { data: filledText, media_type: oneOf("image/jpeg", "image/png", "image/gif", "image/webp") },
    ["data", "media_type"],
  ),
  url: object({ url: filledText }, ["url"]),
  file: object({ file_id: filledText }, ["file_id"]),
});

const contentBlock = tagged("type", {
  text: textBlock,
  image: object({ source: imageSource, ...anyFields("cache_control transformations") }, ["source"]),
  document: openObjectWith({ source: openObject }, ["source"]),
  search_result: openObject,
  thinking: object({ thinking: text, signature: text }, ["thinking", "signature"]),
  redacted_thinking: object({ data: text }, ["data"]),
  tool_use: openObjectWith({ id: text, name: text, input: openObject }, ["id", "name", "input"]),
  tool_result: openObjectWith({ tool_use_id: text }, ["tool_use_id"]),
});

const toolChoiceFields = { disable_parallel_tool_use: flag };

/** The body of `POST /v1/messages`. */
export const anthropicSpec: ObjectSpec = object(
  {
    model: filledText,
    max_tokens: integer(1),
    messages: listOf(
      object({ role: oneOf("user", "assistant"), content: either(text, listOf(contentBlock)) }, [
        "role",
        "content",
      ]),
      1,
    ),
    system: either(text, listOf(tagged("type", { text: textBlock }))),
    stop_sequences: listOf(text),
    temperature: number(0, 1),
    top_p: number(0, 1),
    top_k: integer(0),
    stream: flag,
    thinking: tagged("type", {
      enabled: object({ budget_tokens: integer(1024), display: anything }, ["budget_tokens"]),
      adaptive: object({ display: anything }),
      disabled: object({}),
    }),
    tools: listOf(
      openObjectWith({ name: filledText, description: text, input_schema: openObject, strict: flag }, [
        "name",
      ]),
    ),
    tool_choice: tagged("type", {
      auto: object(toolChoiceFields),
      any: object(toolChoiceFields),
      tool: object({ name: filledText, ...toolChoiceFields }, ["name"]),
      none: object({}),
    }),
    output_config: object({
      effort: oneOf("low", "medium", "high", "xhigh", "max"),
      format: tagged("type", { json_schema: object({ schema: openObject }, ["schema"]) }),
    }),
    metadata: object({ user_id: text }),
    service_tier: oneOf("auto", "standard_only"),
    ...anyFields("cache_control container diagnostics inference_geo speed user_profile_id workspace_id"),
  },
  ["model", "max_tokens", "messages"],
);

/** The body for clients that use the older form of structured output, with a beta header. */
export const anthropicBetaSpec: ObjectSpec = {
  ...anthropicSpec,
  fields: {
    ...anthropicSpec.fields,
    output_format: tagged("type", { json_schema: object({ schema: openObject }, ["schema"]) }),
  },
};
