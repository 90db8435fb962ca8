import type { Warning } from "@parallel-parrot/core";
import type { Answer } from "./answer-of.ts";
import { findJson, type ExtractedJson } from "./extract-json.ts";
import { bad, invalid, unusable, type BadChoice } from "./unusable.ts";

/** The JSON of an answer, or why it cannot be used. */
export function readJson(answer: Answer): Json | BadChoice {
  const reason = unusable(answer);
  if (reason !== undefined) return reason;
  const json = findJson(answer.text);
  // What was repaired may be the prose before the JSON, or a value that was still being written.
  const isUnsafe = json.status === "none" || json.status === "repaired";
  if (isUnsafe && answer.finishReason === "length") return endsEarly(answer);
  return json.status === "none" ? invalid(json.reason) : json;
}

type Json = Exclude<ExtractedJson, { readonly status: "none" }>;

/** An answer that ends inside the JSON. A cut at the token limit is told apart: it would come back the same. */
export function endsEarly({ finishReason }: Pick<Answer, "finishReason">): BadChoice {
  return finishReason === "length"
    ? bad("OUTPUT_TRUNCATED", "The token limit cut the answer off before anything was complete")
    : invalid("it ends in the middle of the JSON");
}

export const REPAIRED: Warning = Object.freeze({
  code: "REPAIRED",
  message: "The JSON of the answer was broken and was repaired",
});

/**
 * Why a repaired answer is not to be trusted: a quote inside a text can make its end a key of its own, and the
 * text would be cut short.
 */
export function strayKey(objects: readonly unknown[], keys: readonly string[]): string | undefined {
  if (keys.length === 0) return undefined;
  const known = new Set(keys);
  const stray = objects.flatMap((object) => Object.keys(Object(object))).find((key) => !known.has(key));
  return stray === undefined ? undefined : `its JSON is broken near ${JSON.stringify(stray.slice(0, 40))}`;
}
