import { existsSync } from "node:fs";
import type { CellChanges, PartFile, SourceNote } from "@parallel-parrot/formats";
import { counted, isParrotError } from "@parallel-parrot/core";
import { formatDollars, type CompletionProgress } from "@parallel-parrot/transport";
import { describeCached } from "./describe-cached.ts";
import { describeEqual } from "./describe-equal.ts";
import { describeAmendments, describeStreaming } from "./describe-amendments.ts";
import { describeWarnings, type AnswerReport } from "./describe-warnings.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import type { FailedRows } from "../failed/failed-rows.ts";
import { formatDuration } from "../terminal/format-duration.ts";
import { formatCount } from "../terminal/format-count.ts";
import { describeMerged } from "./describe-merged.ts";
import { describeParts } from "../output/describe-parts.ts";
import { isOneName, type OutputPlace } from "../output/output-place.ts";
import { describeCellChanges } from "../output/describe-cell-changes.ts";
import { describeEscaped } from "../output/describe-escaped.ts";
import { describeModels } from "./describe-models.ts";
import { describeNotes } from "../input/describe-notes.ts";
import { Interrupt } from "../terminal/interrupt.ts";
import { describeBatchCost, describeJob } from "../terminal/describe-batch.ts";
import { flagOf, isBrokenPipe, messageOf, printable, say } from "../terminal/report.ts";
import { tellFault } from "../terminal/tell-fault.ts";
import { keptSentence, tellUnkept, type KeptAnswers } from "./tell-kept.ts";
import { lastingCode, nextCommand, tellFailures, whatHelps, type FailureRemedy } from "./tell-failures.ts";

/** How a run ended. */
export interface Ending {
  /** What ended the run early; `undefined` where it finished. */
  readonly error: unknown;
  readonly progress: CompletionProgress;
  /** Rows whose answer could not be used. */
  readonly unusable: number;
  /** Rows of the output. */
  readonly rows: number;
  readonly answers: AnswerReport;
  /** Answers that were left out, as an earlier one to the same row is equal. */
  readonly merged: number;
  /** How often the models agree that were compared, in words. */
  readonly agreement: readonly string[];
  /** What was done to the input so that it could be read. */
  readonly notes: readonly SourceNote[];
  /** What was left out as it was there before, in words. */
  readonly duplicates: readonly string[];
  /** Cells that have a `'` in front, as a spreadsheet would run them. */
  readonly escaped: number;
  /** What the output has in another form than the rows have. */
  readonly changes: Readonly<CellChanges>;
  /** Whether the output has a column that tells the warnings of each row. */
  readonly hasLineage: boolean;
  /** Whether rows with the same prompt share an answer. */
  readonly askEqualOnce: boolean;
  readonly ms: number;
  readonly place: OutputPlace;
  /** The files of the output, where it has several. */
  readonly parts: readonly PartFile[];
  readonly failed: FailedRows;
  readonly quiet: boolean;
  /** Lines that follow when all else is said but the last line. */
  readonly closing: () => readonly string[];
  readonly kept: KeptAnswers;
  /** What to do about failed rows. */
  readonly remedy: FailureRemedy;
  /** The commands that go on from here; `undefined` without a journal. */
  readonly next:
    | {
        readonly resume: string;
        /** The command that asks failed rows again; `undefined` where the input can be read only once. */
        readonly retry: string | undefined;
        /** How the same command is typed again. */
        readonly again: string;
      }
    | undefined;
}

/** Says how a run ended and returns the exit code. Throws the error of a run that ended before anything was paid for. */
export function summarise(ending: Ending): ExitCode {
  if (ending.error !== undefined) return summariseEarlyEnd(ending);
  if (!ending.quiet) tellSummary(ending);
  tellUnkept(ending.kept, ending.progress.cost !== undefined);
  tellFailures(ending.failed, ending.remedy);
  for (const line of ending.closing()) say(line);
  const next = nextCommand(ending.failed, ending.remedy);
  if (!ending.quiet) say(lastLine(ending, next));
  else if (next !== undefined) say(`Ask them again with: ${next}`);
  return ending.failed.count > 0 ? EXIT.failedRows : EXIT.ok;
}

function summariseEarlyEnd(ending: Ending): ExitCode {
  const { error } = ending;
  if (isRefused(ending) || isBrokenPipe(error)) throw error;
  const completed = answeredOf(ending);
  say(`parrot: ${isParrotError(error) ? messageOf(error) : String(error)}`);
  tellFault(error);
  tellRows(ending, completed);
  if (!ending.quiet) {
    tellUsage(ending.progress);
    for (const line of describeChanges(ending)) say(line);
  }
  tellFailures(ending.failed);
  tellUnkept(ending.kept, ending.progress.cost !== undefined);
  for (const line of ending.closing()) say(line);
  for (const job of ending.progress.batch?.jobs ?? [])
    say(`Open at the provider: ${printable(describeJob(job))}`);
  if (ending.next !== undefined) tellWayOn(ending, ending.next);
  if (!isInterrupted(error)) return EXIT.stopped;
  return error instanceof Interrupt ? EXIT_OF[error.signal] : EXIT.interrupted;
}

/** Whether a run ended before anything was answered or paid for, and nobody has interrupted it: with exit code 2. */
export function isRefused(ending: Pick<Ending, "error" | "progress" | "unusable">): boolean {
  const { error, progress } = ending;
  const { inputTokens, outputTokens } = progress.usage;
  const isBegun = answeredOf(ending) + inputTokens + outputTokens > 0;
  const hasJobs = (progress.batch?.jobs.length ?? 0) > 0;
  return error !== undefined && !isInterrupted(error) && !isBegun && !hasJobs;
}

function isInterrupted(error: unknown): boolean {
  return isParrotError(error) && error.code === "INTERRUPTED";
}

const EXIT_OF: Readonly<Record<Interrupt["signal"], ExitCode>> = {
  SIGINT: EXIT.interrupted,
  SIGTERM: EXIT.terminated,
  SIGHUP: EXIT.hungUp,
};

function tellRows({ error, rows, place }: Ending, completed: number): void {
  const unfinished = place.partials.filter((partial) => existsSync(partial));
  // Outputs of some inputs are complete, each with its name.
  const left = place.kind === "folder" ? [place.path, ...unfinished] : unfinished;
  if (rows === 0 || left.length === 0) return;
  // An error of the output has said already how many rows are in it.
  const isTold = isParrotError(error) && error.file === place.path;
  const there = isTold
    ? ""
    : `; ${counted(rows, "output row is", "output rows are")} in ${left.join(" and ")}`;
  say(`${counted(completed, "row was", "rows were")} answered${there}`);
}

function tellWayOn(ending: Ending, { resume, retry, again }: NonNullable<Ending["next"]>): void {
  const { error, kept, failed, remedy } = ending;
  const code = isParrotError(error) ? error.code : undefined;
  // The error says already to move a damaged journal away.
  if (code === "JOURNAL_UNUSABLE") return;
  const keptThen = keptSentence(error, kept);
  const stopper = isParrotError(error) && code === "ROW_FAILED" ? lastingCode(failed, error.row) : undefined;
  if (stopper !== undefined) {
    const ways = [
      whatHelps(stopper, remedy) ?? [],
      `add --on-failure drop to ${again}, which goes on without such rows`,
    ];
    say(`${keptThen}The same row would stop the run again. What helps: ${ways.flat().join("; or ")}`);
    return;
  }
  const isLimit = code === "BUDGET_EXHAUSTED" || code === "TOO_MANY_FAILURES";
  const more = isParrotError(error) && isLimit ? `, with a larger ${flagOf(error)}` : "";
  say(`${keptThen}Go on with: ${code === "ROW_FAILED" ? (retry ?? resume) : `${resume}${more}`}`);
}

function tellSummary(ending: Ending): void {
  const { progress, answers, hasLineage, askEqualOnce, place, parts } = ending;
  const { amendments, notices } = progress;
  for (const line of describeParts(place, parts)) say(line);
  tellUsage(progress);
  const refused = describeAmendments(amendments);
  if (refused.length > 0) say(`The model refused this, so requests do without: ${refused.join("; ")}`);
  for (const line of [...describeStreaming(amendments), ...notices]) say(line);
  for (const line of describeEqual(progress, askEqualOnce)) say(line);
  for (const line of describeWarnings(answers, hasLineage)) say(line);
  for (const line of describeMerged(ending.merged)) say(line);
  for (const line of ending.agreement) say(line);
  for (const line of describeChanges(ending)) say(line);
}

/** The last line of a run that has finished: how many rows came to what, where they are, what it took, and what is next. */
function lastLine(ending: Ending, next: string | undefined): string {
  const { progress, rows, answers, escaped, failed, ms, place } = ending;
  const { reused, skipped, cost, paidBefore } = progress;
  const others: readonly (readonly [count: number, word: string])[] = [
    [failed.count, "failed"],
    [skipped, "skipped"],
    [answers.withoutOutputs, "empty"],
    [answers.warningCounts.REPAIRED ?? 0, "repaired"],
    [escaped, "escaped"],
  ];
  const found = reused > 0 ? ` (${formatCount(reused)} found in the journal)` : "";
  const passed = progress.passed > 0 ? `, ${formatCount(progress.passed)} passed as --when says` : "";
  const before = paidBefore.cost > 0 ? ` and ${formatDollars(paidBefore.cost)} before` : "";
  const parts = [
    `${counted(answeredOf(ending), "row")} answered${found}${passed}`,
    `${counted(rows, "row")}${isOneName(place) ? ` in ${place.path}` : ""}`,
    ...others.flatMap(([count, word]) => (count === 0 ? [] : [`${formatCount(count)} ${word}`])),
    `in ${formatDuration(ms)}`,
    ...(cost === undefined ? [] : [`${formatDollars(cost)}${before}`]),
  ];
  return `${parts.join(", ")}${next === undefined ? "" : `. Next: ${next}`}`;
}

function describeChanges({ duplicates, notes, escaped, changes }: Ending): readonly string[] {
  return [
    ...duplicates,
    ...describeNotes(notes),
    ...describeEscaped(escaped),
    ...describeCellChanges(changes),
  ];
}

/** Rows whose answer is in the output. */
export function answeredOf({ progress, unusable }: Pick<Ending, "progress" | "unusable">): number {
  return progress.completed - progress.skipped - unusable;
}

/** Says what was used, and what it cost. */
function tellUsage(progress: CompletionProgress): void {
  const { usage, usageIsEstimated, lostAnswers, cost, cacheSaving, paidBefore, models, batch } = progress;
  const { requests, inputTokens, outputTokens, cachedInputTokens } = usage;
  const cached = cachedInputTokens > 0 ? ` (${formatCount(cachedInputTokens)} cached)` : "";
  const tokens = `${counted(requests, "request")}, ${counted(inputTokens, "input token")}${cached}, ${counted(outputTokens, "output token")}`;
  const money =
    cost === undefined
      ? "the price of this model at this server is not known; give it with --price or --price-of"
      : formatDollars(cost);
  say(`${tokens}; ${money}`);
  for (const line of describeCached(usage, cacheSaving)) say(line);
  for (const line of describeBatchCost(batch, { cost, requests }, formatDollars)) say(line);
  for (const line of describeModels(models)) say(line);
  if (paidBefore.usage.requests > 0) {
    const before = `${counted(paidBefore.usage.requests, "request")}, ${counted(paidBefore.usage.inputTokens, "input token")}, ${counted(paidBefore.usage.outputTokens, "output token")}`;
    say(
      `Before that, this run had paid: ${before}${cost === undefined ? "" : `; ${formatDollars(paidBefore.cost)}`}`,
    );
  }
  if (lostAnswers > 0)
    say(
      `${counted(lostAnswers, "answer")} got lost on the way, by timeouts or broken connections: the server may charge for ${lostAnswers === 1 ? "it" : "them"}, and the tokens are not counted here`,
    );
  if (usageIsEstimated)
    say("The server does not report all of its usage: some of the tokens are estimated from characters");
}
