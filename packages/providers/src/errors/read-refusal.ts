import { classifyError } from "./classify-error.ts";
import type { ErrorContext } from "./judgement.ts";
import { readErrorBody, saysAnything, type ErrorBody } from "./error-body.ts";
import { fieldsOf } from "../json-fields.ts";
import type { ProviderAnswer, ProviderResponse } from "../provider.ts";
import { badResponse, isSuccess, notJson, rejected } from "./rejected.ts";
import { statusOfError } from "./status-of-error.ts";

/**
 * Reads a response that has no answer in it, of any status. What a successful response says is judged as if its status
 * had said so. Where nobody knows what it means, it is taken for a server that is away: the request is sent again.
 *
 * @param body the parsed body; `undefined` if it is not JSON
 */
export function readRefusal(body: unknown, context: ErrorContext): ProviderAnswer {
  const { response } = context;
  const said = readErrorBody(body);
  const error = body === undefined ? { ...said, message: notJson(response) } : said;
  if (!isSuccess(response)) return rejected(classifyError(response.status, error, context));
  if (body === undefined || !saysAnything(said))
    return badResponse(`HTTP ${response.status}: ${error.message || withoutWords(response)}`);
  const status = statusOfError(said) ?? (saysError(body) ? 500 : undefined);
  const answer =
    status === undefined
      ? badResponse(`HTTP ${response.status}: expected an answer, got ${wordsOf(said)}`)
      : rejected(classifyError(status, said, context));
  // A server that refuses bills nothing, unless it lost the answer of another.
  return { ...answer, status: status ?? 500 };
}

/** Whether the API itself calls it an error, so that the base URL is right. */
function saysError(body: unknown): boolean {
  const { error } = fieldsOf(Array.isArray(body) ? body[0] : body);
  return error !== undefined && error !== null;
}

function wordsOf({ code, message }: ErrorBody): string {
  return [code, message].filter((word) => word !== "").join(": ");
}

/** This is more than will be shown: a key is found and taken out only if it is whole, before the message is cut. */
function withoutWords({ body }: ProviderResponse): string {
  return `expected an answer, got ${body.slice(0, 4000)}`;
}
