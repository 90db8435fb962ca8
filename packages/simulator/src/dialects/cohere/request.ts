import { checkBody, type BodyPath, type BodyProblem } from "../../validation/check-body.ts";
import { cohereSpec } from "./spec.ts";
import type { Reading, SimError, SimRequest, SimShape } from "../../dialect.ts";
import { asText, isObject, type JsonObject } from "../../json-value.ts";
import { readForcedFunction } from "../chat-completions/message.ts";
import { readOpenaiMessages } from "../chat-completions/request.ts";
import { readLimits } from "../read-message.ts";

const HELP = "For proper usage, please refer to https://docs.cohere.com/reference/chat";

/** Reads and checks the body of `POST /v2/chat`. */
export function readCohereRequest(body: unknown): Reading {
  const problem = checkBody(body, cohereSpec);
  if (problem !== undefined) return { error: word(problem) };
  const fields = isObject(body) ? body : {};
  const { model, messages, max_tokens, stop_sequences, stream, thinking } = fields;
  const request: SimRequest = {
    model: asText(model),
    messages: readOpenaiMessages(messages),
    n: 1,
    ...readLimits(max_tokens, stop_sequences),
    shape: readForcedFunction(fields) ?? readFormat(fields),
    thinks: isObject(thinking) && thinking["type"] === "enabled",
    ...(stream === true && { streams: true }),
    params: fields,
  };
  return { request };
}

function readFormat({ response_format: format }: JsonObject): SimShape {
  if (!isObject(format) || format["type"] !== "json_object") return { type: "text" };
  const schema = format["json_schema"];
  return isObject(schema) ? { type: "jsonSchema", schema } : { type: "jsonObject" };
}

/** Unknown fields have status 422 and no path, wrong values have status 400. */
function word(problem: BodyProblem): SimError {
  const field = formatPath(problem.path);
  switch (problem.kind) {
    case "unknown": {
      const message = `unknown field: parameter '${String(problem.path.at(-1))}' is not a valid field. ${HELP}`;
      return { kind: "badRequest", status: 422, message };
    }
    case "wrongType": {
      const message = `invalid type: parameter ${field} is of type ${typeof problem.value} but should be of type ${problem.expected}. ${HELP}`;
      return { kind: "badRequest", status: 422, message };
    }
    case "missing":
      return invalid(`${field} is required`);
    case "wrongValue":
      return invalid(`${field} must be one of ${problem.values.join(", ")}`);
    case "outOfRange":
    default: {
      const { type, bound, limit } = problem;
      const what = type === "list" || type === "string" ? `length of ${field}` : field;
      return invalid(`${what} must be at ${bound === "min" ? "least" : "most"} ${limit}`);
    }
  }
}

function invalid(message: string): SimError {
  return { kind: "badRequest", message: `invalid request: ${message}.` };
}

function formatPath(path: BodyPath): string {
  return path.join(".");
}
