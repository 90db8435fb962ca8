import { bedrockSpec } from "./spec.ts";
import { validation, wordBedrock } from "./problem-words.ts";
import { checkBody } from "../../validation/check-body.ts";
import type { Reading, SimMessage, SimRequest, SimRoute, SimShape } from "../../dialect.ts";
import { shapeOfTool } from "../forced-tool.ts";
import { imageOfUrl } from "../images.ts";
import { asText, isObject, objectsIn, parseJson, type JsonObject } from "../../json-value.ts";
import { readLimits, readMessage, textOf, type MessagePiece } from "../read-message.ts";

/** The tokens reserved for an answer without `maxTokens`: the most that a model can write. */
const MODEL_MAX_TOKENS = 64_000;

/** Reads and checks the body of `/converse`. */
export function readBedrockRequest(
  body: unknown,
  { model = "" }: Extract<SimRoute, { kind: "completion" }>,
): Reading {
  const problem = checkBody(body, bedrockSpec);
  if (problem !== undefined) return { error: wordBedrock(problem) };
  const fields = isObject(body) ? body : {};
  const message = checkMessages(fields) ?? checkSchema(fields) ?? checkMarks(fields, model);
  if (message !== undefined) return { error: validation(message) };
  const { inferenceConfig, additionalModelRequestFields: additional } = fields;
  const config = isObject(inferenceConfig) ? inferenceConfig : {};
  const limits = readLimits(config["maxTokens"], config["stopSequences"]);
  const thinking = isObject(additional)
    ? (additional["thinking"] ?? additional["reasoning_config"])
    : undefined;
  const request: SimRequest = {
    model,
    messages: readMessages(fields),
    n: 1,
    ...limits,
    reservedTokens: limits.maxTokens ?? MODEL_MAX_TOKENS,
    shape: readTool(fields) ?? readFormat(fields),
    caching: "marks",
    thinks: isObject(thinking) && thinking["type"] !== "disabled",
    params: { ...(isObject(additional) && additional), ...config, ...fields },
  };
  return { request };
}

function readMessages({ system, messages }: JsonObject): readonly SimMessage[] {
  const first = system === undefined ? [] : [readMessage("system", system, textOf, hasMark)];
  const conversation = objectsIn(messages).map(({ role, content }) =>
    readMessage(role === "assistant" ? "assistant" : "user", content, readBlock, hasMark),
  );
  return [...first, ...conversation];
}

function hasMark({ cachePoint }: JsonObject): boolean {
  return isObject(cachePoint);
}

function readBlock(block: JsonObject): MessagePiece {
  const { image } = block;
  if (!isObject(image)) return textOf(block);
  const place = isObject(image["source"]) ? image["source"]["s3Location"] : undefined;
  const uri = isObject(place) ? place["uri"] : undefined;
  return { ...(typeof uri === "string" && imageOfUrl(uri)), mediaType: `image/${asText(image["format"])}` };
}

function schemaTextOf({ outputConfig }: JsonObject): unknown {
  const format = isObject(outputConfig) ? outputConfig["textFormat"] : undefined;
  const structure = isObject(format) ? format["structure"] : undefined;
  const definition = isObject(structure) ? structure["jsonSchema"] : undefined;
  return isObject(definition) ? definition["schema"] : undefined;
}

function readFormat(body: JsonObject): SimShape {
  const schema = schemaTextOf(body);
  return typeof schema === "string" ? { type: "jsonSchema", schema: parseJson(schema) } : { type: "text" };
}

function readTool({ toolConfig }: JsonObject): SimShape | undefined {
  if (!isObject(toolConfig)) return undefined;
  const { tools, toolChoice: choice } = toolConfig;
  const known = objectsIn(tools).flatMap(({ toolSpec }) =>
    isObject(toolSpec) ? [readToolSpec(toolSpec)] : [],
  );
  const { any, tool } = isObject(choice) ? choice : {};
  return shapeOfTool(known, isObject(tool) ? asText(tool["name"]) : any !== undefined);
}

function readToolSpec({ name, inputSchema }: JsonObject): { name: string; schema: unknown } {
  return { name: asText(name), schema: isObject(inputSchema) ? inputSchema["json"] : undefined };
}

function checkMessages({ messages }: JsonObject): string | undefined {
  const turns = objectsIn(messages);
  if (turns[0]?.["role"] !== "user")
    return "A conversation must start with a user message. Try again with a conversation that starts with a user message.";
  for (const [turn, { content }] of turns.entries()) {
    const place = `messages.${turn}.content`;
    if (objectsIn(content).length === 0)
      return `The content field in the Message object at messages.${turn} is empty. Add a ContentBlock object to the content field and try again.`;
    for (const [index, block] of objectsIn(content).entries()) {
      if (Object.keys(block).length !== 1)
        return `The ContentBlock object at ${place}.${index} must set one of the following keys: text, image, toolUse, toolResult, document, video, cachePoint, reasoningContent.`;
      if (typeof block["text"] === "string" && block["text"].trim() === "")
        return `The text field in the ContentBlock object at ${place}.${index} is blank. Add text to the text field, and try again.`;
    }
  }
  return undefined;
}

/** Only the models of two vendors take marks for the prompt cache. */
function checkMarks({ system, messages, toolConfig }: JsonObject, model: string): string | undefined {
  if (/claude|nova/.test(model)) return undefined;
  const tools = isObject(toolConfig) ? toolConfig["tools"] : undefined;
  const blocks = [
    ...objectsIn(system),
    ...objectsIn(tools),
    ...objectsIn(messages).flatMap(({ content }) => objectsIn(content)),
  ];
  return blocks.some(hasMark)
    ? "You invoked an unsupported model or your request did not allow prompt caching. See the documentation for more information."
    : undefined;
}

function checkSchema(body: JsonObject): string | undefined {
  const schema = schemaTextOf(body);
  if (typeof schema !== "string" || isObject(parseJson(schema))) return undefined;
  return "The value at outputConfig.textFormat.structure.jsonSchema.schema is not a JSON object in a string.";
}
