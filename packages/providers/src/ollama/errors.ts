import { JSON_OBJECT, JSON_WORDS, nextAmendment } from "../amendments.ts";
import { amendOrFail } from "../errors/classify-error.ts";
import type { ErrorRule, Judgement } from "../errors/judgement.ts";
import { readRefusal } from "../errors/read-refusal.ts";
import type { Amendment, ProviderAnswer, ProviderResponse } from "../provider.ts";
import { THINK_OR_NOT } from "./request-body.ts";

/** Reads a response of the Chat API that has no answer in it: an error while the answer is written has status 200. */
export function readOllamaRefusal(
  body: unknown,
  response: ProviderResponse,
  amendments: ReadonlySet<Amendment>,
): ProviderAnswer {
  const rule: ErrorRule = (status, { message }) => judge(status, message, amendments);
  return readRefusal(body, { response, amendments, rule, canStream: true });
}

function judge(status: number, message: string, amendments: ReadonlySet<Amendment>): Judgement | undefined {
  if (status === 503 && /busy|maximum pending requests/i.test(message))
    return { verdict: "wait", code: "RATE_LIMITED" };
  if (status === 429 && /(?:week|month)ly usage limit/i.test(message))
    return { verdict: "stop", code: "NO_CREDIT" };
  if (/exceeds? the (?:available )?context|context (?:length|size|window)/i.test(message))
    return { verdict: "fail", code: "CONTEXT_TOO_LONG" };
  if (status !== 400 && status !== 500) return undefined;
  const amendment = findAmendment(message, amendments);
  return status === 400 || amendment !== undefined ? amendOrFail(amendment) : undefined;
}

function findAmendment(message: string, amendments: ReadonlySet<Amendment>): Amendment | undefined {
  if (/does not support thinking/i.test(message)) return nextAmendment(amendments, "omit:reasoning_effort");
  if (/think value|invalid think/i.test(message))
    return nextAmendment(amendments, THINK_OR_NOT, "omit:reasoning_effort");
  if (
    /invalid format|invalid JSON schema|failed to (?:parse|load|create) grammar|grammar|structured output/i.test(
      message,
    )
  )
    return nextAmendment(amendments, JSON_OBJECT, JSON_WORDS);
  return undefined;
}
