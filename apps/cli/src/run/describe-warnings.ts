import type { WarningCode } from "@parallel-parrot/core";
import type { RunReport } from "parallel-parrot";
import { formatCount } from "../terminal/progress.ts";

/** What follows the number of rows with a kind of warning. */
const WORDS: Readonly<Record<Exclude<WarningCode, "PROMPT_SKIPPED">, string>> = {
  TRUNCATED: "cut off at the token limit, and used as far as they go (--max-tokens allows longer ones)",
  PARTIAL: "not read whole, asked again or not; a part of each is used",
  CHOICE_DROPPED: "a choice or more short",
  ITEM_DROPPED: "without the objects that did not fit",
  REPAIRED: "broken JSON that was mended",
  ADJUSTED: "with keys or values that were not quite those asked for, read as the only ones that fit",
  PROMPT_SHORTENED:
    "to a prompt whose longest text was cut to fit the context window (--on-context truncate)",
  PROMPT_MENDED: "to a prompt that had half a character in it, replaced by U+FFFD",
};

/** What the report of a run has about its answers. */
export type AnswerReport = Pick<RunReport, "warningCounts" | "withoutOutputs">;

/** Lines about the answers of a run that were not quite as asked for. */
export function describeWarnings(
  { warningCounts: warnings, withoutOutputs }: AnswerReport,
  isLineage: boolean,
): string[] {
  const ofAnswers = (Object.keys(WORDS) as (keyof typeof WORDS)[]).flatMap((code) => {
    const count = warnings[code] ?? 0;
    return count === 0 ? [] : [`${formatCount(count)} answers ${WORDS[code]}`];
  });
  const skipped = warnings.PROMPT_SKIPPED ?? 0;
  const kinds = [
    ...(skipped === 0
      ? []
      : [
          `${formatCount(skipped)} rows left without an answer: their prompts do not fit the context window (--on-context skip)`,
        ]),
    ...ofAnswers,
  ];
  return [
    ...(withoutOutputs === 0
      ? []
      : [`${formatCount(withoutOutputs)} rows without answers: the model's list was empty`]),
    ...kinds,
    ...(kinds.length === 0 || isLineage ? [] : ["--lineage adds a column that tells which rows these are"]),
  ];
}
