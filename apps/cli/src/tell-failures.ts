import { cellText, rowName, type FailureCode } from "@parallel-parrot/core";
import type { FailedRows, ListedRow } from "./failed-rows.ts";
import { FAILURE_ADVICE } from "./failure-advice.ts";
import { formatCount } from "./progress.ts";
import { say } from "./report.ts";

/** Characters of a cell that are shown. */
const MAX_CELL = 60;
const characters = new Intl.Segmenter();

/**
 * Tells how many rows failed, where they are, which the first is, and what to do about each kind. `retry` is the
 * command that asks them again, where there is one.
 */
export function tellFailures(failed: FailedRows, retry?: string): void {
  if (failed.count === 0) return;
  const [first] = failed.first;
  const example = first === undefined ? "" : `; the first: ${describeFailedRow(first)}`;
  say(
    `${formatCount(failed.count)} rows failed${failed.path === undefined ? "" : `, see ${failed.path}`}${example}`,
  );
  for (const [code, count] of failed.counts) say(`  ${formatCount(count)} ${code}: ${adviceOn(code, retry)}`);
  const isWorthIt = failed.counts.keys().some((code) => FAILURE_ADVICE[code].again === true);
  if (retry !== undefined && isWorthIt) say(`Ask them again with: ${retry}`);
}

/** A failed row as a person finds it: number, line, first cell; and why it failed. */
export function describeFailedRow({ index, line, row, failure }: ListedRow): string {
  const place = line === undefined ? "" : ` on line ${line}`;
  const [cell] = Object.entries(row);
  const begins = cell === undefined ? "" : `, ${cell[0]} ${quoted(cell[1])}`;
  return `${rowName(index)}${place}${begins} (${failure.code}): ${failure.message}`;
}

function quoted(cell: unknown): string {
  const text = cellText(cell) ?? "";
  const begin = text.slice(0, MAX_CELL);
  if (begin === text) return `"${text}"`;
  // No character is cut in half, whatever it is made of.
  const whole = characters.segment(text.slice(0, 2 * MAX_CELL)).containing(MAX_CELL)?.index ?? MAX_CELL;
  return `"${text.slice(0, whole)}…"`;
}

function adviceOn(code: FailureCode, retry: string | undefined): string {
  const { what, advice } = FAILURE_ADVICE[code];
  return `${what}; ${advice.replaceAll("retry-failed", retry ?? "the same command")}`;
}
