import { type Choice, type Usage, isRecord } from "@parallel-parrot/core";
import { answerChoice } from "../response/answer-choice.ts";
import { readCohereRefusal } from "./errors.ts";
import { readContent } from "../response/read-content.ts";
import { foldWord } from "../response/finish-reason.ts";
import { countOf, fieldsOf, listOf, parseJson, textOf, type Fields } from "../json-fields.ts";
import type { Amendment, ProviderAnswer, ProviderResponse } from "../provider.ts";
import { badResponse, isSuccess } from "../errors/rejected.ts";

/** Finish reasons that mean that there is no answer, even if there is a text. */
const BROKEN = new Set(["error", "timeout"]);

/**
 * Reads a response of the Chat API, of any status.
 *
 * @param model the model that was asked: the response does not name it
 */
export function readCohereAnswer(
  response: ProviderResponse,
  amendments: ReadonlySet<Amendment>,
  model: string,
): ProviderAnswer {
  const body = parseJson(response.body);
  if (!isSuccess(response) || !isRecord(body) || !isRecord(body["message"]))
    return readCohereRefusal(body, response, amendments);
  const usage = readUsage(fieldsOf(body["usage"]));
  const reason = textOf(body["finish_reason"]);
  if (!BROKEN.has(foldWord(reason)))
    return {
      ok: true,
      completion: { choices: [readChoice(body["message"], body["finish_reason"])], model, usage },
    };
  const message = `The answer ended in an error: ${reason}`;
  return badResponse(message, usage);
}

function readChoice({ content, tool_calls: toolCalls }: Fields, reason: unknown): Choice {
  const { text, thoughts } = readContent(content);
  const calls =
    text.trim() === "" ? listOf(toolCalls).map((call) => fieldsOf(fieldsOf(call)["function"])) : [];
  return answerChoice({
    text,
    reason,
    thoughts,
    calls: calls.map(({ name, arguments: given }) => ({ name: textOf(name), arguments: textOf(given) })),
  });
}

/** The tokens that are billed, which may be fewer than the model has processed. */
function readUsage(usage: Fields): Usage {
  const counts = isRecord(usage["billed_units"]) ? usage["billed_units"] : fieldsOf(usage["tokens"]);
  const inputTokens = countOf(counts["input_tokens"]);
  return {
    requests: 1,
    inputTokens,
    outputTokens: countOf(counts["output_tokens"]),
    cachedInputTokens: Math.min(countOf(usage["cached_tokens"]), inputTokens),
    reasoningTokens: 0,
  };
}
