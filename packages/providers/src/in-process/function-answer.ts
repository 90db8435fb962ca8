import {
  describeGiven,
  messageOf,
  type ErrorCode,
  type FailureCode,
  type FinishReason,
  type Usage,
  isRecord,
} from "@parallel-parrot/core";
import { answerChoice } from "../response/answer-choice.ts";
import { countOf, fieldsOf, parseJson, textOf, type Fields } from "../json-fields.ts";
import type { ProviderAnswer, ProviderResponse, Rejection, ContextSize } from "../provider.ts";
import { redact } from "../secrets/redact.ts";
import { rejected } from "../errors/rejected.ts";
import { isVerdictError } from "./verdict-error.ts";

/** A function's answer to one prompt, if there is more to say than a text. */
export interface FunctionCompletion {
  readonly text: string;
  /** What the model thought. @default nothing */
  readonly thoughts?: string;
  /** @default "stop" */
  readonly finishReason?: FinishReason;
  /** The tokens used. @default estimated from the number of characters */
  readonly usage?: Partial<Omit<Usage, "requests">>;
  /** The model that answered. @default the provider's `model` */
  readonly model?: string;
}

/** Statuses are only for people who look at a stored response: the verdict is in the body. */
const STATUS: Readonly<Record<string, number>> = { wait: 429, retry: 500, fail: 400, stop: 403 };
/** Writes a function's result as a response that can be stored and read again. */
export function writeFunctionAnswer(result: unknown): ProviderResponse {
  const completion = typeof result === "string" ? { text: result } : result;
  if (isRecord(completion) && typeof completion["text"] === "string") return respond(200, completion);
  const text = isRecord(result) ? ` whose text is ${describeGiven(result["text"])}` : "";
  return writeFunctionError(
    new TypeError(
      `the function complete returned ${describeGiven(result)}${text}; expected a text, or an object with a text such as { text: "…" }`,
    ),
  );
}

/** Writes what a function threw as a response. Without a verdict, the error counts as transient. */
export function writeFunctionError(error: unknown): ProviderResponse {
  const message = messageOf(error);
  const rejection: Rejection = isVerdictError(error)
    ? error.rejection
    : { verdict: "retry", code: error instanceof TypeError ? "BAD_RESPONSE" : "SERVER_ERROR", message };
  return respond(STATUS[rejection.verdict] ?? 500, { error: { ...rejection, message: redact(message, "") } });
}

/** Reads what the two functions above write. */
export function readFunctionAnswer({ status, body }: ProviderResponse, model: string): ProviderAnswer {
  const fields = fieldsOf(parseJson(body));
  const text = fields["text"];
  if (status === 200 && typeof text === "string") {
    const thoughts = textOf(fields["thoughts"]);
    const choices = [answerChoice({ text, reason: fields["finishReason"], thoughts })];
    const usage = usageOf(fieldsOf(fields["usage"]));
    return { ok: true, completion: { choices, model: textOf(fields["model"]) || model, usage } };
  }
  return rejected(rejectionOf(fieldsOf(fields["error"])));
}

function respond(status: number, body: object): ProviderResponse {
  return { status, headers: {}, body: JSON.stringify(body) };
}

function usageOf(usage: Fields): Usage {
  const cacheWriteTokens = countOf(usage["cacheWriteTokens"]);
  return {
    requests: 1,
    inputTokens: countOf(usage["inputTokens"]),
    outputTokens: countOf(usage["outputTokens"]),
    cachedInputTokens: countOf(usage["cachedInputTokens"]),
    reasoningTokens: countOf(usage["reasoningTokens"]),
    ...(cacheWriteTokens === 0 ? {} : { cacheWriteTokens }),
  };
}

/** Keeps the fields that are numbers. */
function contextSizeOf(given: Fields): ContextSize {
  const { allowed, prompt, answer, excess } = given;
  const told = Object.entries({ allowed, prompt, answer, excess });
  return Object.fromEntries(told.filter(([, value]) => typeof value === "number"));
}

function rejectionOf({ verdict, code, message, retryAfterMs, contextSize }: Fields): Rejection {
  const common = {
    message: textOf(message) || "no message",
    ...(typeof retryAfterMs === "number" ? { retryAfterMs } : {}),
    ...(isRecord(contextSize) ? { contextSize: contextSizeOf(contextSize) } : {}),
  };
  // `writeFunctionError` wrote this body, so the code is that of the error that was thrown.
  if (verdict === "stop") return { ...common, verdict, code: textOf(code) as ErrorCode };
  if (verdict === "wait" || verdict === "fail")
    return { ...common, verdict, code: textOf(code) as FailureCode };
  return { ...common, verdict: "retry", code: (textOf(code) || "BAD_RESPONSE") as FailureCode };
}
