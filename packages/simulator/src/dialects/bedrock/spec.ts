import {
  anyFields,
  filledText,
  flag,
  integer,
  listOf,
  number,
  object,
  oneOf,
  openObject,
  text,
  type ObjectSpec,
} from "../../validation/body-spec.ts";

const image = object(
  {
    format: oneOf("png", "jpeg", "gif", "webp"),
    source: object({
      bytes: filledText,
      s3Location: object({ uri: filledText, bucketOwner: text }, ["uri"]),
    }),
  },
  ["format", "source"],
);

/** A block must have exactly one of these fields, which `checkMessages` checks. */
const contentBlock = object({
  text,
  image,
  reasoningContent: openObject,
  toolUse: object({ toolUseId: text, name: text, input: openObject, type: text }, [
    "toolUseId",
    "name",
    "input",
  ]),
  toolResult: openObject,
  ...anyFields("audio cachePoint citationsContent document guardContent searchResult video"),
});

const toolSpec = object(
  {
    name: filledText,
    description: text,
    inputSchema: object({ json: openObject }, ["json"]),
    strict: flag,
  },
  ["name", "inputSchema"],
);

/** The body of `/converse`. */
export const bedrockSpec: ObjectSpec = object(
  {
    messages: listOf(
      object({ role: oneOf("user", "assistant"), content: listOf(contentBlock) }, ["role", "content"]),
      1,
    ),
    system: listOf(object({ text, ...anyFields("cachePoint guardContent") })),
    inferenceConfig: object({
      maxTokens: integer(1),
      temperature: number(0, 1),
      topP: number(0, 1),
      stopSequences: listOf(filledText),
    }),
    toolConfig: object(
      {
        tools: listOf(object({ toolSpec, ...anyFields("cachePoint systemTool") }), 1),
        toolChoice: object({
          auto: openObject,
          any: openObject,
          tool: object({ name: filledText }, ["name"]),
        }),
      },
      ["tools"],
    ),
    outputConfig: object({
      textFormat: object(
        {
          type: oneOf("json_schema"),
          structure: object({
            jsonSchema: object({ schema: filledText, name: text, description: text }, ["schema"]),
          }),
        },
        ["type", "structure"],
      ),
      effort: text,
    }),
    ...anyFields(
      "additionalModelRequestFields additionalModelResponseFieldPaths guardrailConfig performanceConfig " +
        "promptVariables requestMetadata serviceTier",
    ),
  },
  ["messages"],
);
