import { amendOrFail } from "../errors/classify-error.ts";
import type { ErrorRule, Judgement } from "../errors/judgement.ts";
import { fieldsOf, textOf } from "../json-fields.ts";
import type { Amendment, ProviderAnswer, ProviderResponse } from "../provider.ts";
import { isRefusal, refusedParameter, type Omittable } from "../errors/refused-parameter.ts";
import { readRefusal } from "../errors/read-refusal.ts";
import { headerOf } from "../limits/retry-after.ts";
import { JSON_TOOL, JSON_WORDS, nextAmendment, AS_USER } from "../amendments.ts";

/** Names of the errors that concern the credentials. */
const AUTHENTICATION =
  /^(?:ExpiredToken|UnrecognizedClient|InvalidSignature|IncompleteSignature|SignatureDoesNotMatch|MissingAuthenticationToken|InvalidClientTokenId)/;
const AUTHENTICATION_WORDS =
  /security token|signature we calculated|signature (?:expired|not yet current)|authentication failed|api key (?:is|was) (?:not valid|invalid)|valid api key/i;
const UNKNOWN_MODEL = /model identifier is invalid|on-demand throughput/i;
const TOO_LONG =
  /(?:input|prompt) is too long|exceed(?:s the)? context (?:limit|window)|too many input tokens|input tokens exceed|maximum context length/i;
const OMITTABLE: readonly Omittable[] = [
  { amendment: "omit:top_p", names: ["topP", "top_p"] },
  { amendment: "omit:temperature", names: ["temperature"] },
  { amendment: "omit:stop", names: ["stopSequences", "stop_sequences"] },
];

/** Reads a response of the Converse API that has no answer in it. */
export function readBedrockRefusal(
  body: unknown,
  response: ProviderResponse,
  amendments: ReadonlySet<Amendment>,
): ProviderAnswer {
  const type = typeOf(headerOf(response, "x-amzn-errortype") || textOf(fieldsOf(body)["__type"]));
  const rule: ErrorRule = (status, { message }) => judge(status, type, message, amendments);
  return readRefusal(body, { response, amendments, rule });
}

/** Finds `ThrottlingException` in `ThrottlingException:http://…` or `com.amazon…#ThrottlingException`. */
function typeOf(text: string): string {
  return (text.split(":")[0] ?? "").replace(/^.*#/, "");
}

function judge(
  status: number,
  type: string,
  message: string,
  amendments: ReadonlySet<Amendment>,
): Judgement | undefined {
  if (AUTHENTICATION.test(type) || (status === 403 && AUTHENTICATION_WORDS.test(message)))
    return { verdict: "stop", code: "AUTHENTICATION" };
  if (type === "ServiceQuotaExceededException") return { verdict: "stop", code: "NO_CREDIT" };
  if (status === 429 && /per day|daily/i.test(message)) return { verdict: "stop", code: "WAIT_TOO_LONG" };
  if (type === "ResourceNotFoundException") return { verdict: "stop", code: "MODEL_NOT_FOUND" };
  return status === 400 || status === 422 ? judgeInvalid(message, amendments) : undefined;
}

function judgeInvalid(message: string, amendments: ReadonlySet<Amendment>): Judgement {
  if (UNKNOWN_MODEL.test(message)) return { verdict: "stop", code: "MODEL_NOT_FOUND" };
  if (TOO_LONG.test(message)) return { verdict: "fail", code: "CONTEXT_TOO_LONG" };
  return amendOrFail(findAmendment(message, amendments));
}

function findAmendment(message: string, amendments: ReadonlySet<Amendment>): Amendment | undefined {
  const cap = /maximum tokens you requested exceeds the model limit of (\d+)|max_tokens: \d+ > (\d+)/.exec(
    message,
  );
  if (cap !== null) return nextAmendment(amendments, `max_tokens:${cap[1] ?? cap[2] ?? ""}`);
  if (!isRefusal(message)) return undefined;
  if (/\beffort\b/.test(message)) return nextAmendment(amendments, "omit:reasoning_effort");
  if (/toolConfig|toolChoice|tool_choice|tool use/i.test(message))
    return nextAmendment(amendments, JSON_WORDS);
  if (
    /outputConfig|output_config|textFormat|output_format|structured output|json_schema|grammar|schema/i.test(
      message,
    )
  )
    return nextAmendment(amendments, JSON_TOOL, JSON_WORDS);
  if (/system (?:messages?|prompts?|instructions?)/i.test(message)) return nextAmendment(amendments, AS_USER);
  return refusedParameter(message, OMITTABLE, amendments);
}
