import { checkBody } from "../../validation/check-body.ts";
import type { Reading, SimError, SimMessage, SimRequest, SimShape } from "../../dialect.ts";
import { shapeOfTool } from "../forced-tool.ts";
import { imageOfUrl } from "../images.ts";
import { asText, isObject, objectsIn, type JsonObject } from "../../json-value.ts";
import { hasOpenaiMark, OPENAI_ROLES, openaiCaching } from "../chat-completions/message.ts";
import { bad, missing, wrongValue } from "../chat-completions/problems.ts";
import { checkJsonSchema } from "../chat-completions/response-format.ts";
import { wordOpenai } from "../chat-completions/problem-words.ts";
import { readLimits, readMessage, textOf, type MessagePiece } from "../read-message.ts";
import { MOVED_PARAMS, responsesSpec } from "./spec.ts";

/** Reads and checks the body of `POST /v1/responses`. */
export function readResponsesRequest(body: unknown): Reading {
  const moved = isObject(body) ? checkMoved(body) : undefined;
  if (moved !== undefined) return { error: moved };
  const problem = checkBody(body, responsesSpec);
  if (problem !== undefined) return { error: wordOpenai(problem) };
  if (!isObject(body)) return { error: bad("Invalid type for request body: expected an object.") };
  const error = checkItems(body) ?? checkFormat(body) ?? checkChoice(body);
  return error === undefined ? { request: readFields(body) } : { error };
}

function readFields(body: JsonObject): SimRequest {
  const { model, instructions, max_output_tokens, reasoning } = body;
  const first: readonly SimMessage[] =
    typeof instructions === "string" ? [{ role: "system", parts: [instructions] }] : [];
  const summary = isObject(reasoning) ? reasoning["summary"] : undefined;
  return {
    model: asText(model),
    messages: [...first, ...readInput(body)],
    n: 1,
    ...readLimits(max_output_tokens, undefined),
    caching: openaiCaching(body),
    shape: readTool(body) ?? readFormat(body),
    thinks: summary !== undefined && summary !== null,
    ...(body["stream"] === true && { streams: true }),
    params: isObject(reasoning) ? { ...reasoning, ...body } : body,
  };
}

function readInput({ input }: JsonObject): readonly SimMessage[] {
  if (typeof input === "string") return [{ role: "user", parts: [input] }];
  return objectsIn(input)
    .filter(isMessage)
    .map(({ role, content }) =>
      readMessage(OPENAI_ROLES[asText(role)] ?? "user", content, readPart, hasOpenaiMark),
    );
}

function isMessage({ type = "message" }: JsonObject): boolean {
  return type === "message";
}

function readPart(part: JsonObject): MessagePiece {
  if (part["type"] !== "input_image") return textOf(part);
  const { image_url: url } = part;
  return typeof url === "string" ? imageOfUrl(url) : {};
}

function formatOf({ text }: JsonObject): unknown {
  return isObject(text) ? text["format"] : undefined;
}

function readFormat(body: JsonObject): SimShape {
  const format = formatOf(body);
  if (!isObject(format) || format["type"] === "text") return { type: "text" };
  if (format["type"] === "json_object") return { type: "jsonObject" };
  return { type: "jsonSchema", schema: format["schema"] };
}

function readTool({ tools, tool_choice: choice }: JsonObject): SimShape | undefined {
  const functions = objectsIn(tools)
    .filter(({ type }) => type === "function")
    .map(({ name, parameters }) => ({ name: asText(name), schema: parameters }));
  const named = isObject(choice) && choice["type"] === "function";
  return shapeOfTool(functions, named ? asText(choice["name"]) : choice === "required");
}

function checkMoved(body: JsonObject): SimError | undefined {
  const param = Object.keys(body).find((key) => Object.hasOwn(MOVED_PARAMS, key));
  if (param === undefined) return undefined;
  return bad(
    `Unsupported parameter: '${param}'. In the Responses API, this parameter has moved to '${MOVED_PARAMS[param]}'.`,
    { param, code: "unsupported_parameter" },
  );
}

function checkItems({ input }: JsonObject): SimError | undefined {
  for (const [index, item] of objectsIn(input).entries()) {
    if (!isMessage(item)) continue;
    const absent = ["role", "content"].find((key) => item[key] === undefined);
    if (absent !== undefined) return missing(`input[${index}].${absent}`);
  }
  return undefined;
}

function checkFormat(body: JsonObject): SimError | undefined {
  const format = formatOf(body);
  if (!isObject(format)) return undefined;
  switch (format["type"]) {
    case "text":
      return undefined;
    case "json_object":
      return mentionsJson(body)
        ? undefined
        : bad(
            "Response input messages must contain the word 'json' in some form to use 'text.format' of type " +
              "'json_object'.",
            { param: "input" },
          );
    case "json_schema":
      return checkJsonSchema(format, "text.format", "text.format.schema");
    case undefined:
      return missing("text.format.type");
    default:
      return wrongValue("text.format.type", format["type"], ["json_object", "json_schema", "text"]);
  }
}

function mentionsJson(body: JsonObject): boolean {
  return readInput(body).some(({ parts }) => parts.some((part) => /json/i.test(part)));
}

function checkChoice(body: JsonObject): SimError | undefined {
  const { tool_choice: choice } = body;
  if (!isObject(choice) || choice["type"] !== "function" || readTool(body) !== undefined) return undefined;
  return bad("Tool choice 'function' not found in 'tools' parameter.", { param: "tool_choice" });
}
