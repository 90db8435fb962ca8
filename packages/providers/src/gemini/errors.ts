import { amendOrFail } from "../errors/classify-error.ts";
import type { ErrorRule } from "../errors/judgement.ts";
import { BY_BUDGET } from "./request-body.ts";
import type { Amendment, ProviderAnswer, ProviderResponse } from "../provider.ts";
import { isNamedOrField, isRefusal, refusedParameter, type Omittable } from "../errors/refused-parameter.ts";
import { readRefusal } from "../errors/read-refusal.ts";
import { JSON_OBJECT, JSON_WORDS, nextAmendment, AS_USER } from "../amendments.ts";

const TOO_LONG =
  /input token count .{0,200}(?:exceeds|supports up to)|exceeds the maximum number of (?:input )?tokens/i;
const THINKING = ["thinkingLevel", "thinking_level", "thinkingConfig", "thinking_config"];
const BUDGET = ["thinkingBudget", "thinking_budget"];
const OMITTABLE: readonly Omittable[] = [
  { amendment: "omit:temperature", names: ["temperature"] },
  { amendment: "omit:top_p", names: ["topP", "top_p"] },
  { amendment: "omit:seed", names: ["seed"] },
  { amendment: "omit:stop", names: ["stopSequences", "stop_sequences"] },
  { amendment: "omit:presence_penalty", names: ["presencePenalty", "presence_penalty"] },
  { amendment: "omit:frequency_penalty", names: ["frequencyPenalty", "frequency_penalty"] },
];

/** Reads a response of Gemini or Vertex AI that has no answer in it. */
export function readGeminiRefusal(
  body: unknown,
  response: ProviderResponse,
  amendments: ReadonlySet<Amendment>,
): ProviderAnswer {
  return readRefusal(body, { response, amendments, rule, canStream: true });
}

const rule: ErrorRule = (status, { message, code, details = [] }, { amendments }) => {
  const isBadKey = details.some(({ reason }) => reason === "API_KEY_INVALID");
  if (isBadKey || /api key (?:not valid|not found|expired)/i.test(message))
    return { verdict: "stop", code: "AUTHENTICATION" };
  if (status === 404 && code === "NOT_FOUND") return { verdict: "stop", code: "MODEL_NOT_FOUND" };
  if (status === 499) return { verdict: "retry", code: "SERVER_ERROR" };
  if (status === 503 && /overloaded|high demand/i.test(message))
    return { verdict: "wait", code: "RATE_LIMITED" };
  if (status !== 400) return undefined;
  // For example, the country is not served or the project has no billing.
  if (code === "FAILED_PRECONDITION") return { verdict: "stop", code: "PERMISSION" };
  if (TOO_LONG.test(message)) return { verdict: "fail", code: "CONTEXT_TOO_LONG" };
  return amendOrFail(findAmendment(message, amendments));
};

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
  // The message does not tell which of the two: "Penalty is not enabled for models/…".
  if (/\bpenalty is not enabled\b/i.test(message))
    return nextAmendment(amendments, "omit:presence_penalty", "omit:frequency_penalty");
  if (/json mode|response_?mime_?type/i.test(message)) return nextAmendment(amendments, JSON_WORDS);
  if (/response_?(?:json_?)?schema|\bschema\b/i.test(message))
    return nextAmendment(amendments, JSON_OBJECT, JSON_WORDS);
  return refusedParameter(message, OMITTABLE, amendments);
}
