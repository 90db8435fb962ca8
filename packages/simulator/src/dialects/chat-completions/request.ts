import type { Reading, SimError, SimMessage, SimRequest, SimShape } from "../../dialect.ts";
import { asText, isObject, objectsIn, own, type JsonObject } from "../../json-value.ts";
import { hasOpenaiMark, OPENAI_ROLES, openaiCaching, readForcedFunction, readOpenaiPart } from "./message.ts";
import { checkParams, type ParamRules } from "./params.ts";
import { bad, isGiven, missing, wrongType, wrongValue } from "./problems.ts";
import { checkResponseFormat } from "./response-format.ts";
import { readLimits, readMessage } from "../read-message.ts";

/** Reads and checks the body of a Chat Completions request. */
export function readChatRequest(sent: unknown, rules: ParamRules): Reading {
  if (!isObject(sent)) return { error: bad("Invalid type for request body: expected an object.") };
  const body = rules.onUnknown === "drop" ? withoutUnknown(sent, rules) : sent;
  const error =
    checkModel(body) ??
    checkMessages(body) ??
    checkParams(body, rules) ??
    checkResponseFormat(body["response_format"], body["messages"], rules);
  if (error !== undefined) return { error };
  const { model, messages, n, stop, max_completion_tokens, max_tokens, response_format } = body;
  const maxTokens = max_completion_tokens ?? max_tokens;
  const request: SimRequest = {
    model: asText(model),
    messages: readOpenaiMessages(messages),
    n: typeof n === "number" ? n : 1,
    ...readLimits(maxTokens, stop),
    caching: openaiCaching(body),
    shape: readForcedFunction(body) ?? readResponseFormat(response_format),
    ...(body["stream"] === true && { streams: true }),
    params: body,
  };
  return { request };
}

function withoutUnknown(body: JsonObject, { known }: ParamRules): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([name]) => known.has(name)));
}

/** Reads the roles, texts and images of messages. */
export function readOpenaiMessages(messages: unknown): readonly SimMessage[] {
  return objectsIn(messages).map(({ role, content }) =>
    readMessage(OPENAI_ROLES[asText(role)] ?? "user", content, readOpenaiPart, hasOpenaiMark),
  );
}

/** Reads the shape that a `response_format` asks for. */
export function readResponseFormat(format: unknown): SimShape {
  if (!isObject(format) || format["type"] === "text") return { type: "text" };
  if (format["type"] === "json_object") return { type: "jsonObject" };
  const definition = format["json_schema"];
  return { type: "jsonSchema", schema: isObject(definition) ? definition["schema"] : undefined };
}

function checkModel({ model }: JsonObject): SimError | undefined {
  return typeof model === "string" && model !== "" ? undefined : bad("you must provide a model parameter");
}

function checkMessages({ messages }: JsonObject): SimError | undefined {
  if (messages === undefined) return missing("messages");
  if (!Array.isArray(messages)) return wrongType("messages", "an array of objects");
  if (messages.length === 0) {
    return bad("Invalid 'messages': empty array. Expected an array with minimum length 1.", {
      param: "messages",
      code: "empty_array",
    });
  }
  for (const [index, message] of messages.entries()) {
    const param = `messages[${index}]`;
    if (!isObject(message)) return wrongType(param, "an object");
    const role = own(message, "role");
    if (role === undefined) return missing(`${param}.role`);
    if (typeof role !== "string" || !Object.hasOwn(OPENAI_ROLES, role))
      return wrongValue(`${param}.role`, role, Object.keys(OPENAI_ROLES));
    const content = own(message, "content");
    const mayBeAbsent = role === "assistant";
    if (typeof content !== "string" && !Array.isArray(content) && !(mayBeAbsent && !isGiven(content)))
      return wrongType(`${param}.content`, "one of a string or array of objects");
  }
  return undefined;
}
