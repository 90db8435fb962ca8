import type { JournalRun } from "@parallel-parrot/journal";
import { counted, asError, type ParrotError } from "@parallel-parrot/core";
import type { RunCourse } from "@parallel-parrot/ui";
import type { PartsSink, RowSink, SourceNote } from "@parallel-parrot/formats";
import { answeredOf, isRefused, type Ending } from "./ending.ts";
import { summarise } from "./summarise.ts";
import type { Connected } from "./connect.ts";
import type { ExitCode } from "../exit-code.ts";
import type { FailedRows } from "../failed/failed-rows.ts";
import type { OutputPlace } from "../output/output-place.ts";
import type { Duplicates } from "../output/duplicates.ts";
import type { FormulaGuard } from "../output/formula-guard.ts";
import { HeldBack } from "../terminal/held-back.ts";
import { onInterrupt } from "../terminal/interrupt.ts";
import { goOnOptions, nearName } from "../journal/journal-place.ts";
import { showProgress } from "../terminal/progress.ts";
import { watchStatus } from "../terminal/run-status.ts";
import { tellLive } from "../live/tell-live.ts";
import { say } from "../terminal/report.ts";
import type { FailureRemedy } from "./tell-failures.ts";
import type { RunOptions } from "../job/run-options.ts";
import { endSteps, firstOf } from "../steps/step-journal.ts";
import { reasonOf, type RunResult } from "../journal/run-result.ts";
import { keptBy } from "./tell-kept.ts";
import type { WrittenFiles } from "./written-files.ts";

/** A run whose stages are connected. */
export interface Underway {
  readonly connected: Connected;
  readonly failed: FailedRows;
  readonly formulas: FormulaGuard;
  readonly duplicates: Duplicates;
  /** What was done to the input so that it could be read. */
  readonly notes: readonly SourceNote[];
  /** Aborts all requests at once. */
  readonly abort: AbortController;
  readonly place: OutputPlace;
  readonly sink: RowSink | PartsSink;
  /** Rows of the input, where they are known. */
  readonly total: number | undefined;
  readonly begun: JournalRun | undefined;
  /** The runs in the journal of the steps behind the first. */
  readonly laterRuns: readonly JournalRun[];
  readonly written: WrittenFiles;
  /** Whether its input can be read again. */
  readonly canResume: boolean;
  /** Whether the user's signature is kept, so that `resume` will know the run as theirs. */
  readonly isSignedForLater: boolean;
  /**
   * The number of the run as `parrot resume` takes it, with a space before it; empty for the newest run of the
   * journal.
   */
  readonly number: string;
  /** Lines that follow when the run has ended, also with `--quiet`. */
  readonly closing: () => readonly string[];
}

/** Writes the rows to the output, shows the progress, and says how the run ended. */
export async function driveRun(underway: Underway, options: RunOptions): Promise<ExitCode> {
  const { connected, failed, formulas, abort, place, sink, total, begun } = underway;
  const { quiet } = options;
  const start = performance.now();
  const { run } = connected;
  const interrupts = listen(connected, abort, options.grace);
  const heldBack = new HeldBack();
  const look = watchStatus(total, () => {
    const progress = run.progress();
    if (!quiet) heldBack.look(progress.waits, performance.now());
    return {
      progress,
      steps: run.steps?.() ?? [],
      unusable: failed.unusable,
      isStopping: interrupts.isStopping,
    };
  });
  const view = quiet ? undefined : showProgress(look, options.verbose);
  const journalPath = begun?.path;
  const live =
    begun === undefined || journalPath === undefined
      ? undefined
      : tellLive({ journal: journalPath, run: begun.id, look, failures: failed.counts });
  let error = await pipe(connected, sink);
  await (error === undefined ? failed.close() : failed.stop()).catch((cause: unknown) => {
    error ??= cause;
  });
  view?.stop();
  const course = await live?.end();
  interrupts.ignore();
  const ended: Omit<Ending, "kept" | "remedy" | "next"> = {
    error,
    progress: run.progress(),
    steps: run.steps?.() ?? [],
    rows: run.rowCount - underway.duplicates.count - (options.comparison?.joined ?? 0),
    duplicates: underway.duplicates.describe(),
    unusable: failed.unusable,
    answers: run,
    merged: run.mergedCount,
    agreement: options.comparison?.describe() ?? [],
    escaped: formulas.count + failed.escaped,
    changes: sink.changes,
    notes: underway.notes,
    hasLineage: options.lineage,
    askEqualOnce: options.askEqualOnce,
    rowsPerRequest: options.rowsPerRequest,
    ms: performance.now() - start,
    place,
    parts: "files" in sink ? sink.files : [],
    failed,
    quiet,
    heldBack: heldBack.describe(),
    closing: underway.closing,
  };
  const problem = await endRun(underway, ended, course);
  // The journal may have been moved by the time it was closed.
  const journal = begun?.movedTo === undefined ? options.journal : nearName(begun.movedTo);
  const found = { ...options, journal };
  return summarise({
    ...ended,
    error: error ?? problem,
    kept: {
      run: begun && keptBy([begun, ...underway.laterRuns]),
      problem: error === undefined ? undefined : problem,
    },
    remedy: remedyOf(found, underway),
    next: begun === undefined ? undefined : nextSteps(found, underway),
  });
}

/** Tells the journal how the run ended; returns the error where the journal takes no more. */
async function endRun(
  { begun, laterRuns, written }: Underway,
  ending: Omit<Ending, "kept" | "remedy" | "next">,
  course: RunCourse | undefined,
): Promise<unknown> {
  const state = ending.error === undefined ? "finished" : "stopped";
  try {
    await endSteps(laterRuns, ending.steps, state);
    const result = resultOf(ending, written);
    await begun?.end(state, { result, ...(course === undefined ? {} : { course }) });
    return undefined;
  } catch (cause) {
    return cause;
  }
}

/**
 * Pipes the rows into the sink; returns what ended the run early. An aborted sink keeps its rows in the unfinished
 * file.
 */
async function pipe({ rows, run }: Connected, sink: RowSink): Promise<unknown> {
  try {
    await rows.pipeTo(sink, { preventClose: true, preventCancel: true });
    const { stopped } = run;
    if (stopped === undefined) await sink.close();
    else await sink.abort(stopped);
    return stopped;
  } catch (error) {
    // Requests in flight are paid for: their answers go to the journal, though there is no output for their rows.
    run.stop(asError(error));
    await rows.pipeTo(new WritableStream()).catch(() => undefined);
    return error;
  }
}

interface Listening {
  /** Whether a first signal has come. */
  readonly isStopping: boolean;
  ignore(): void;
}

/** Listens for signals that are to stop the run. */
function listen({ run }: Connected, abort: AbortController, grace: number | undefined): Listening {
  let timer: NodeJS.Timeout | undefined;
  let isStopping = false;
  function giveUp(reason: ParrotError): void {
    const { inFlight } = run.progress();
    if (inFlight > 0)
      say(`${counted(inFlight, "request")} in flight abandoned; asking again may mean paying again`);
    abort.abort(reason);
  }
  const stop = onInterrupt({
    gently(reason, usual) {
      isStopping = true;
      const seconds = grace ?? usual;
      const { inFlight, batch } = run.progress();
      const time = seconds === undefined ? "" : ` for up to ${seconds} s`;
      const open = batch?.jobs.length ?? 0;
      if (open > 0)
        say(`${counted(open, "job stays", "jobs stay")} open at the provider, to be collected later`);
      say(
        `Stopping: waiting${time} for ${counted(inFlight, "request")} in flight, then everything is saved. Ctrl-C again stops at once.`,
      );
      run.stop(reason);
      if (seconds !== undefined) timer = setTimeout(() => giveUp(reason), seconds * 1000);
    },
    atOnce: giveUp,
  });
  return {
    get isStopping() {
      return isStopping;
    },
    ignore() {
      clearTimeout(timer);
      stop();
    },
  };
}

/** What to do about failed rows once the run has come to its end. */
function remedyOf(options: RunOptions, underway: Underway): FailureRemedy {
  const command = "the same command";
  if (options.journal === false) {
    const overwrite = options.outputPath === "-" ? "" : ", and needs --overwrite";
    return { command, note: `Without a journal, the same command asks all rows again${overwrite}` };
  }
  if (options.reparse)
    return {
      note: "--reparse only reads stored answers; to ask these rows again, type the command without it",
    };
  const { retry } = nextSteps(options, underway);
  if (retry !== undefined) return { command: retry, isForThemAlone: true };
  const trusting = underway.isSignedForLater ? "" : " with --trust-journal and --overwrite";
  return {
    command,
    note: `With the same input, the same command${trusting} asks again the rows whose failure may pass; with other options it asks all rows`,
  };
}

function nextSteps(
  options: RunOptions,
  { canResume, isSignedForLater, number }: Underway,
): NonNullable<Ending["next"]> {
  const { reparse, overwrite } = options;
  if (!isSignedForLater) {
    const again = "the same command, with the same input, --trust-journal and --overwrite";
    return { resume: again, retry: undefined, again };
  }
  const again = canResume ? "the same command" : "the same command, with the same input";
  const option = `${number}${goOnOptions(options)}`;
  return {
    resume: canResume ? `parrot resume${option}${overwrite ? " --overwrite" : ""}` : again,
    retry: canResume && !reparse ? `parrot retry-failed${option}` : undefined,
    again,
  };
}

function resultOf(ending: Omit<Ending, "kept" | "remedy" | "next">, written: WrittenFiles): RunResult {
  const { error, rows, place, parts, failed, steps } = ending;
  // Each later step is a run of its own in the journal.
  const { usage, paidBefore } = steps[0]?.progress ?? ending.progress;
  const wasWritten = error === undefined;
  const output = wasWritten && place.kind === "file" ? written.find(place.path) : null;
  return {
    answered: answeredOf(ending),
    failed: failed.count,
    firstStep: firstOf(steps),
    rows,
    stopped: wasWritten ? null : reasonOf(error),
    isRefused: isRefused(ending),
    requests: paidBefore.usage.requests + usage.requests,
    ms: Math.round(ending.ms),
    output,
    outputs: output === null ? written.findAll(parts.map(({ path }) => path)) : [output],
    failedRows: wasWritten && failed.count > 0 ? written.find(failed.path) : null,
  };
}
