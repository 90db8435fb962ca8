import { counted, type WarningCode } from "@parallel-parrot/core";
import type { RunReport } from "parallel-parrot";

/** What follows the number of rows with a kind of warning. */
const WORDS: Readonly<Record<Exclude<WarningCode, "PROMPT_SKIPPED">, string>> = {
  TRUNCATED: "cut off at the token limit; what is complete is used (--max-tokens allows longer ones)",
  PARTIAL: "read only in part, even where asked for again",
  CHOICE_DROPPED: "without a choice that could not be used",
  TIED: "in whose vote as many choices said another; the earlier choice is used",
  ITEM_DROPPED: "without objects that were not as asked for",
  REPAIRED: "with broken JSON that was repaired",
  ADJUSTED: "with keys or values not quite as asked for, read in the only way that fits",
  PROMPT_SHORTENED:
    "to a prompt whose longest text was cut to fit the context window (--on-context truncate)",
  PROMPT_MENDED: "to a prompt with half of a character (a lone surrogate), replaced by U+FFFD",
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
    return count === 0 ? [] : [`${counted(count, "answer")} ${WORDS[code]}`];
  });
  const skipped = warnings.PROMPT_SKIPPED ?? 0;
  const kinds = [
    ...(skipped === 0
      ? []
      : [
          `${counted(skipped, "row")} left without an answer, as the prompt does not fit the context window (--on-context skip)`,
        ]),
    ...ofAnswers,
  ];
  return [
    ...(withoutOutputs === 0 ? [] : [`${counted(withoutOutputs, "row")} with an empty list as the answer`]),
    ...kinds,
    ...(kinds.length === 0 || isLineage
      ? []
      : ["--lineage adds a column that names these warnings in each row"]),
  ];
}
