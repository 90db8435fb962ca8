import type { Choice, ChoiceReading, Row } from "@parallel-parrot/core";
import { oneLine } from "./problem.ts";

/** A choice that could not be read. */
export type BadChoice = Extract<ChoiceReading<Row>, { readonly ok: false }>;

/** Why a choice need not be read at all; `undefined` where it has an answer. */
export function unusable({ text, finishReason }: Choice): BadChoice | undefined {
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
      return answer === ""
        ? bad("OUTPUT_TRUNCATED", "The token limit was reached before there was any answer")
        : undefined;
    case "stop":
    case "other":
  }
  return answer === "" ? bad("EMPTY_ANSWER", "The answer is empty") : undefined;
}

export function invalid(why: string): BadChoice {
  return bad("INVALID_OUTPUT", `The answer is not as asked for: ${why}`);
}

export function bad(code: BadChoice["code"], message: string): BadChoice {
  return { ok: false, code, message };
}
