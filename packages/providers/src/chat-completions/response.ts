import { type Usage, isRecord } from "@parallel-parrot/core";
import { readChatChoice } from "./choice.ts";
import type { ChatDialect } from "./dialect.ts";
import { classifyError, type ErrorContext } from "../errors/classify-error.ts";
import { readErrorBody } from "../errors/error-body.ts";
import { foldWord } from "../response/finish-reason.ts";
import { countOf, fieldsOf, listOf, parseJson, type Fields } from "../json-fields.ts";
import type { Amendment, ProviderAnswer, ProviderResponse } from "../provider.ts";
import { badResponse, isSuccess, notJson, rejected } from "../errors/rejected.ts";
import { statusOfError } from "../errors/status-of-error.ts";

/** Reads a response of Chat Completions, of any status, in one server's dialect. */
export function readChatAnswer(
  response: ProviderResponse,
  amendments: ReadonlySet<Amendment>,
  dialect: Pick<ChatDialect, "errorRule" | "hasDeveloper" | "reasoningIsApart">,
): ProviderAnswer {
  const { errorRule: rule, hasDeveloper } = dialect;
  const context: ErrorContext = { response, amendments, rule, hasDeveloper };
  const body = parseJson(response.body);
  const isOk = isSuccess(response);
  if (isOk && !isRecord(body)) return badResponse(notJson(response));
  if (isOk && isRecord(body) && (body["error"] ?? null) === null) return readAnswer(body, dialect, context);
  // Some gateways answer 200 with an error inside.
  const status = isOk ? statusOfError(body) : response.status;
  const error = readErrorBody(body);
  const message = error.message || (isRecord(body) ? "" : notJson(response));
  return rejected(classifyError(status, { ...error, message }, context));
}

/** Ways for a choice to end that leave no answer, whatever text there is. */
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
  // An upstream server's own status says more than that the answer broke off.
  if (isRecord(error) && inner.code !== "") return classifyError(statusOfError(choice), inner, context);
  const why = inner.message || (foldWord(reason) === "error" ? "no message" : String(reason));
  return { verdict: "retry", code: "BAD_RESPONSE", message: `The answer ended in an error: ${why}` };
}

/** Usage in our vocabulary, by all the names that servers have for its parts. */
function readChatUsage(value: unknown, { reasoningIsApart }: Pick<ChatDialect, "reasoningIsApart">): Usage {
  const usage = fieldsOf(value);
  const input = fieldsOf(usage["prompt_tokens_details"]);
  const inputTokens = countOf(usage["prompt_tokens"]);
  const completionTokens = countOf(usage["completion_tokens"]);
  const reasoningTokens = countOf(fieldsOf(usage["completion_tokens_details"])["reasoning_tokens"]);
  const cacheWriteTokens = countOf(input["cache_write_tokens"]);
  // The total settles it, where it is there.
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
