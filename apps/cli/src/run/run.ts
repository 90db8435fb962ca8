import { counted, type FailureCode } from "@parallel-parrot/core";
import type { Journal, JournalRun } from "@parallel-parrot/journal";
import { changesBetween } from "../job/changes-between.ts";
import { haveHiddenParts } from "../input/input-names.ts";
import { connect, type Connected } from "./connect.ts";
import { describeChecks } from "../journal/describe-checks.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import type { RunListener } from "../events/run-listener.ts";
import { failedPathOf } from "../failed/failed-path.ts";
import { failedRows } from "../failed/failed-rows.ts";
import { comparedColumns } from "./compared-columns.ts";
import { Duplicates } from "../output/duplicates.ts";
import { History, type FinishedRun } from "../job/history.ts";
import { identityOf } from "../job/identity.ts";
import { inputOf, manifestOf, type Job, type RunHow } from "../job/job.ts";
import { goOnOptions, nearName, openPlace } from "../journal/journal-place.ts";
import { reasonOf, refusedResult } from "../journal/run-result.ts";
import { FormulaGuard } from "../output/formula-guard.ts";
import { outputsOf, withLockedOutputs } from "../files/lock-outputs.ts";
import { describeSelection } from "../selection/describe-selection.ts";
import { isOneName, type OutputPlace } from "../output/output-place.ts";
import { mayReplace } from "./may-replace.ts";
import { openOutput } from "./open-output.ts";
import { readHead, type Head } from "./read-head.ts";
import { say } from "../terminal/report.ts";
import { tellNotes } from "../terminal/tell-notes.ts";
import type { RetryChange } from "../flags/go-on-flags.ts";
import { changedJob } from "../job/retry-change.ts";
import type { RunOptions } from "../job/run-options.ts";
import { SkippedRows } from "./skipped-rows.ts";
import { allSteps } from "../steps/all-steps.ts";
import { sharedBudget } from "../steps/shared-budget.ts";
import { columnsOfSteps, typesOfSteps } from "../steps/step-columns.ts";
import { beginSteps } from "../steps/step-journal.ts";
import { pipelinePart } from "../flags/pipeline-part.ts";
import { driveRun } from "./drive-run.ts";
import { wayOfAsking } from "./way-of-asking.ts";
import { WrittenFiles } from "./written-files.ts";
import { VERSION } from "../version.ts";

/**
 * Asks for every row of the input and writes the answers. Everything that can be checked before the first request is
 * checked before it. `options` are those of the job, with the changes of a retry applied.
 */
export async function run(job: Job, options: RunOptions, how: RunHow = {}): Promise<ExitCode> {
  if (!options.ui) return runRows(job, options, how);
  const { withPage } = await import("../live/with-page.ts");
  return withPage(options, (onBegun) => runRows(job, options, how, onBegun));
}

async function runRows(
  job: Job,
  options: RunOptions,
  how: RunHow,
  onBegun?: (run: JournalRun) => void,
): Promise<ExitCode> {
  tellNotes(options);
  const input = await readHead(job, options);
  const { journal, isSignedForLater = true } =
    options.journal === false ? {} : await openPlace(options.journal, { trust: options.trustJournal });
  let listener: RunListener | undefined;
  try {
    return await withLockedOutputs(outputsOf(input.place, options.failed), async () => {
      listener = await listenerOf(options);
      return await runWith(journal, { job, options, how, input, isSignedForLater, listener, onBegun });
    });
  } finally {
    listener?.close();
    await journal?.close();
  }
}

interface Task {
  readonly job: Job;
  readonly options: RunOptions;
  readonly how: RunHow;
  readonly input: Head;
  readonly isSignedForLater: boolean;
  readonly listener: RunListener | undefined;
  /** Is told when it has begun in the journal. */
  readonly onBegun: ((run: JournalRun) => void) | undefined;
}

/** What tells the events of a run; `undefined` where nobody wants them, and then its code is not loaded. */
async function listenerOf(options: RunOptions): Promise<RunListener | undefined> {
  const { log, logContent, verbose } = options;
  if (log === undefined && !logContent && !verbose) return undefined;
  const { RunListener: Listener } = await import("../events/run-listener.ts");
  return new Listener(options);
}

async function runWith(journal: Journal | undefined, task: Task): Promise<ExitCode> {
  const { job, options, how, input, isSignedForLater, listener, onBegun } = task;
  const history = new History(journal);
  const identity = identityOf(job, input.digest);
  const retryIdentity = identity === undefined ? undefined : `${identity} again`;
  if (!how.retriesFailed && !options.overwrite && !options.fresh) {
    const done = await history.finished([identity, retryIdentity]);
    if (done !== undefined) return tellDone(done, { place: input.place, options, history });
  }
  if (!options.quiet) tellOtherInput(task, history);
  const { retries, ...way } = await wayOfAsking(job, options, { history, how });
  const checkFirstRow = input.columns === undefined;
  const runIdentity = how.retriesFailed === true ? retryIdentity : identity;
  const written = new WrittenFiles(history.filesOf(runIdentity));
  const duplicates = new Duplicates(options, comparedColumns(input.columns, options), "answer");
  const overwrite =
    options.overwrite || (await mayReplace(input.place, { job, history, input: input.digest }));
  const failedPath = await failedPathOf({
    ...options,
    isOurs: journal && ((path) => history.wrote(path, job, input.digest)),
  });
  const failed = failedRows(failedPath, {
    columns: columnsOfSteps(input.columns, options).at(-1),
    types: typesOfSteps(input.types, options).at(-1),
    hasSteps: options.later !== undefined,
    models: options,
    escapeFormulas: options.escapeFormulas,
    source: input.source,
    beforeNaming: async (path) => {
      await written.tell({ input: inputOf(job, input.wholeDigest()) });
      await written.note(failedPath ?? "", path);
    },
    isCovered: (path) => history.covers(path, input.wholeDigest()?.sha256, options),
  });
  let connected: Connected | undefined;
  const sink = await openOutput(input, options, {
    overwrite,
    history,
    written,
    onUnwritable: async (row) => {
      const failed = await connected?.run.onUnwritable(row);
      return failed && (options.comparison?.withoutAnswers(failed) ?? failed);
    },
  });
  const abort = new AbortController();
  let begun: JournalRun | undefined;
  let laterRuns: readonly JournalRun[] = [];
  try {
    begun = await journal?.begin({
      ...(runIdentity === undefined ? {} : { identity: runIdentity }),
      manifest: { ...manifestOf(job, input.digest, VERSION), ...how, files: written.all },
    });
    laterRuns = await beginSteps(journal, begun, {
      identity: runIdentity,
      names: options.later?.map(({ name }) => name) ?? [],
    });
    written.belongTo(begun);
    listener?.belongTo(begun);
    await failed.begin();
    const formulas = new FormulaGuard(input.to, options);
    const skipped = new SkippedRows(how);
    const connectOptions = {
      signal: abort.signal,
      checkFirstRow,
      journal: begun,
      listener,
      ...way,
      asksAgain: (code: FailureCode, index: number) => skipped.asksAgain(code, index),
      rowIndex: input.selection?.rowIndex,
    };
    if (!options.quiet && input.counted !== undefined)
      for (const line of describeSelection(input.counted, options, true)) say(line);
    if (journal?.path !== undefined && !options.quiet) say(`Answers are kept in ${nearName(journal.path)}`);
    if (!how.retriesFailed && !options.quiet) tellRetries(job, retries);
    if (begun !== undefined) onBegun?.(begun);
    // Connected stages begin to send at once, so everything else comes before.
    connected =
      options.later === undefined
        ? connect(input.rows, failed, options, {
            ...connectOptions,
            formulas,
            duplicates,
            inputColumns: input.columns,
          })
        : (await import("../steps/connect-steps.ts")).connectSteps(input.rows, failed, options, {
            ...connectOptions,
            formulas,
            duplicates,
            laterRuns,
            budget: await sharedBudget(pipelinePart(options).budget, [begun, ...laterRuns]),
            inputColumns: input.columns,
          });
    return await driveRun(
      {
        connected,
        failed,
        formulas,
        duplicates,
        notes: input.source.notes,
        abort,
        place: input.place,
        sink,
        total: input.counted?.asked,
        begun,
        laterRuns,
        written,
        canResume: identity !== undefined && !haveHiddenParts(job.inputs),
        isSignedForLater,
        number: begun === undefined ? "" : history.numberOf(begun.id),
        closing: () => [
          ...(options.quiet ? [] : closingLines(task, failed.count)),
          ...skipped.lines(),
          ...describeChecks(journal?.checks),
        ],
      },
      options,
    );
  } catch (error) {
    await sink.abort(error).catch(() => undefined);
    // Once rows flow, the journal has been told how the run ended.
    if (connected === undefined)
      for (const run of [...laterRuns, ...(begun === undefined ? [] : [begun])])
        await run.end("stopped", { result: refusedResult(reasonOf(error)) }).catch(() => undefined);
    throw error;
  }
}

/** What is known of the rows of a run only when it has ended. */
function closingLines({ options, input }: Task, failed: number): readonly string[] {
  const { selection, counted } = input;
  return [
    ...(failed > 0 && allSteps(options).some(({ onFailure }) => onFailure === "null")
      ? ["Rows that failed are in the output with nulls; --on-failure drop leaves them out"]
      : []),
    ...(counted === undefined && selection !== undefined
      ? describeSelection(selection, options, input.wholeDigest() !== undefined)
      : []),
  ];
}

/** Says that files were added, changed or removed where nobody has named them one by one. */
function tellOtherInput({ job, input }: Task, history: History): void {
  const { digest, source } = input;
  if (digest === undefined || source.files.length < 2) return;
  const earlier = history.lastOfOtherInput(job, digest.sha256);
  if (earlier !== undefined)
    say(
      `The inputs are not those of run ${earlier.id} any more: files were added, changed or removed. Rows that were answered are not asked again`,
    );
}

/** Says that answers of retries are used, which may be those of another model. */
function tellRetries(job: Job, retries: readonly RetryChange[]): void {
  if (retries.length === 0) return;
  const ways = retries.map((change) => changesBetween(job, changedJob(job, change)).join(" and "));
  say(`The output uses answers to rows that were asked again with other options: ${ways.join("; ")}`);
}

/** What a finished run has written, in words. */
function outputNames({ outputs }: FinishedRun["result"], place: OutputPlace): string {
  return isOneName(place) ? place.path : outputs.map(({ path }) => path).join(" with ");
}

interface Done {
  readonly place: OutputPlace;
  readonly options: RunOptions;
  readonly history: History;
}

function tellDone({ id, result }: FinishedRun, { place, options, history }: Done): ExitCode {
  const { quiet, reparse } = options;
  const { answered, failed, rows } = result;
  if (!quiet) {
    const before =
      options.later === undefined
        ? `${counted(answered, "row was", "rows were")} answered before`
        : `${counted(answered, "answer was", "answers were")} given before`;
    say(
      `Nothing to do: ${before}, and ${outputNames(result, place)} has ${counted(rows, "row")}. --overwrite writes them again, --fresh asks again`,
    );
  }
  if (failed === 0) return EXIT.ok;
  const how = reparse
    ? "leave --reparse out"
    : `parrot retry-failed${history.numberOf(id)}${goOnOptions(options)}`;
  say(`${counted(failed, "row")} failed then; to ask again: ${how}`);
  return EXIT.failedRows;
}
