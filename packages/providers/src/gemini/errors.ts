import { amendOrFail, classifyError, type Judgement } from "../errors/classify-error.ts";
import { detailsOf, exceededQuotas, retryDelayMs } from "../limits/quota-failure.ts";
import { BY_BUDGET } from "./request-body.ts";
import { fieldsOf, textOf, type Fields } from "../json-fields.ts";
import type { Amendment, ProviderResponse, Rejection } from "../provider.ts";
import { isNamedOrField, isRefusal, refusedParameter, type Omittable } from "../errors/refused-parameter.ts";
import { notJson } from "../errors/rejected.ts";
import { JSON_OBJECT, JSON_WORDS, nextAmendment, AS_USER } from "../amendments.ts";

const SPENT = /prepa(?:id|y\w*) credits?|spend(?:ing)? (?:cap|limit)|billing account .*(?:closed|disabled)/i;
const TOO_LONG =
  /input token count .*(?:exceeds|supports up to)|exceeds the maximum number of (?:input )?tokens/i;
const THINKING = ["thinkingLevel", "thinking_level", "thinkingConfig", "thinking_config"];
const BUDGET = ["thinkingBudget", "thinking_budget"];
const OMITTABLE: readonly Omittable[] = [
  { amendment: "omit:temperature", names: ["temperature"] },
  { amendment: "omit:top_p", names: ["topP", "top_p"] },
  { amendment: "omit:seed", names: ["seed"] },
  { amendment: "omit:stop", names: ["stopSequences", "stop_sequences"] },
];

/** The verdict on an error of Gemini or Vertex AI. */
export function classifyGeminiError(
  body: unknown,
  response: ProviderResponse,
  amendments: ReadonlySet<Amendment>,
): Rejection {
  const error = fieldsOf(fieldsOf(body)["error"]);
  const details = detailsOf(body);
  const message = textOf(error["message"]) || (body === undefined ? notJson(response) : "");
  const code = textOf(error["status"]);
  const inner = Number(error["code"]);
  const status = response.status >= 400 ? response.status : inner >= 400 ? inner : 500;
  const rejection = classifyError(
    status,
    { message, code, type: "", param: "" },
    { response, amendments, rule: () => judge(status, { message, code, details }, amendments) },
  );
  const { verdict } = rejection;
  const retryAfterMs = retryDelayMs(details) ?? rejection.retryAfterMs;
  const isHinted = retryAfterMs !== undefined && (verdict === "wait" || verdict === "retry");
  return isHinted ? { ...rejection, retryAfterMs } : rejection;
}

interface GeminiError {
  readonly message: string;
  /** Such as `RESOURCE_EXHAUSTED`. */
  readonly code: string;
  readonly details: readonly Fields[];
}

function judge(
  status: number,
  error: GeminiError,
  amendments: ReadonlySet<Amendment>,
): Judgement | undefined {
  const { message, code, details } = error;
  const isBadKey = details.some(({ reason }) => reason === "API_KEY_INVALID");
  if (isBadKey || /api key (?:not valid|not found|expired)/i.test(message))
    return { verdict: "stop", code: "AUTHENTICATION" };
  if (status === 429) return isHopeless(error) ? { verdict: "stop", code: "NO_CREDIT" } : undefined;
  if (status === 404 && code === "NOT_FOUND") return { verdict: "stop", code: "MODEL_NOT_FOUND" };
  if (status === 499) return { verdict: "retry", code: "SERVER_ERROR" };
  if (status === 503 && /overloaded|high demand/i.test(message))
    return { verdict: "wait", code: "RATE_LIMITED" };
  if (status !== 400) return undefined;
  // For example, the country is not served or the project has no billing.
  if (code === "FAILED_PRECONDITION") return { verdict: "stop", code: "PERMISSION" };
  if (TOO_LONG.test(message)) return { verdict: "fail", code: "CONTEXT_TOO_LONG" };
  return amendOrFail(findAmendment(message, amendments));
}

/** A daily quota returns tomorrow, whatever the response says; a quota of 0 means that the plan lacks the model. */
function isHopeless({ message, details }: GeminiError): boolean {
  const quotas = exceededQuotas(details);
  const isDay = quotas.some(({ id, limit }) => id.includes("PerDay") || limit === 0);
  return isDay || /\blimit: 0\b/.test(message) || SPENT.test(message);
}

function findAmendment(message: string, amendments: ReadonlySet<Amendment>): Amendment | undefined {
  if (!isRefusal(message)) return undefined;
  const names = (list: readonly string[]): boolean => list.some((name) => isNamedOrField(name, message));
  if (
    /multiple candidates/i.test(message) ||
    names(["candidateCount", "candidate_count"]) ||
    /candidateCount/.test(message)
  )
    return nextAmendment(amendments, "omit:n");
  if (names(BUDGET) || /thinking budget/i.test(message))
    return nextAmendment(amendments, "omit:reasoning_effort");
  if (names(THINKING) || /\bthinking\b/i.test(message))
    return nextAmendment(amendments, BY_BUDGET, "omit:reasoning_effort");
  if (/developer instruction|system instruction|systemInstruction|system_instruction/i.test(message))
    return nextAmendment(amendments, AS_USER);
  if (/json mode|response_?mime_?type/i.test(message)) return nextAmendment(amendments, JSON_WORDS);
  if (/response_?(?:json_?)?schema|\bschema\b/i.test(message))
    return nextAmendment(amendments, JSON_OBJECT, JSON_WORDS);
  return refusedParameter(message, OMITTABLE, amendments);
}
