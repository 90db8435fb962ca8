import { existsSync } from "node:fs";
import { counted, isParrotError } from "@parallel-parrot/core";
import { formatDollars } from "@parallel-parrot/transport";
import type { OutputPlace } from "../output/output-place.ts";
import { formatCount } from "../terminal/format-count.ts";
import { formatDuration } from "../terminal/format-duration.ts";
import { answeredOf, type Ending } from "./ending.ts";

/** In one breath: how many rows came to what, where they are, and what it took. */
export function describeOutcome(ending: Ending): string {
  const { progress, steps, answers, escaped, failed, ms } = ending;
  const { reused, skipped, passed, cost, paidBefore } = progress;
  const others: readonly (readonly [count: number, words: string])[] = [
    [failed.count, "failed"],
    [skipped, "skipped"],
    [answers.withoutOutputs, "empty"],
    [answers.warningCounts.REPAIRED ?? 0, "repaired"],
    [escaped, "escaped"],
    [reused, "found in the journal"],
  ];
  const before = paidBefore.cost > 0 ? ` and ${formatDollars(paidBefore.cost)} before` : "";
  return [
    steps.length === 0
      ? `${counted(answeredOf(ending), "row")} answered`
      : `${counted(answeredOf(ending), "answer")} in ${steps.length} steps`,
    // Of several steps, each says for itself what has passed it.
    ...(passed > 0 && steps.length === 0 ? [`${formatCount(passed)} passed as --when says`] : []),
    ...describeOutput(ending),
    ...others.flatMap(([count, words]) => (count === 0 ? [] : [`${formatCount(count)} ${words}`])),
    `in ${formatDuration(ms)}`,
    ...(cost === undefined ? [] : [`${formatDollars(cost)}${before}`]),
  ].join(", ");
}

/** How many rows the output has, and where; nothing where none is left, or where the error has said it. */
function describeOutput({ error, rows, place }: Ending): readonly string[] {
  const isTold = isParrotError(error) && error.file === place.path;
  // How many of them have arrived behind a pipe that failed, nobody knows.
  const hasFailed = isParrotError(error) && error.code === "OUTPUT_UNWRITABLE" && place.kind === "stream";
  const names = error === undefined ? finishedNames(place) : unfinishedNames(place);
  if (isTold || hasFailed || (error !== undefined && rows === 0)) return [];
  if (place.kind === "stream") return [`${counted(rows, "row")} on standard output`];
  return names.length === 0 ? [] : [`${counted(rows, "row")} in ${names.join(" and ")}`];
}

function finishedNames({ kind, path, names }: OutputPlace): readonly string[] {
  return kind === "splits" ? names : [path];
}

function unfinishedNames({ kind, path, partials }: OutputPlace): readonly string[] {
  const unfinished = partials.filter((partial) => existsSync(partial));
  // Outputs of some inputs are complete, each with its name.
  return kind === "folder" ? [path, ...unfinished] : unfinished;
}
