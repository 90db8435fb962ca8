import { counted, isParrotError } from "@parallel-parrot/core";
import { formatDollars, type CompletionProgress } from "@parallel-parrot/transport";
import { describeCached } from "./describe-cached.ts";
import { describeOutcome } from "./describe-outcome.ts";
import { describeGroups } from "./describe-groups.ts";
import { describeEqual } from "./describe-equal.ts";
import { describeAmendments, describeStreaming } from "./describe-amendments.ts";
import { describeWarnings } from "./describe-warnings.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { formatCount } from "../terminal/format-count.ts";
import { isInterrupted, isRefused, type Ending } from "./ending.ts";
import { describeMerged } from "./describe-merged.ts";
import { describeParts } from "../output/describe-parts.ts";
import { describeCellChanges } from "../output/describe-cell-changes.ts";
import { describeEscaped } from "../output/describe-escaped.ts";
import { describeModels } from "./describe-models.ts";
import { describeNotes } from "../input/describe-notes.ts";
import { Interrupt } from "../terminal/interrupt.ts";
import { describeBatchCost, describeJob } from "../terminal/describe-batch.ts";
import { flagOf, isBrokenPipe, messageOf, printable, say } from "../terminal/report.ts";
import { tellFault } from "../terminal/tell-fault.ts";
import { describeSteps } from "../steps/describe-steps.ts";
import { keptSentence, tellUnkept } from "./tell-kept.ts";
import { lastingCode, nextCommand, tellFailures, whatHelps } from "./tell-failures.ts";

/** Says how a run ended and returns the exit code. Throws the error of a run that ended before anything was paid for. */
export function summarise(ending: Ending): ExitCode {
  if (ending.error !== undefined) return summariseEarlyEnd(ending);
  if (!ending.quiet) tellSummary(ending);
  tellUnkept(ending.kept, ending.progress.cost !== undefined);
  tellFailures(ending.failed, ending.remedy);
  for (const line of ending.closing()) say(line);
  const next = nextCommand(ending.failed, ending.remedy);
  if (!ending.quiet) say(`${describeOutcome(ending)}${next === undefined ? "" : `. Next: ${next}`}`);
  else if (next !== undefined) say(`Ask them again with: ${next}`);
  return ending.failed.count > 0 ? EXIT.failedRows : EXIT.ok;
}

function summariseEarlyEnd(ending: Ending): ExitCode {
  const { error } = ending;
  if (isRefused(ending) || isBrokenPipe(error)) throw error;
  if (!ending.quiet) {
    for (const line of describeSteps(ending.steps)) say(line);
    tellUsage(ending);
    tellNotices(ending.progress);
    for (const line of describeGroups(ending.progress.groups, ending.rowsPerRequest)) say(line);
    for (const line of describeChanges(ending)) say(line);
  }
  tellFailures(ending.failed);
  tellUnkept(ending.kept, ending.progress.cost !== undefined);
  for (const line of ending.closing()) say(line);
  for (const job of ending.progress.batch?.jobs ?? [])
    say(`Open at the provider: ${printable(describeJob(job))}`);
  const wayOn = ending.next === undefined ? "" : describeWayOn(ending, ending.next);
  const outcome = `${describeOutcome(ending)}${wayOn === "" ? "" : `. ${wayOn}`}`;
  const message = `parrot: ${isParrotError(error) ? messageOf(error) : String(error)}`;
  if (isInterrupted(error)) {
    say(`${message}: ${outcome}`);
    return error instanceof Interrupt ? EXIT_OF[error.signal] : EXIT.interrupted;
  }
  say(message);
  tellFault(error);
  say(`Stopped: ${outcome}`);
  return EXIT.stopped;
}

const EXIT_OF: Readonly<Record<Interrupt["signal"], ExitCode>> = {
  SIGINT: EXIT.interrupted,
  SIGTERM: EXIT.terminated,
  SIGHUP: EXIT.hungUp,
};

/** What is kept, and how to go on. */
function describeWayOn(ending: Ending, { resume, retry, again }: NonNullable<Ending["next"]>): string {
  const { error, kept, failed, remedy } = ending;
  const code = isParrotError(error) ? error.code : undefined;
  // The error says already to move a damaged journal away.
  if (code === "JOURNAL_UNUSABLE") return "";
  const keptThen = keptSentence(error, kept);
  const stopper = isParrotError(error) && code === "ROW_FAILED" ? lastingCode(failed, error.row) : undefined;
  if (stopper !== undefined) {
    const ways = [
      whatHelps(stopper, remedy) ?? [],
      `add --on-failure drop to ${again}, which goes on without such rows`,
    ];
    return `${keptThen}The same row would stop the run again. What helps: ${ways.flat().join("; or ")}`;
  }
  const isLimit = code === "BUDGET_EXHAUSTED" || code === "TOO_MANY_FAILURES";
  const more = isParrotError(error) && isLimit ? `, with a larger ${flagOf(error)}` : "";
  return `${keptThen}Go on with: ${code === "ROW_FAILED" ? (retry ?? resume) : `${resume}${more}`}`;
}

function tellSummary(ending: Ending): void {
  const { progress, answers, hasLineage, askEqualOnce, place, parts } = ending;
  const { amendments } = progress;
  for (const line of describeParts(place, parts)) say(line);
  for (const line of describeSteps(ending.steps)) say(line);
  tellUsage(ending);
  const refused = describeAmendments(amendments);
  if (refused.length > 0) say(`The model refused this, so requests do without: ${refused.join("; ")}`);
  for (const line of describeStreaming(amendments)) say(line);
  tellNotices(progress);
  for (const line of describeEqual(progress, askEqualOnce)) say(line);
  for (const line of describeGroups(progress.groups, ending.rowsPerRequest)) say(line);
  for (const line of describeWarnings(answers, hasLineage)) say(line);
  for (const line of describeMerged(ending.merged)) say(line);
  for (const line of ending.agreement) say(line);
  for (const line of describeChanges(ending)) say(line);
}

/** Also where a run was stopped: such as that a row is asked directly, as its line in a batch was refused. */
function tellNotices({ notices }: CompletionProgress): void {
  // What a server says may be in them.
  for (const line of notices) say(printable(line));
}

function describeChanges({ duplicates, notes, escaped, changes }: Ending): readonly string[] {
  return [
    ...duplicates,
    ...describeNotes(notes),
    ...describeEscaped(escaped),
    ...describeCellChanges(changes),
  ];
}

/** Why there is no cost. */
function unknownPrice(models: number): string {
  return models > 1
    ? "the price of a model is not known, as it is asked elsewhere than at its vendor's own address; give it with --price-of MODEL=PROVIDER/MODEL"
    : "the price of this model at this server is not known; give it with --price or --price-of";
}

/** Says what was used, what it cost, and whether that held the run back. */
function tellUsage({ progress, heldBack }: Ending): void {
  const { usage, usageIsEstimated, lostAnswers, cost, cacheSaving, paidBefore, models, batch } = progress;
  const { requests, inputTokens, outputTokens, cachedInputTokens } = usage;
  const cached = cachedInputTokens > 0 ? ` (${formatCount(cachedInputTokens)} cached)` : "";
  const tokens = `${counted(requests, "request")}, ${counted(inputTokens, "input token")}${cached}, ${counted(outputTokens, "output token")}`;
  const money = cost === undefined ? unknownPrice(models.length) : formatDollars(cost);
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
  for (const line of heldBack) say(line);
  if (lostAnswers > 0)
    say(
      `${counted(lostAnswers, "answer")} got lost on the way, by timeouts or broken connections: the server may charge for ${lostAnswers === 1 ? "it" : "them"}, and the tokens are not counted here`,
    );
  if (usageIsEstimated)
    say("The server does not report all of its usage: some of the tokens are estimated from characters");
}
