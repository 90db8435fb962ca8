import { counted, type ChoiceReading } from "@parallel-parrot/core";
import type { Answer } from "./answer-of.ts";
import { oneLine } from "../fit/problem.ts";

/** A choice that could not be read. */
export type BadChoice = Extract<ChoiceReading<never>, { readonly ok: false }>;

/** Why an answer need not be read at all; `undefined` where there is something to read. */
export function unusable({ text, thoughts, finishReason }: Answer): BadChoice | undefined {
  const answer = text.trim();
  switch (finishReason) {
    case "content_filter":
      return bad("CONTENT_FILTERED", "The provider's content filter stopped the answer");
    case "refusal":
      return bad(
        "REFUSED",
        answer === "" ? "The model refused to answer" : `The model refused: ${oneLine(answer)}`,
      );
    case "length":
      return answer === "" ? bad("OUTPUT_TRUNCATED", truncatedMessage(thoughts)) : undefined;
    case "stop":
    case "other":
  }
  return answer === "" ? bad("EMPTY_ANSWER", emptyMessage(thoughts)) : undefined;
}

function truncatedMessage(thoughts: string): string {
  if (thoughts === "") return "The token limit was reached before the model wrote any answer";
  return `The token limit was reached while the model was thinking, after ${lengthOf(thoughts)} of thoughts: ${WAYS_OUT}`;
}

function emptyMessage(thoughts: string): string {
  if (thoughts === "") return "The answer is empty";
  return `The answer is empty: the model wrote ${lengthOf(thoughts)} of thoughts and nothing else; ${WAYS_OUT}`;
}

const WAYS_OUT =
  'raise the token limit (maxTokens, --max-tokens), or switch thinking off (reasoningEffort "none", --reasoning-effort none)';

function lengthOf(text: string): string {
  return counted(text.length, "character");
}

/**
 * An answer that the model is asked for again. These words are in that request, and so in its journal key: if they
 * change, the rows that an earlier run had to ask again are paid for once more.
 */
export function invalid(why: string): BadChoice {
  return bad("INVALID_OUTPUT", `The answer is not as asked for: ${why}`);
}

export function bad(code: BadChoice["code"], message: string): BadChoice {
  return { ok: false, code, message };
}
