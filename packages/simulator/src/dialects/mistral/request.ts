import { checkBody, type BodyProblem } from "../../validation/check-body.ts";
import type { Reading, SimError, SimRequest } from "../../dialect.ts";
import { asText, isObject, objectsIn, type JsonObject } from "../../json-value.ts";
import { mistralSpec } from "./spec.ts";
import { readForcedFunction } from "../chat-completions/message.ts";
import { readOpenaiMessages, readResponseFormat } from "../chat-completions/request.ts";
import { wordPydantic } from "../../validation/pydantic-words.ts";
import { readLimits } from "../read-message.ts";

/** Reads and checks the body of `POST /v1/chat/completions`. */
export function readMistralRequest(body: unknown): Reading {
  const problem = checkBody(body, mistralSpec);
  if (problem !== undefined) return { error: word(problem) };
  const fields = isObject(body) ? body : {};
  const error = checkTogether(fields);
  if (error !== undefined) return { error };
  const { model, messages, max_tokens, stop, n, response_format, reasoning_effort: effort } = fields;
  const request: SimRequest = {
    model: asText(model),
    messages: readOpenaiMessages(messages),
    n: typeof n === "number" ? n : 1,
    ...readLimits(max_tokens, stop),
    shape: readForcedFunction(fields) ?? readResponseFormat(response_format),
    thinks: typeof effort === "string" && effort !== "none",
    ...(fields["stream"] === true && { streams: true }),
    params: fields,
  };
  return { request };
}

/** The error for a problem that Pydantic finds, with status 422. */
function word(problem: BodyProblem): SimError {
  const { type, message } = wordPydantic(problem);
  const input = "value" in problem ? problem.value : null;
  const details = [{ type, loc: ["body", ...problem.path], msg: message, input }];
  return { kind: "badRequest", status: 422, message, details };
}

function checkTogether({ messages }: JsonObject): SimError | undefined {
  const { role, prefix } = objectsIn(messages).at(-1) ?? {};
  if (role === "user" || role === "tool" || prefix === true) return undefined;
  const message = `Expected last role User or Tool (or Assistant with prefix True) for serving but got ${asText(role)}`;
  return { kind: "badRequest", message, param: "invalid_request_message_order", code: "3230" };
}
