import type { Choice, ChoiceReading, Row, Warning } from "@parallel-parrot/core";
import type { ExtractedJson } from "./extract-json.ts";
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

/** Why no JSON could be read; a cut at the token limit is told apart, as it would come back the same. */
export function unreadable(json: Unread, { finishReason }: Choice): BadChoice {
  if (finishReason === "length")
    return bad("OUTPUT_TRUNCATED", "The token limit cut the answer off before anything was complete");
  return json.status === "cut" ? invalid("it ends in the middle of the JSON") : invalid(json.reason);
}

type Unread = Extract<ExtractedJson, { readonly status: "cut" | "none" }>;

export function invalid(why: string): BadChoice {
  return bad("INVALID_OUTPUT", `The answer is not as asked for: ${why}`);
}

export function bad(code: BadChoice["code"], message: string): BadChoice {
  return { ok: false, code, message };
}

export const REPAIRED: Warning = Object.freeze({
  code: "REPAIRED",
  message: "The JSON of the answer was broken and was repaired",
});
