import { isRecord, NO_USAGE, type Completion, type FailureCode } from "@parallel-parrot/core";
import type { ProviderAnswer } from "@parallel-parrot/providers";
import type { AloneReason } from "./group-progress.ts";

/** Why a row got no answer from a request that was sent. */
type UnansweredReason = Exclude<AloneReason, "overBudget">;

/** What a response to several rows has for one of them. */
export type GroupedOutcome = Pick<Completion, "choices" | "model"> | UnansweredReason;

/** What the record of a row that has no answer says. */
const CODES: Readonly<Record<UnansweredReason, FailureCode>> = {
  missing: "EMPTY_ANSWER",
  doubled: "INVALID_OUTPUT",
  cutOff: "OUTPUT_TRUNCATED",
  refused: "BAD_RESPONSE",
};

/** The body under which the journal keeps what one row got, as the response itself belongs to several rows. */
export function bodyOf(outcome: GroupedOutcome): string {
  return JSON.stringify(typeof outcome === "string" ? { alone: outcome } : outcome);
}

/** What the journal is told of a row. */
export function answerOf(outcome: GroupedOutcome): ProviderAnswer {
  if (typeof outcome !== "string") return { ok: true, completion: { ...outcome, usage: NO_USAGE } };
  const message = "The row was asked beside others and got no answer, so it is asked alone";
  return { ok: false, rejection: { verdict: "fail", code: CODES[outcome], message } };
}

/** Reads what the journal has of a row. One that got no answer is not asked beside others again: `NOT_ASKED`. */
export function readKept(body: string): ProviderAnswer {
  const kept = parse(body);
  if (isAnswer(kept)) return answerOf(kept);
  const message = "The row was asked beside others, and is to be asked alone";
  return { ok: false, rejection: { verdict: "fail", code: "NOT_ASKED", message } };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function isAnswer(kept: unknown): kept is Pick<Completion, "choices" | "model"> {
  return isRecord(kept) && Array.isArray(kept["choices"]) && typeof kept["model"] === "string";
}
