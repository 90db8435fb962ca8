import {
  anyFields,
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

const textPart = object({ text }, ["text"]);
const textContent = either(text, listOf(tagged("type", { text: textPart, thinking: openObject })));
const userContent = either(
  text,
  listOf(
    tagged("type", {
      text: textPart,
      image_url: object({ image_url: either(text, object({ url: text, detail: text }, ["url"])) }, [
        "image_url",
      ]),
      document_url: openObject,
      file: openObject,
      input_audio: openObject,
      reference: openObject,
    }),
  ),
);

/** The body of `POST /v1/chat/completions`. */
export const mistralSpec: ObjectSpec = object(
  {
    model: filledText,
    messages: listOf(
      tagged("role", {
        system: object({ content: textContent }, ["content"]),
        user: object({ content: userContent }, ["content"]),
        assistant: object({ content: textContent, tool_calls: listOf(openObject), prefix: flag }),
        tool: object({ content: userContent, tool_call_id: text, name: text }, ["content"]),
      }),
      1,
    ),
    temperature: number(0, 1.5),
    top_p: number(0, 1),
    max_tokens: integer(0),
    stream: flag,
    stop: either(text, listOf(text)),
    random_seed: integer(0),
    response_format: tagged("type", {
      text: object({}),
      json_object: object({}),
      json_schema: object(
        {
          json_schema: object({ name: filledText, schema: openObject, strict: flag, description: text }, [
            "name",
            "schema",
          ]),
        },
        ["json_schema"],
      ),
    }),
    tools: listOf(openObjectWith({ type: text })),
    tool_choice: either(
      oneOf("auto", "none", "any", "required"),
      object({ type: oneOf("function"), function: object({ name: filledText }, ["name"]) }, ["function"]),
    ),
    presence_penalty: number(-2, 2),
    frequency_penalty: number(-2, 2),
    n: integer(1),
    parallel_tool_calls: flag,
    safe_prompt: flag,
    reasoning_effort: oneOf("none", "minimal", "low", "medium", "high", "xhigh"),
    ...anyFields("guardrails metadata prediction prompt_cache_key prompt_mode service_tier"),
  },
  ["model", "messages"],
);
