import { amendOrFail } from "../errors/classify-error.ts";
import type { ErrorRule, Judgement } from "../errors/judgement.ts";
import type { Amendment, ProviderAnswer, ProviderResponse } from "../provider.ts";
import { untilRefilledMs } from "./limits.ts";
import { isNamedOrField, isRefusal, refusedParameter, type Omittable } from "../errors/refused-parameter.ts";
import { readRefusal } from "../errors/read-refusal.ts";
import { JSON_TOOL, JSON_WORDS, nextAmendment } from "../amendments.ts";

const TOO_LONG = /prompt is too long|exceed(?:s the)? context (?:limit|window)|context window/i;

const OMITTABLE: readonly Omittable[] = [
  { amendment: "omit:top_p", names: ["top_p"] },
  { amendment: "omit:temperature", names: ["temperature"] },
  { amendment: "omit:reasoning_effort", names: ["effort", "thinking", "adaptive"] },
];
const FORMAT = ["format", "output_config", "output_format", "json_schema"];

/** Reads a response of the Messages API that has no answer in it. */
export function readAnthropicRefusal(
  body: unknown,
  response: ProviderResponse,
  amendments: ReadonlySet<Amendment>,
): ProviderAnswer {
  const answer = readRefusal(body, { response, amendments, rule, canStream: true });
  if (answer.ok) return answer;
  const { verdict, retryAfterMs = untilRefilledMs(response) } = answer.rejection;
  if (verdict !== "wait" || retryAfterMs === undefined) return answer;
  return { ...answer, rejection: { ...answer.rejection, retryAfterMs } };
}

const rule: ErrorRule = (status, { message }, { amendments }) =>
  status === 400 || status === 422 ? judgeBadRequest(message, amendments) : undefined;

function judgeBadRequest(message: string, amendments: ReadonlySet<Amendment>): Judgement {
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
