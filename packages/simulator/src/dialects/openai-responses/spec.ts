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

const contentPart = tagged("type", {
  input_text: object({ text, ...anyFields("prompt_cache_breakpoint") }, ["text"]),
  input_image: object({
    image_url: text,
    file_id: text,
    detail: oneOf("low", "high", "auto", "original"),
    prompt_cache_breakpoint: anything,
  }),
  input_file: openObject,
  output_text: openObjectWith({ text }, ["text"]),
  refusal: openObjectWith({ refusal: text }, ["refusal"]),
});

/** A turn of the conversation, or something that a model said or called before. */
const inputItem = openObjectWith({
  type: oneOf("message", "reasoning", "function_call", "function_call_output", "item_reference"),
  role: oneOf("user", "assistant", "system", "developer"),
  content: either(text, listOf(contentPart)),
});

/** The body of `POST /v1/responses`. */
export const responsesSpec: ObjectSpec = object(
  {
    model: filledText,
    input: either(text, listOf(inputItem, 1)),
    instructions: text,
    max_output_tokens: integer(16),
    temperature: number(0, 2),
    top_p: number(0, 1),
    top_logprobs: integer(0, 20),
    store: flag,
    stream: flag,
    background: flag,
    parallel_tool_calls: flag,
    truncation: oneOf("auto", "disabled"),
    service_tier: oneOf("auto", "default", "flex", "scale", "priority", "fast"),
    reasoning: object({
      effort: oneOf("none", "minimal", "low", "medium", "high", "xhigh", "max"),
      ...anyFields("summary generate_summary context mode"),
    }),
    text: object({ format: openObject, verbosity: oneOf("low", "medium", "high") }),
    tools: listOf(openObjectWith({ type: text }, ["type"])),
    tool_choice: either(text, openObject),
    metadata: openObject,
    ...anyFields(
      "access_programs context_management conversation image include max_tool_calls moderation " +
        "previous_response_id prompt prompt_cache_key prompt_cache_options prompt_cache_retention " +
        "safety_identifier stream_options user",
    ),
  },
  ["model", "input"],
);

/** The new names of parameters of Chat Completions. */
export const MOVED_PARAMS: Readonly<Record<string, string>> = {
  max_completion_tokens: "max_output_tokens",
  max_tokens: "max_output_tokens",
  messages: "input",
  reasoning_effort: "reasoning.effort",
  response_format: "text.format",
  verbosity: "text.verbosity",
};
