import { collect, isFailed, ParrotError, type Item, type Row } from "@parallel-parrot/core";
import { takeStream } from "@parallel-parrot/tidy";
import { groupSize } from "../compare/compared-models.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import type { Job } from "../job/job.ts";
import type { RunOptions } from "../job/run-options.ts";
import { describeWarnings } from "../run/describe-warnings.ts";
import { readHead, type Head } from "../run/read-head.ts";
import { describeSelection } from "../selection/describe-selection.ts";
import { describeSteps } from "../steps/describe-steps.ts";
import { print } from "../terminal/print.ts";
import { messageOf, say } from "../terminal/report.ts";
import { tellNotes } from "../terminal/tell-notes.ts";
import { runTrial } from "../trial/run-trial.ts";
import type { Trial } from "../trial/ask-trial.ts";
import { describePreview, describeUnwritten } from "./describe-preview.ts";
import { formatRows } from "./format-rows.ts";
import { shownRows } from "./shown-row.ts";

/** Columns of what is no terminal. */
const USUAL_COLUMNS = 100;

/**
 * Asks the first of the selected rows, shows each with what was made of it and what that tells of all rows, and writes
 * no output. Everything that a run checks before its first request is checked here too.
 */
export async function preview(job: Job, options: RunOptions, count: number): Promise<ExitCode> {
  tellNotes(options);
  const head = await readHead(job, options);
  const items = await firstItems(head, count * groupSize(options));
  if (!options.quiet && head.counted !== undefined)
    for (const line of describeSelection(head.counted, options, true)) say(line);
  const trial = await runTrial(job, options, { items, digest: head.digest });
  const shown =
    options.later === undefined
      ? shownRows(trial.rows, head.source, options)
      : (await import("./shown-steps.ts")).shownSteps(trial, head.source, options);
  print(`${formatRows(shown, process.stdout.columns || USUAL_COLUMNS)}\n`);
  if (!options.quiet) {
    for (const line of describeWarnings(trial.answers, true)) say(line);
    if (process.stderr.isTTY) say("");
    for (const line of describeSteps(trial.steps.map(({ progress }) => progress))) say(line);
    for (const line of describePreview(trial, options, head.counted)) say(line);
  } else if (options.outputPath !== "-") say(describeUnwritten(options.outputPath));
  return conclude(trial);
}

/** The rows to ask, each with its number in the input. */
async function firstItems({ rows, selection }: Head, count: number): Promise<readonly Item[]> {
  const taken = await collect(rows.pipeThrough(takeStream<Row>({ limit: count })));
  return taken.map((row, position) => ({ row, index: selection?.rowIndex(position) ?? position }));
}

function conclude({ rows, stopped }: Trial): ExitCode {
  if (stopped !== undefined) {
    say(`parrot: ${stopped instanceof ParrotError ? messageOf(stopped) : stopped.message}`);
    return EXIT.stopped;
  }
  return rows.some(({ item }) => isFailed<Row>(item)) ? EXIT.failedRows : EXIT.ok;
}
