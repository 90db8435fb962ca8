import { amendOrFail, classifyError, type Judgement } from "../errors/classify-error.ts";
import { fieldsOf, textOf } from "../json-fields.ts";
import type { Amendment, ProviderResponse, Rejection } from "../provider.ts";
import { untilRefilledMs } from "./limits.ts";
import { isNamedOrField, isRefusal, refusedParameter, type Omittable } from "../errors/refused-parameter.ts";
import { notJson } from "../errors/rejected.ts";
import { headerOf } from "../limits/retry-after.ts";
import { JSON_TOOL, JSON_WORDS, nextAmendment } from "../amendments.ts";

/** The status that a type of error stands for: errors may also arrive in a response with status 200. */
const STATUS_OF_TYPE: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

/** Codes of a 429 that waiting does not help against. Source: error codes of Anthropic's SDK 1.14.0. */
const SPENT = /\b(?:enforced|contract)_spend_limit_reached\b/;
const SPENT_WORDS = /credit balance is too low|specified (?:workspace )?api usage limits|spend limit/i;
const TOO_LONG = /prompt is too long|exceed(?:s the)? context (?:limit|window)|context window/i;

const OMITTABLE: readonly Omittable[] = [
  { amendment: "omit:top_p", names: ["top_p"] },
  { amendment: "omit:temperature", names: ["temperature"] },
  { amendment: "omit:reasoning_effort", names: ["effort", "thinking", "adaptive"] },
];
const FORMAT = ["format", "output_config", "output_format", "json_schema"];

/** The verdict on an error of the Messages API. */
export function classifyAnthropicError(
  body: unknown,
  response: ProviderResponse,
  amendments: ReadonlySet<Amendment>,
): Rejection {
  const error = fieldsOf(fieldsOf(body)["error"]);
  const type = textOf(error["type"]);
  const code = textOf(fieldsOf(error["details"])["error_code"]);
  const message = textOf(error["message"]) || (body === undefined ? notJson(response) : "");
  const status = response.status < 300 ? (STATUS_OF_TYPE[type] ?? 500) : response.status;
  const rejection = classifyError(
    status,
    { message, type, code: code || type, param: "" },
    {
      response,
      amendments,
      rule: () => {
        if (status === 429 && isSpent(`${code} ${type} ${message}`, response))
          return { verdict: "stop", code: "NO_CREDIT" };
        return status === 400 || status === 422 ? judgeBadRequest(message, amendments) : undefined;
      },
    },
  );
  const { verdict, retryAfterMs = untilRefilledMs(response) } = rejection;
  return verdict === "wait" && retryAfterMs !== undefined ? { ...rejection, retryAfterMs } : rejection;
}

function isSpent(words: string, response: ProviderResponse): boolean {
  return SPENT.test(words) || (headerOf(response, "retry-after") === undefined && SPENT_WORDS.test(words));
}

function judgeBadRequest(message: string, amendments: ReadonlySet<Amendment>): Judgement {
  if (SPENT_WORDS.test(message)) return { verdict: "stop", code: "NO_CREDIT" };
  if (/content filtering policy/i.test(message)) return { verdict: "fail", code: "CONTENT_FILTERED" };
  if (TOO_LONG.test(message)) return { verdict: "fail", code: "CONTEXT_TOO_LONG" };
  return amendOrFail(findAmendment(message, amendments));
}

function findAmendment(message: string, amendments: ReadonlySet<Amendment>): Amendment | undefined {
  const cap = /max_tokens: \d+ > (\d+)/.exec(message)?.[1];
  if (cap !== undefined) return nextAmendment(amendments, `max_tokens:${cap}`);
  const isAboutTool = /tool_choice|\btools?\b/.test(message);
  if (isAboutTool && /forces tool use|not supported|n['o]t support/i.test(message))
    return nextAmendment(amendments, JSON_WORDS);
  const isAboutEffort = isNamedOrField("effort", message) || isNamedOrField("output_config.effort", message);
  const isAboutFormat =
    FORMAT.some((name) => isNamedOrField(name, message)) || /schema|grammar/i.test(message);
  if (isAboutFormat && !isAboutEffort && isRefusal(message))
    return nextAmendment(amendments, JSON_TOOL, JSON_WORDS);
  return refusedParameter(message, OMITTABLE, amendments);
}
