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
const textContent = either(text, listOf(tagged("type", { text: textPart })));
const userContent = either(
  text,
  listOf(
    tagged("type", {
      text: textPart,
      image_url: object(
        { image_url: object({ url: filledText, detail: oneOf("auto", "low", "high") }, ["url"]) },
        ["image_url"],
      ),
    }),
  ),
);

const tool = object(
  {
    type: oneOf("function"),
    // Cohere does not have OpenAI's field `strict`.
    function: object({ name: filledText, description: text, parameters: openObject }, ["name", "parameters"]),
  },
  ["type", "function"],
);

/** The body of `POST /v2/chat`. */
export const cohereSpec: ObjectSpec = object(
  {
    model: filledText,
    messages: listOf(
      tagged("role", {
        system: object({ content: textContent }, ["content"]),
        user: object({ content: userContent }, ["content"]),
        assistant: openObjectWith({ content: either(text, listOf(openObject)) }),
        tool: openObjectWith({ tool_call_id: text }, ["tool_call_id", "content"]),
      }),
      1,
    ),
    tools: listOf(tool),
    strict_tools: flag,
    tool_choice: oneOf("REQUIRED", "NONE"),
    response_format: tagged("type", { text: object({}), json_object: object({ json_schema: openObject }) }),
    max_tokens: integer(0),
    stop_sequences: listOf(text, 0, 5),
    temperature: number(0, 1),
    seed: integer(),
    frequency_penalty: number(0, 1),
    presence_penalty: number(0, 1),
    k: integer(0, 500),
    p: number(0.01, 0.99),
    logprobs: flag,
    stream: flag,
    safety_mode: oneOf("CONTEXTUAL", "STRICT", "OFF", "NONE"),
    thinking: object({ type: oneOf("enabled", "disabled"), token_budget: integer(1) }, ["type"]),
    priority: integer(0, 999),
    ...anyFields("citation_options documents"),
  },
  ["model", "messages"],
);
