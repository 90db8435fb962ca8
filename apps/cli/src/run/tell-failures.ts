import { counted, cellText, rowName, type FailureCode } from "@parallel-parrot/core";
import { describePlace } from "../input/find-place.ts";
import { MAX_NAMED, type FailedRows, type ListedRow } from "../failed/failed-rows.ts";
import { FAILURE_ADVICE, type Change } from "../job/failure-advice.ts";
import { formatCount } from "../terminal/format-count.ts";
import { say } from "../terminal/report.ts";

/** Characters of a cell that are shown. */
const MAX_CELL = 60;
const characters = new Intl.Segmenter();

/** What to do about failed rows; empty for a run that has not come to its end. */
export interface FailureRemedy {
  /** The command that takes the options which may help. Without it, only what happened is told. */
  readonly command?: string;
  /** Whether that command asks the failed rows alone. @default false */
  readonly isForThemAlone?: boolean;
  /** A line that follows. */
  readonly note?: string;
}

/** Says how many rows failed, where they are listed, which the first is, and what to do about each kind. */
export function tellFailures(failed: FailedRows, remedy: FailureRemedy = {}): void {
  if (failed.count === 0) return;
  const [first] = failed.first;
  const example = first === undefined ? "" : `; the first: ${describeFailedRow(first)}`;
  say(
    `${counted(failed.count, "row")} failed${failed.path === undefined ? "" : `, see ${failed.path}`}${example}`,
  );
  for (const [code, count] of failed.counts)
    say(`  ${formatCount(count)} ${code} (${namesOf(failed, code)}): ${adviceOn(code, remedy)}`);
  if (remedy.note !== undefined) say(remedy.note);
}

/** The option of `retry-failed` that makes a request different, where the same one would fail again. */
const OPTIONS: Readonly<Partial<Record<Change, string>>> = {
  model: "--model PROVIDER/MODEL",
  "more tokens": "--max-tokens N",
};

/** The command that asks failed rows again in a way that may succeed; `undefined` where there is none. */
export function nextCommand(
  failed: FailedRows,
  { command, isForThemAlone }: FailureRemedy,
): string | undefined {
  if (command === undefined || isForThemAlone !== true) return undefined;
  const codes = [...failed.counts].toSorted(([, one], [, other]) => other - one).map(([code]) => code);
  if (codes.some((code) => FAILURE_ADVICE[code].again === true)) return command;
  const option = codes.map((code) => optionFor(code)).find((found) => found !== undefined);
  return option === undefined ? undefined : `${command} ${option}`;
}

/** The option that is advised first; `undefined` where a row has to be corrected. */
function optionFor(code: FailureCode): string | undefined {
  const { again, advice } = FAILURE_ADVICE[code];
  return again === true || again[0] === undefined || !advice.includes("retry-failed")
    ? undefined
    : OPTIONS[again[0]];
}

/** A failed row as a person can find it, by number, line and first cell, and why it failed. */
function describeFailedRow(listed: ListedRow): string {
  const { index, row, failure, step, model } = listed;
  const where = step === undefined ? "" : ` in step ${step}`;
  const [cell] = Object.entries(row);
  const begins = cell === undefined ? "" : `, ${cell[0]} ${quoted(cell[1])}`;
  const asked = model === undefined ? "" : `, asked of ${model}`;
  return `${rowName(index)}${describePlace(listed)}${begins}${where}${asked} (${failure.code}): ${failure.message}`;
}

function quoted(cell: unknown): string {
  const text = cellText(cell) ?? "";
  const begin = text.slice(0, MAX_CELL);
  if (begin === text) return `"${text}"`;
  // The cut is between characters as a person sees them, never within one.
  const whole = characters.segment(text.slice(0, 2 * MAX_CELL)).containing(MAX_CELL)?.index ?? MAX_CELL;
  return `"${text.slice(0, whole)}…"`;
}

/** `row 4`, `rows 4, 17`, and where there are more than are remembered `rows 4, 17, 20, 21, 30, …`. */
function namesOf({ rowsOf }: FailedRows, code: FailureCode): string {
  const rows = rowsOf.get(code) ?? [];
  const [only] = rows;
  if (rows.length === 1 && only !== undefined) return rowName(only);
  const more = rows.length > MAX_NAMED ? ", …" : "";
  return `rows ${rows
    .slice(0, MAX_NAMED)
    .map((index) => index + 1)
    .join(", ")}${more}`;
}

function adviceOn(code: FailureCode, remedy: FailureRemedy): string {
  const { what } = FAILURE_ADVICE[code];
  const advice = whatHelps(code, remedy);
  return advice === undefined ? what : `${what}; ${advice}`;
}

/** What helps rows that failed with a code; `undefined` where that would be a command which this run does not have. */
export function whatHelps(
  code: FailureCode,
  { command, isForThemAlone = false }: FailureRemedy,
): string | undefined {
  const { advice: own } = FAILURE_ADVICE[code];
  // Other commands ask all rows anyway, and have no option for that.
  const advice = isForThemAlone ? own : own.replaceAll("retry-failed --all", "retry-failed");
  if (command !== undefined) return advice.replaceAll("retry-failed", command);
  return advice.includes("retry-failed") ? undefined : advice;
}

/** The code of a failed row where the same request would fail again; `undefined` where it may succeed. */
export function lastingCode({ rowsOf }: FailedRows, row: number | undefined): FailureCode | undefined {
  if (row === undefined) return undefined;
  const [code] = rowsOf.entries().find(([, rows]) => rows.includes(row)) ?? [];
  return code === undefined || FAILURE_ADVICE[code].again === true ? undefined : code;
}
