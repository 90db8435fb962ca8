import { type Usage, isRecord } from "@parallel-parrot/core";
import { readChatChoice } from "./choice.ts";
import type { ChatDialect } from "./dialect.ts";
import { classifyError } from "../errors/classify-error.ts";
import type { ErrorContext } from "../errors/judgement.ts";
import { readErrorBody, saysAnything } from "../errors/error-body.ts";
import { foldWord } from "../response/finish-reason.ts";
import { countOf, fieldsOf, listOf, parseJson, type Fields } from "../json-fields.ts";
import type { Amendment, ProviderAnswer, ProviderResponse } from "../provider.ts";
import { readRefusal } from "../errors/read-refusal.ts";
import { isSuccess, rejected } from "../errors/rejected.ts";
import { statusOfError } from "../errors/status-of-error.ts";

/** Reads a response of Chat Completions, of any status, in one server's dialect. */
export function readChatAnswer(
  response: ProviderResponse,
  amendments: ReadonlySet<Amendment>,
  dialect: Pick<ChatDialect, "errorRule" | "hasDeveloper" | "reasoningIsApart">,
): ProviderAnswer {
  const { errorRule: rule, hasDeveloper } = dialect;
  const context: ErrorContext = { response, amendments, rule, hasDeveloper, canStream: true };
  const body = parseJson(response.body);
  if (isSuccess(response) && isRecord(body) && isAnswer(body)) return readAnswer(body, dialect, context);
  return readRefusal(body, context);
}

/**
 * Some gateways send an error with status 200, and some servers an empty error with an answer. Nothing is searched for
 * words where there is no error and there is a choice, as in nearly every response.
 */
function isAnswer(body: Fields): boolean {
  const { choices, error } = body;
  const saysError = (error ?? null) !== null && saysAnything(readErrorBody({ error }));
  if (saysError || !Array.isArray(choices)) return false;
  if (choices.some(isChoice)) return true;
  // An empty answer that was paid for is one.
  return (
    isRecord(body["usage"]) && !saysAnything(readErrorBody({ ...body, choices: undefined, error: undefined }))
  );
}

/** Whether it has what a choice has: a text, or a word for why there is none. */
function isChoice(choice: unknown): boolean {
  const { message, text, error, finish_reason: reason } = fieldsOf(choice);
  if (isRecord(message) || typeof text === "string" || isRecord(error)) return true;
  return typeof reason === "string" && foldWord(reason) !== "stop";
}

/** Finish reasons that mean that there is no answer, even if the choice has a text. */
const BROKEN: ReadonlySet<string> = new Set(["error", "insufficient_system_resource", "abort"]);

function readAnswer(
  body: Fields,
  dialect: Pick<ChatDialect, "reasoningIsApart">,
  context: ErrorContext,
): ProviderAnswer {
  const choices = listOf(body["choices"]).map(fieldsOf);
  const usage = readChatUsage(body["usage"], dialect);
  const broken = choices.find(
    ({ finish_reason: reason, error }) => BROKEN.has(foldWord(reason)) || isRecord(error),
  );
  if (broken === undefined) {
    const model = typeof body["model"] === "string" ? body["model"] : "";
    const read = choices.map((choice, at) => readChatChoice(choice, at, context.response));
    return { ok: true, completion: { choices: read, model, usage } };
  }
  return rejected(breakage(broken, context), usage);
}

function breakage(
  choice: Fields,
  context: ErrorContext,
): Extract<ProviderAnswer, { ok: false }>["rejection"] {
  const { finish_reason: reason, error } = choice;
  const inner = readErrorBody(choice);
  // The status of the server behind a gateway says more than that the answer broke off.
  if (isRecord(error) && inner.code !== "") return classifyError(statusOfError(inner) ?? 500, inner, context);
  const why = inner.message || (foldWord(reason) === "error" ? "no message" : String(reason));
  return { verdict: "retry", code: "BAD_RESPONSE", message: `The answer ended in an error: ${why}` };
}

/** Servers have several names for the parts of the usage. */
function readChatUsage(value: unknown, { reasoningIsApart }: Pick<ChatDialect, "reasoningIsApart">): Usage {
  const usage = fieldsOf(value);
  const input = fieldsOf(usage["prompt_tokens_details"]);
  const inputTokens = countOf(usage["prompt_tokens"]);
  const completionTokens = countOf(usage["completion_tokens"]);
  const reasoningTokens = countOf(fieldsOf(usage["completion_tokens_details"])["reasoning_tokens"]);
  const cacheWriteTokens = countOf(input["cache_write_tokens"]);
  // If the server tells a total, the total shows whether it includes the reasoning.
  const isApart = reasoningIsApart && countOf(usage["total_tokens"]) !== inputTokens + completionTokens;
  return {
    requests: 1,
    inputTokens,
    outputTokens: completionTokens + (isApart ? reasoningTokens : 0),
    cachedInputTokens:
      countOf(input["cached_tokens"]) ||
      countOf(usage["prompt_cache_hit_tokens"]) ||
      countOf(usage["num_cached_tokens"]),
    reasoningTokens,
    ...(cacheWriteTokens === 0 ? {} : { cacheWriteTokens }),
  };
}
