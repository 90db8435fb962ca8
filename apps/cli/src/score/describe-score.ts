import { counted } from "@parallel-parrot/core";
import { formatCount } from "../terminal/format-count.ts";
import { alignColumns } from "../terminal/align-columns.ts";
import type { MeanScore } from "./class-scores.ts";
import { MOST_LABELS, type Score } from "./column-score.ts";

/** Labels of which the confusion table is shown; of more, the JSON has it. */
const MOST_SHOWN = 12;

/** A score as a person reads it. */
export function describeScore(score: Score): string {
  const { column, against, scored, withoutAnswer, withoutExpected, exact, same, kappa } = score;
  const rows = counted(scored, "row");
  const asked = scored + withoutAnswer;
  const toTheLetter = exact === same ? "" : `, ${formatCount(exact)} of them to the letter`;
  const withWrong =
    withoutAnswer === 0
      ? ""
      : `; ${percent(same, asked)} of ${formatCount(asked)}, where a row without an answer is wrong`;
  const lines = [
    `${column} against ${against}: ${rows}${leftOut(withoutAnswer, "an answer")}${leftOut(withoutExpected, against)}`,
    ...(scored === 0
      ? []
      : [`  accuracy ${percent(same, scored)} (${formatCount(same)} the same${toTheLetter})${withWrong}`]),
    ...(kappa === null ? [] : [`  Cohen's kappa ${fixed(kappa)}`]),
    ...describeNumbers(score),
    ...describeTexts(score),
  ];
  return [lines.join("\n"), ...describeClasses(score)].join("\n\n");
}

function leftOut(count: number, what: string): string {
  return count === 0 ? "" : `, and ${formatCount(count)} without ${what}`;
}

function describeNumbers({ numbers }: Score): readonly string[] {
  if (numbers === null) return [];
  const { meanAbsoluteError, rootMeanSquaredError, meanError, largestError, correlation, explained } =
    numbers;
  const fit = [
    ...(correlation === null ? [] : [`correlation ${fixed(correlation)}`]),
    ...(explained === null ? [] : [`R² ${fixed(explained)}`]),
  ];
  return [
    `  off by ${short(meanAbsoluteError)} on average (root mean square ${short(rootMeanSquaredError)}, at most ${short(largestError)}), ${short(Math.abs(meanError))} too ${meanError < 0 ? "low" : "high"} on the whole`,
    ...(fit.length === 0 ? [] : [`  ${fit.join(", ")}`]),
  ];
}

/** Why there is no table of labels. */
function describeTexts({ classes, numbers, scored }: Score): readonly string[] {
  if (classes !== null || numbers !== null || scored === 0) return [];
  return [`  more than ${MOST_LABELS} different labels, so each is taken for a text: no table, no kappa`];
}

function describeClasses({ classes, against, numbers }: Score): readonly string[] {
  if (classes === null) return [];
  const { each, macro, weighted, confusion } = classes;
  // Numbers with many values are no labels, though each is counted as one.
  if (numbers !== null && each.length > MOST_SHOWN) return [];
  const table = alignColumns([
    [against, "rows", "precision", "recall", "F1"],
    ...each.map((score) => lineOf(score.label, formatCount(score.expected), score)),
    lineOf("(mean of labels)", "", macro),
    lineOf("(mean of rows)", "", weighted),
  ]);
  if (each.length > MOST_SHOWN || each.length < 2) return [table];
  const counts = each.map(({ label }, place) =>
    [label].concat((confusion[place] ?? []).map((count) => formatCount(count))),
  );
  const confusions = alignColumns([
    [`${against} ↓ given →`].concat(each.map(({ label }) => label)),
    ...counts,
  ]);
  return [table, confusions];
}

function lineOf(label: string, rows: string, { precision, recall, f1 }: MeanScore): readonly string[] {
  return [label, rows, fixed(precision), fixed(recall), fixed(f1)];
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)} %`;
}

function fixed(value: number): string {
  return value.toFixed(3);
}

/** A number with four digits that matter. */
function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
