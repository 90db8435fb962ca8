import { counted, ParrotError, type FailureCode, type Output } from "@parallel-parrot/core";
import {
  traitsOf,
  type ColumnTypes,
  type CsvLayout,
  type Format,
  type InputDigest,
  type RowSource,
} from "@parallel-parrot/formats";
import type { Journal } from "@parallel-parrot/journal";
import type { Reuse } from "@parallel-parrot/transport";
import { changesBetween } from "../job/changes-between.ts";
import { checkHeaders } from "../files/check-headers.ts";
import { describeInputs } from "../files/describe-inputs.ts";
import { checkTemplateColumns } from "../files/check-template-columns.ts";
import { connect, type Connected } from "./connect.ts";
import { describeChecks } from "../journal/describe-checks.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { failedPathOf } from "../files/failed-path.ts";
import { failedRows } from "../files/failed-rows.ts";
import { outputFormatOf } from "../files/formats-of.ts";
import { planJob } from "../job/plan.ts";
import { History, type FinishedRun } from "../job/history.ts";
import { identityOf } from "../job/identity.ts";
import { inputOf, manifestOf, type Job, type RunHow } from "../job/job.ts";
import { goOnOptions, nearName, openPlace } from "../journal/journal-place.ts";
import { FormulaGuard } from "../files/formula-guard.ts";
import { outputsOf, withLockedOutputs } from "../files/lock-outputs.ts";
import { mayReplace } from "./may-replace.ts";
import { openOutput } from "./open-output.ts";
import { preview } from "./preview.ts";
import { say } from "../terminal/report.ts";
import { tellNotes } from "../terminal/tell-notes.ts";
import type { RetryChange } from "../flags/go-on-flags.ts";
import { changedJob, earlierAskings } from "../job/retry-change.ts";
import type { RunOptions } from "../job/run-options.ts";
import { SkippedRows } from "./skipped-rows.ts";
import { MAX_COLUMNS } from "../files/seen-columns.ts";
import { typesUnknown } from "../files/types-unknown.ts";
import { rowInput } from "../files/row-input.ts";
import { scanInput } from "../files/scan-input.ts";
import { driveRun } from "./drive-run.ts";
import { WrittenFiles } from "./written-files.ts";
import { VERSION } from "../version.ts";

/**
 * Asks for every row of the input and writes the answers. Everything that can be checked before the first request is
 * checked before it. `options` are those of the job, with the changes of a retry applied.
 */
export async function run(job: Job, options: RunOptions, how: RunHow = {}): Promise<ExitCode> {
  tellNotes(options);
  const input = await readHead(job, options);
  const { journal, isSignedForLater = true } =
    options.journal === false ? {} : await openPlace(options.journal, { trust: options.trustJournal });
  try {
    const { outputPath, failed, preview } = options;
    const outputs = preview === undefined ? outputsOf(outputPath, failed) : [];
    const code = await withLockedOutputs(outputs, () =>
      runWith(journal, { job, options, how, input, isSignedForLater }),
    );
    for (const line of describeChecks(journal?.checks)) say(line);
    return code;
  } finally {
    await journal?.close();
  }
}

/** What is known of an input before its rows are worked on. */
interface Head {
  readonly source: RowSource;
  readonly to: Format;
  /** The format of the input, and how its text is written. */
  readonly format: Format | undefined;
  readonly layout: CsvLayout | undefined;
  /** All columns, where they can be known beforehand. */
  readonly columns: readonly string[] | undefined;
  /** Their types, for an output whose format has types. */
  readonly types: ColumnTypes | undefined;
  readonly total: number | undefined;
  /** `undefined` for an input that can be read only once. */
  readonly digest: InputDigest | undefined;
  /** The digest once the input was read to its end, also of one that can be read only once. */
  readonly wholeDigest: () => InputDigest | undefined;
}

interface Task {
  readonly job: Job;
  readonly options: RunOptions;
  readonly how: RunHow;
  readonly input: Head;
  readonly isSignedForLater: boolean;
}

async function readHead(job: Job, options: RunOptions): Promise<Head> {
  const input = await rowInput(job.inputs, options);
  const to = outputFormatOf(options.outputPath, options, input);
  const { hasTypes } = traitsOf(to);
  const scan = await scanInput(input, { findsTypes: hasTypes });
  let digest = scan?.digest;
  const source = input.open(scan === undefined ? { onDigest: (whole) => (digest = whole) } : {});
  const columns = scan?.columns ?? (await source.columns());
  if (columns === undefined && scan !== undefined) requireFewColumns(input.name, to);
  const types = hasTypes ? (scan?.types ?? (await source.columnTypes())) : undefined;
  if (hasTypes && types === undefined) throw typesUnknown(input.name, to);
  await checkHeaders(input, columns, (name, own) => checkTemplateColumns(name, own, options));
  if (!options.quiet) for (const line of await describeInputs(input)) say(line);
  checkCollision(columns ?? [], options);
  return {
    source,
    to,
    format: input.format,
    layout: await source.layout(),
    columns,
    types,
    total: scan?.rows,
    digest: scan?.digest,
    wholeDigest: () => digest,
  };
}

/** A table needs all columns for its header, and there are too many to remember. */
function requireFewColumns(input: string, to: Format): void {
  if (!traitsOf(to).isTable) return;
  throw new ParrotError(
    "INVALID_INPUT",
    `${input} has more than ${MAX_COLUMNS} different columns, too many for a table; name an output that ends in .jsonl`,
    { file: input, option: "-o" },
  );
}

/** With `--on-collision error`, throws for a collision before it has cost anything. */
function checkCollision(columns: readonly string[], { onCollision, wanted }: RunOptions): void {
  const column = onCollision === "error" ? wanted.columns.find((name) => columns.includes(name)) : undefined;
  if (column === undefined) return;
  throw new ParrotError(
    "INVALID_OPTION",
    `The input already has a column "${column}"; give the answers another name, or choose --on-collision suffix, overwrite or keep`,
    { column, option: "--on-collision" },
  );
}

async function runWith(journal: Journal | undefined, task: Task): Promise<ExitCode> {
  const { job, options, how, input, isSignedForLater } = task;
  const history = new History(journal);
  const identity = identityOf(job, input.digest);
  const retryIdentity = identity === undefined ? undefined : `${identity} again`;
  if (!how.retriesFailed && !options.overwrite && !options.fresh) {
    const done = await history.finished([identity, retryIdentity]);
    if (done !== undefined) return tellDone(done, options, history);
  }
  if (!options.quiet) tellOtherInput(task, history);
  const reuse = reuseOf(options, how);
  const requestOutput = options.reparse ? await outputAsked(history, job) : undefined;
  const retries = reuse === "none" ? [] : history.retriesOf(job);
  const earlier = await earlierAskings(job, { retries, now: changedJob(job, how.change ?? {}) });
  const checkFirstRow = input.columns === undefined;
  const isPreview = options.preview !== undefined;
  const runIdentity = how.retriesFailed === true ? retryIdentity : identity;
  const written = new WrittenFiles(history.filesOf(runIdentity));
  const overwrite = !isPreview && (options.overwrite || (await mayReplace(options.outputPath, job, history)));
  const failedPath = isPreview
    ? undefined
    : await failedPathOf({ ...options, isOurs: (path) => history.wrote(path, job) });
  const failed = failedRows(failedPath, {
    columns: input.columns,
    types: input.types,
    escapeFormulas: options.escapeFormulas,
    source: input.source,
    beforeNaming: async (path) => {
      await written.tell({ input: inputOf(job, input.wholeDigest()) });
      await written.note(failedPath ?? "", path);
    },
    isCovered: (path) => history.covers(path, input.wholeDigest()?.sha256),
  });
  let connected: Connected | undefined;
  const sink = isPreview
    ? undefined
    : await openOutput(input, options, {
        overwrite,
        history,
        written,
        onUnwritable: (row) => connected?.run.onUnwritable(row),
      });
  const abort = new AbortController();
  try {
    const begun = await journal?.begin({
      ...(runIdentity === undefined ? {} : { identity: runIdentity }),
      manifest: { ...manifestOf(job, input.digest, VERSION), ...how, files: written.all },
    });
    written.belongTo(begun);
    await failed.begin();
    const formulas = new FormulaGuard(input.to, options);
    const skipped = new SkippedRows(how);
    const connectOptions = {
      signal: abort.signal,
      checkFirstRow,
      journal: begun,
      reuse,
      requestOutput,
      earlier,
      asksAgain: (code: FailureCode) => skipped.asksAgain(code),
    };
    if (sink === undefined) {
      const code = await preview(input.source, options.preview ?? 0, options, connectOptions);
      await begun?.end("finished");
      return code;
    }
    if (journal?.path !== undefined && !options.quiet) say(`Answers are kept in ${nearName(journal.path)}`);
    if (!how.retriesFailed && !options.quiet) tellRetries(job, retries);
    // Connected stages begin to send at once, so everything else comes before.
    connected = connect(input.source, failed, options, { ...connectOptions, formulas });
    const code = await driveRun(
      {
        connected,
        failed,
        formulas,
        notes: input.source.notes,
        abort,
        sink,
        total: input.total,
        begun,
        written,
        canResume: identity !== undefined,
        isSignedForLater,
        number: begun === undefined ? "" : history.numberOf(begun.id),
      },
      options,
    );
    if (failed.count > 0 && options.onFailure === "null" && !options.quiet)
      say("Rows that failed are in the output with nulls; --on-failure drop leaves them out");
    skipped.tell();
    return code;
  } catch (error) {
    await sink?.abort(error).catch(() => undefined);
    throw error;
  }
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

function reuseOf({ fresh, reparse }: RunOptions, { retriesFailed = false }: RunHow): Reuse {
  if (fresh && reparse) {
    throw new ParrotError(
      "INVALID_OPTION",
      "Cannot ask every row and none: give either --fresh or --reparse",
      { option: "--fresh" },
    );
  }
  if (reparse) return "only";
  if (retriesFailed) return "answers";
  return fresh ? "none" : "all";
}

/** The output that the stored answers were asked for. */
async function outputAsked(history: History, job: Job): Promise<Output> {
  const earlier = history.lastAsking(job);
  if (earlier === undefined) {
    throw new ParrotError(
      "INVALID_OPTION",
      "Nothing to read anew: the journal has no run with this prompt, model and parameters; leave --reparse out to ask",
      { option: "--reparse" },
    );
  }
  return (await planJob(earlier, { asks: false })).wanted;
}

function tellDone({ id, result }: FinishedRun, options: RunOptions, history: History): ExitCode {
  const { quiet, reparse } = options;
  const { answered, failed, rows, output } = result;
  if (!quiet) {
    say(
      `Nothing to do: ${counted(answered, "row was", "rows were")} answered before, and ${output?.path ?? ""} has ${counted(rows, "row")}. --overwrite writes them again, --fresh asks again`,
    );
  }
  if (failed === 0) return EXIT.ok;
  const how = reparse
    ? "leave --reparse out"
    : `parrot retry-failed${history.numberOf(id)}${goOnOptions(options)}`;
  say(`${counted(failed, "row")} failed then; to ask again: ${how}`);
  return EXIT.failedRows;
}
