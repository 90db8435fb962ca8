import { hasTooManyValues, MAX_JSON_VALUES, type Warning } from "@parallel-parrot/core";
import type { Answer } from "./answer-of.ts";
import { findJson, type ExtractedJson, type ExtractJsonOptions } from "../extract/extract-json.ts";
import { bad, invalid, unusable, type BadChoice } from "./unusable.ts";

/** The JSON of an answer, or why it cannot be used. */
export function readJson(answer: Answer, options?: ExtractJsonOptions): Json | BadChoice {
  const reason = unusable(answer);
  if (reason !== undefined) return reason;
  if (hasTooManyValues(answer.text, false)) return bad("TOO_MANY_OUTPUTS", TOO_MANY_VALUES);
  const json = findJson(answer.text, options);
  if (answer.finishReason === "length" && !isSafeAtLimit(json)) return endsEarly(answer);
  return json.status === "none" ? invalid(json.reason) : json;
}

const TOO_MANY_VALUES = `The answer has more than ${MAX_JSON_VALUES} JSON values and is not read, as that would take too much memory`;

/** JSON that ends early. */
export type Cut = Extract<ExtractedJson, { readonly status: "cut" }>;

type Json = Exclude<ExtractedJson, { readonly status: "none" }>;

/**
 * Whether JSON is the answer though the token limit cut it off. What was repaired may be the prose before the JSON,
 * or a value that was still being written; what stands in prose may be an example before the answer.
 */
function isSafeAtLimit(json: ExtractedJson): boolean {
  return json.status === "cut" || (json.status === "complete" && !json.isInProse);
}

/** An answer that ends inside the JSON. A cut at the token limit is told apart: it would come back the same. */
export function endsEarly({ finishReason }: Pick<Answer, "finishReason">): BadChoice {
  return finishReason === "length"
    ? bad("OUTPUT_TRUNCATED", "The token limit cut the answer off before anything was complete")
    : invalid(ENDS_EARLY);
}

/** What is wrong with an answer that ends inside the JSON. */
export const ENDS_EARLY = "it ends in the middle of the JSON";

export const REPAIRED: Warning = Object.freeze({
  code: "REPAIRED",
  message: "The answer was not valid JSON and was repaired without changing a letter of its texts",
});
