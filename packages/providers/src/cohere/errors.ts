import { amendOrFail } from "../errors/classify-error.ts";
import type { ErrorRule, Judgement } from "../errors/judgement.ts";
import type { Amendment, ProviderAnswer, ProviderResponse } from "../provider.ts";
import { isRefusal, refusedParameter, type Omittable } from "../errors/refused-parameter.ts";
import { readRefusal } from "../errors/read-refusal.ts";
import { JSON_OBJECT, JSON_WORDS, nextAmendment } from "../amendments.ts";

const OMITTABLE: readonly Omittable[] = [
  { amendment: "omit:reasoning_effort", names: ["thinking"] },
  { amendment: "omit:temperature", names: ["temperature"] },
  { amendment: "omit:top_p", names: ["p"] },
  { amendment: "omit:stop", names: ["stop_sequences"] },
  { amendment: "omit:seed", names: ["seed"] },
  { amendment: "omit:presence_penalty", names: ["presence_penalty"] },
  { amendment: "omit:frequency_penalty", names: ["frequency_penalty"] },
];

/** Reads a response of the Chat API that has no answer in it. */
export function readCohereRefusal(
  body: unknown,
  response: ProviderResponse,
  amendments: ReadonlySet<Amendment>,
): ProviderAnswer {
  const rule: ErrorRule = (status, { message }) => judge(status, message, amendments);
  return readRefusal(body, { response, amendments, rule, canStream: true });
}

function judge(status: number, message: string, amendments: ReadonlySet<Amendment>): Judgement | undefined {
  switch (status) {
    case 429:
      // The quota of a month is used up, and waiting does not help.
      return /(?:\/|per|a) month/i.test(message) ? { verdict: "stop", code: "NO_CREDIT" } : undefined;
    case 498:
      return { verdict: "fail", code: "CONTENT_FILTERED" };
    case 499:
      return { verdict: "retry", code: "SERVER_ERROR" };
    case 400:
    case 422:
      return judgeBadRequest(message, amendments);
    default:
      return undefined;
  }
}

function judgeBadRequest(message: string, amendments: ReadonlySet<Amendment>): Judgement {
  if (/too many tokens|maximum context length/i.test(message))
    return { verdict: "fail", code: "CONTEXT_TOO_LONG" };
  return amendOrFail(findAmendment(message, amendments));
}

function findAmendment(message: string, amendments: ReadonlySet<Amendment>): Amendment | undefined {
  const isAboutFormat = /response_format|json_schema|json_object|\bschema\b/i.test(message);
  if (isAboutFormat && (isRefusal(message) || /invalid/i.test(message)))
    return nextAmendment(amendments, JSON_OBJECT, JSON_WORDS);
  return refusedParameter(message, OMITTABLE, amendments);
}
