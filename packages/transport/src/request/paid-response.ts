import type { Usage } from "@parallel-parrot/core";
import type { BatchedRequest, JournalRecord } from "@parallel-parrot/journal";
import type { ProviderAnswer, ProviderResponse } from "@parallel-parrot/providers";
import { isFinal } from "../errors/verdict.ts";

/** A response, and what it cost. */
export interface PaidResponse {
  readonly response: Pick<ProviderResponse, "status" | "body">;
  readonly answer: ProviderAnswer;
  readonly usage: Usage;
  readonly durationMs: number;
}

/** Whether a response is worth keeping: an answer, a refusal that would come again, or whatever else has cost tokens. */
export function isWorthKeeping({ answer, usage }: Pick<PaidResponse, "answer" | "usage">): boolean {
  return answer.ok || isFinal(answer.rejection) || usage.inputTokens + usage.outputTokens > 0;
}

/**
 * The record of a response that was paid for.
 *
 * @param cost in US dollars; `undefined` where the price is not known
 */
export function recordOf(
  { response, answer, usage, durationMs }: PaidResponse,
  { key, row, replicate, attempts }: BatchedRequest,
  cost: number | undefined,
): JournalRecord {
  return {
    key,
    row,
    replicate,
    ...resultOf(answer),
    status: response.status,
    body: (answer.ok ? answer.body : undefined) ?? response.body,
    usage,
    ...(cost === undefined ? {} : { cost }),
    attempts,
    sentAt: Date.now() - durationMs,
    durationMs,
  };
}

/** What the record of a response says of it. */
function resultOf(
  answer: ProviderAnswer,
): { outcome: "answer" | "empty" } | { outcome: "failure"; code: string } {
  if (!answer.ok) return { outcome: "failure", code: answer.rejection.code };
  const isEmpty = answer.completion.choices.every(({ text }) => text.trim() === "");
  return { outcome: isEmpty ? "empty" : "answer" };
}
