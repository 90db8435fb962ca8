import { checkBody } from "../../validation/check-body.ts";
import type { Reading, SimMessage, SimRequest, SimRoute, SimShape } from "../../dialect.ts";
import { shapeOfTool } from "../forced-tool.ts";
import { geminiSpec } from "./spec.ts";
import { wordGemini } from "./problem-words.ts";
import { imageOfUrl } from "../images.ts";
import { asText, isObject, objectsIn, type JsonObject } from "../../json-value.ts";
import { fromOpenapiSchema } from "./openapi-schema.ts";
import { readLimits, readMessage, textOf, type MessagePiece } from "../read-message.ts";

/** Reads and checks the body of `:generateContent`. */
export function readGeminiRequest(
  body: unknown,
  { model = "", streams = false }: Extract<SimRoute, { kind: "completion" }>,
): Reading {
  const problem = checkBody(body, geminiSpec);
  if (problem !== undefined) return { error: wordGemini(problem) };
  const fields = isObject(body) ? body : {};
  const config = isObject(fields["generationConfig"]) ? fields["generationConfig"] : {};
  const message = checkTogether(fields, config);
  if (message !== undefined) return { error: { kind: "badRequest", message } };
  const { thinkingConfig } = config;
  const request: SimRequest = {
    model,
    messages: readContents(fields),
    n: 1,
    ...readLimits(config["maxOutputTokens"], config["stopSequences"]),
    shape: readForced(fields) ?? readFormat(config),
    thinks: isObject(thinkingConfig) && thinkingConfig["includeThoughts"] === true,
    streams,
    params: { ...config, ...fields },
  };
  return { request };
}

function readContents({ systemInstruction, contents }: JsonObject): readonly SimMessage[] {
  const first = isObject(systemInstruction)
    ? [readMessage("system", systemInstruction["parts"], readPart)]
    : [];
  const conversation = objectsIn(contents).map(({ role, parts }) =>
    readMessage(role === "model" ? "assistant" : "user", parts, readPart),
  );
  return [...first, ...conversation];
}

function readPart(part: JsonObject): MessagePiece {
  const { inlineData, fileData } = part;
  const file = isObject(inlineData) ? inlineData : fileData;
  if (!isObject(file)) return textOf(part);
  const { mimeType, fileUri } = file;
  if (typeof mimeType === "string" && !mimeType.startsWith("image/")) return undefined;
  return {
    ...(typeof fileUri === "string" && imageOfUrl(fileUri)),
    ...(typeof mimeType === "string" && { mediaType: mimeType }),
  };
}

function readFormat({ responseMimeType, responseSchema, responseJsonSchema }: JsonObject): SimShape {
  if (responseMimeType !== "application/json") return { type: "text" };
  const schema = responseJsonSchema ?? fromOpenapiSchema(responseSchema);
  return schema === undefined ? { type: "jsonObject" } : { type: "jsonSchema", schema };
}

function readForced({ tools, toolConfig }: JsonObject): SimShape | undefined {
  const config = isObject(toolConfig) ? toolConfig["functionCallingConfig"] : undefined;
  if (!isObject(config) || config["mode"] !== "ANY") return undefined;
  const declared = objectsIn(tools)
    .flatMap(({ functionDeclarations }) => objectsIn(functionDeclarations))
    .map(({ name, parameters, parametersJsonSchema }) => ({
      name: asText(name),
      schema: parametersJsonSchema ?? fromOpenapiSchema(parameters),
    }));
  const [allowed] = [config["allowedFunctionNames"] ?? []].flat();
  return shapeOfTool(declared, typeof allowed === "string" ? allowed : true);
}

/** Checks fields that depend on each other. */
function checkTogether({ contents }: JsonObject, config: JsonObject): string | undefined {
  const { candidateCount = 1, responseSchema, responseJsonSchema, responseMimeType } = config;
  const field = "* GenerateContentRequest.generation_config";
  if (Number(candidateCount) !== 1) return "Multiple candidates is not enabled for this model";
  if (responseSchema !== undefined && responseJsonSchema !== undefined)
    return `${field}.response_json_schema: must not be set together with response_schema\n`;
  if ((responseSchema ?? responseJsonSchema) !== undefined && responseMimeType !== "application/json")
    return `${field}.response_schema: only allowed with response_mime_type "application/json"\n`;
  const turns = objectsIn(contents);
  if (turns.some(({ role = "user" }) => role !== "user" && role !== "model"))
    return "Please use a valid role: user, model.";
  if (turns.at(-1)?.["role"] === "model")
    return "Please ensure that multiturn requests end with a user role or a function response.";
  const empty = turns.findIndex(({ parts }) => objectsIn(parts).length === 0);
  return empty === -1
    ? undefined
    : `* GenerateContentRequest.contents[${empty}].parts: contents.parts must not be empty.\n`;
}
