import { anthropicBetaSpec, anthropicSpec } from "./spec.ts";
import { checkAnthropicSchema } from "./strict-schema.ts";
import { checkBody } from "../../validation/check-body.ts";
import type { Reading, SimError, SimMessage, SimRequest, SimShape, SimTarget } from "../../dialect.ts";
import { shapeOfTool } from "../forced-tool.ts";
import { imageOfUrl } from "../images.ts";
import { asText, isObject, objectsIn, type JsonObject } from "../../json-value.ts";
import { wordPydantic } from "../../validation/pydantic-words.ts";
import { readLimits, readMessage, textOf, type MessagePiece } from "../read-message.ts";

/** Reads and checks the body of `POST /v1/messages`. */
export function readAnthropicRequest(body: unknown, _route: unknown, { headers }: SimTarget): Reading {
  if (headers["anthropic-version"] === undefined) return bad("anthropic-version: header is required");
  const isBeta = String(headers["anthropic-beta"] ?? "").includes("structured-outputs");
  const problem = checkBody(body, isBeta ? anthropicBetaSpec : anthropicSpec);
  if (problem !== undefined || !isObject(body)) {
    const path = problem?.path.join(".") ?? "";
    const { message } = wordPydantic(problem ?? { kind: "missing", path: [] });
    return bad(path === "" ? message : `${path}: ${message}`);
  }
  const shape = readShape(body);
  const error = checkTogether(body, shape);
  return error === undefined ? { request: readFields(body, shape ?? { type: "text" }) } : bad(error);
}

function readFields(body: JsonObject, shape: SimShape): SimRequest {
  const { model, messages, system, max_tokens, stop_sequences, thinking } = body;
  const conversation = objectsIn(messages).map(({ role, content }) =>
    readMessage(role === "assistant" ? role : "user", content, readBlock, hasMark),
  );
  const first: readonly SimMessage[] =
    system === undefined ? [] : [readMessage("system", system, textOf, hasMark)];
  return {
    model: asText(model),
    messages: [...first, ...conversation],
    n: 1,
    ...readLimits(max_tokens, stop_sequences),
    shape,
    caching: "marks",
    thinks: isObject(thinking) && thinking["type"] !== "disabled",
    ...(body["stream"] === true && { streams: true }),
    params: body,
  };
}

function hasMark({ cache_control: mark }: JsonObject): boolean {
  return isObject(mark);
}

function readBlock(block: JsonObject): MessagePiece {
  const { type, source } = block;
  if (type !== "image" || !isObject(source)) return textOf(block);
  const { media_type: mediaType, url } = source;
  if (typeof mediaType === "string") return { mediaType };
  return typeof url === "string" ? imageOfUrl(url) : {};
}

function readShape({
  output_config: config,
  output_format,
  tools,
  tool_choice: choice,
}: JsonObject): SimShape | undefined {
  const format = (isObject(config) ? config["format"] : undefined) ?? output_format;
  if (isObject(format)) return { type: "jsonSchema", schema: format["schema"] };
  const known = objectsIn(tools).map(({ name, input_schema: schema }) => ({ name: asText(name), schema }));
  if (!isObject(choice)) return undefined;
  return shapeOfTool(known, choice["type"] === "tool" ? asText(choice["name"]) : choice["type"] === "any");
}

/** Checks fields that depend on each other. */
function checkTogether(body: JsonObject, shape: SimShape | undefined): string | undefined {
  const { thinking, max_tokens, tool_choice: choice, messages } = body;
  const forces = isObject(choice) && (choice["type"] === "tool" || choice["type"] === "any");
  if (forces && shape === undefined)
    return `Tool '${typeof choice["name"] === "string" ? choice["name"] : ""}' not found in provided tools`;
  if (isObject(thinking) && thinking["type"] === "enabled") {
    if (forces) return "Thinking may not be enabled when tool_choice forces tool use.";
    if (Number(max_tokens) <= Number(thinking["budget_tokens"]))
      return "`max_tokens` must be greater than `thinking.budget_tokens`.";
  }
  const empty = objectsIn(messages).findIndex(({ content }) => content === "" || isEmptyList(content));
  if (empty !== -1) return `messages.${empty}: user messages must have non-empty content`;
  if (shape?.type !== "jsonSchema" || shape.tool !== undefined) return undefined;
  const problem = checkAnthropicSchema(shape.schema);
  const field = body["output_format"] === undefined ? "output_config.format" : "output_format";
  return problem === undefined ? undefined : `${field}.schema: ${problem}`;
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function bad(message: string): { readonly error: SimError } {
  return { error: { kind: "badRequest", message } };
}
