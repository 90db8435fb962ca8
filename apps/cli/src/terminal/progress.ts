import { counted } from "@parallel-parrot/core";
import { formatDollars, type CompletionProgress, type RunWait } from "@parallel-parrot/transport";
import { describeBatch } from "./describe-batch.ts";
import { cut, describeWait, isWorthTelling } from "./describe-wait.ts";
import { formatCount } from "./format-count.ts";
import { formatMinutes } from "./format-duration.ts";
import { JobTeller } from "./job-teller.ts";
import type { StepProgress } from "../steps/step-progress.ts";
import { printable, say, showStatus } from "./report.ts";
import { askedOf, doneOf, type RunStatus } from "./run-status.ts";
import { WaitTeller } from "./wait-teller.ts";

/** Shows how far a run is, on standard error. */
export interface ProgressView {
  /** Ends, and leaves no line of progress on a terminal. */
  stop(): void;
}

const LINE_EVERY_MS = 5000;
/** So often while nothing but the time changes. */
const IDLE_LINE_EVERY_MS = 60_000;
const DRAW_EVERY_MS = 200;
/** Characters of what a server says in the line of progress. */
const MAX_SAID = 80;
/** Characters of the bar, on a terminal of so many and on a narrower one. */
const BAR = { wideFrom: 100, wide: 24, narrow: 10 };

/** Left free at the end of the line: a terminal shows `^C` there, and may go on to the next line after its last column. */
const SPARE_COLUMNS = 3;

/**
 * Shows a bar on a terminal. Elsewhere it is a line every five seconds, one a minute while nothing is done, and one as
 * soon as something is waited for.
 *
 * @param isVerbose whether what happens is told otherwise, so that only waits and batch jobs are told here
 */
export function showProgress(look: () => RunStatus, isVerbose = false): ProgressView {
  return process.stderr.isTTY && !isVerbose ? drawProgress(look) : tellProgress(look, isVerbose);
}

function drawProgress(look: () => RunStatus): ProgressView {
  const line = showStatus();
  const jobs = new JobTeller((told) => say(printable(told)));
  const draw = (): void => {
    const status = look();
    jobs.look(status.progress.batch);
    line.draw((columns) => progressLine(status, columns));
  };
  draw();
  const timer = setInterval(draw, DRAW_EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      jobs.look(look().progress.batch);
      line.end();
    },
  };
}

/** Tells the progress in lines, and what is waited for as soon as that is known. */
function tellProgress(look: () => RunStatus, isVerbose: boolean): ProgressView {
  const teller = new WaitTeller(say);
  const jobs = new JobTeller((told) => say(printable(told)));
  let toldAt = performance.now();
  let toldDone = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    const status = look();
    const { progress } = status;
    teller.look(progress.waits, now);
    jobs.look(progress.batch);
    if (isVerbose) return;
    const isWaiting = waitOf(progress) !== undefined || isWaitingForJobs(progress);
    const isIdle = doneOf(progress) === toldDone && isWaiting;
    if (now - toldAt < (isIdle ? IDLE_LINE_EVERY_MS : LINE_EVERY_MS)) return;
    toldAt = now;
    toldDone = doneOf(progress);
    say(describeProgress(status));
  }, DRAW_EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      jobs.look(look().progress.batch);
    },
  };
}

/** The progress with a bar, in one line of a terminal that has so many columns. What matters most comes first. */
export function progressLine(status: RunStatus, columns: number): string {
  const { progress, total } = status;
  const width = columns >= BAR.wideFrom ? BAR.wide : BAR.narrow;
  const part = total === undefined || total === 0 ? 0 : Math.min(1, doneOf(progress) / total);
  const full = Math.round(part * width);
  const bar = total === undefined ? "" : `${"█".repeat(full)}${"░".repeat(width - full)} `;
  return cut(`${bar}${describeProgress(status)}`, columns - SPARE_COLUMNS);
}

/** The progress of a run in one line. */
export function describeProgress(status: RunStatus): string {
  const { progress, steps = [], unusable, isStopping, total, seconds, leftMs } = status;
  const { reused, shared, inFlight, waiting, backingOff, lastFailure = "", limits } = progress;
  const { usage, cost, budget, paidBefore } = progress;
  const perMinute = Math.round((askedOf(progress) / Math.max(seconds, 0.001)) * 60);
  const requestLimit = limits.find(({ dimension }) => dimension === "requests")?.limit;
  const share = requestLimit === undefined ? "" : ` of ${formatCount(requestLimit)}`;
  const wait = waitOf(progress);
  const jobs = progress.batch === undefined ? undefined : describeBatch(progress.batch);
  const failed = progress.failed + unusable;
  const done = doneOf(progress);
  const parts = [
    steps.length > 0
      ? stepsInWords(steps)
      : total === undefined
        ? counted(done, "row")
        : `${formatCount(done)}/${counted(total, "row")}`,
    ...(isStopping ? ["stopping"] : []),
    ...(isStopping || leftMs === undefined ? [] : [`${formatMinutes(leftMs)} left`]),
    ...(cost === undefined
      ? []
      : [
          `${formatDollars(cost)}${before(paidBefore.cost, formatDollars)}${ofMaximum(budget?.limits.maxCost)}`,
        ]),
    ...(failed > 0 ? [`${formatCount(failed)} failed`] : []),
    ...(wait === undefined ? [] : [describeWait(wait, MAX_SAID)]),
    ...(jobs === undefined ? [] : [jobs]),
    ...(isWaitingForJobs(progress)
      ? []
      : [`${formatCount(perMinute)}${share}/min`, `${formatCount(inFlight)} in flight`]),
    ...(waiting > 0 ? [`${formatCount(waiting)} waiting`] : []),
    ...(backingOff > 0
      ? [`${formatCount(backingOff)} to be asked again after: ${cut(lastFailure, MAX_SAID)}`]
      : []),
    ...(reused > 0 ? [`${formatCount(reused)} from the journal`] : []),
    ...(shared > 0 ? [`${formatCount(shared)} share an answer`] : []),
    `${formatCount(tokensOf(usage))} tokens${before(tokensOf(paidBefore.usage), formatCount)}`,
  ];
  // What a server says is in it.
  return printable(parts.join(" · "));
}

/** How many rows have come through each step: `draft 120, judge 96, rewrite 40 rows`. */
function stepsInWords(steps: readonly StepProgress[]): string {
  return `${steps.map(({ name, progress }) => `${name} ${formatCount(doneOf(progress))}`).join(", ")} rows`;
}

/** The wait that the line names: also a short one, where nothing is in flight and the line would give no reason. */
function waitOf({ waits, inFlight }: CompletionProgress): RunWait | undefined {
  return waits.find(isWorthTelling) ?? (inFlight === 0 ? waits[0] : undefined);
}

/** Whether nothing is asked directly while jobs are open. */
function isWaitingForJobs({ batch, inFlight }: CompletionProgress): boolean {
  return inFlight === 0 && batch !== undefined && batch.jobs.length > 0;
}

function tokensOf({ inputTokens, outputTokens }: CompletionProgress["usage"]): number {
  return inputTokens + outputTokens;
}

/** What the run had paid before it was resumed. */
function before(amount: number, format: (amount: number) => string): string {
  return amount > 0 ? ` (${format(amount)} before)` : "";
}

function ofMaximum(maxCost: number | undefined): string {
  return maxCost === undefined ? "" : ` of ${formatDollars(maxCost)}`;
}
