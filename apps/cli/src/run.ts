import { stat } from "node:fs/promises";
import { ParrotError } from "@parallel-parrot/core";
import {
  openSink,
  openSource,
  type Format,
  type OpenSourceOptions,
  type RowSink,
} from "@parallel-parrot/formats";
import { checkTemplateColumns } from "./check-template-columns.ts";
import { conclude } from "./conclude.ts";
import { connect, type Connected } from "./connect.ts";
import type { ExitCode } from "./exit-code.ts";
import { failedPathOf } from "./failed-path.ts";
import { failedRows, type FailedRows } from "./failed-rows.ts";
import { delimiterOf, formatsOf, partialName } from "./formats-of.ts";
import { onInterrupt } from "./interrupt.ts";
import { preview } from "./preview.ts";
import { showProgress } from "./progress.ts";
import { say } from "./report.ts";
import { scanInput } from "./scan-input.ts";
import type { RunOptions } from "./run-options.ts";

/** Asks for every row of `input` and writes what comes back. Everything that can be checked first is. */
export async function run(input: string, options: RunOptions): Promise<ExitCode> {
  const { from, to } = formatsOf(input, options.outputPath, options);
  const sourceOptions: OpenSourceOptions = { format: from, ...delimiterOf(options) };
  const scan = await scanInput(input, sourceOptions);
  const source = openSource(input, sourceOptions);
  const columns = scan?.columns ?? (await source.columns());
  // An empty JSON array has no columns to check.
  if (columns !== undefined && columns.length > 0) checkTemplateColumns(input, columns, options);
  checkCollision(columns ?? [], options);
  const checkFirstRow = columns === undefined;
  if (options.preview !== undefined) return preview(source, options.preview, options, checkFirstRow);
  const failed = failedRows(await failedPathOf(input, options));
  const sink = await openOutput(to, columns, options);
  const abort = new AbortController();
  try {
    // Connected stages begin to send, so this is the last step.
    const connected = connect(source, failed, options, { signal: abort.signal, checkFirstRow });
    return await toSink({ connected, failed, abort, sink, total: scan?.rows }, options);
  } catch (error) {
    await sink.abort(error).catch(() => undefined);
    throw error;
  }
}

/** With `--on-collision error`, a collision is told before it has cost anything. */
function checkCollision(columns: readonly string[], { onCollision, wanted }: RunOptions): void {
  const column = onCollision === "error" ? wanted.columns.find((name) => columns.includes(name)) : undefined;
  if (column === undefined) return;
  throw new ParrotError(
    "INVALID_OPTION",
    `The input has a column "${column}" already; name the answers otherwise, or choose --on-collision suffix, overwrite or keep`,
    { column, option: "--on-collision" },
  );
}

async function openOutput(
  format: Format,
  columns: readonly string[] | undefined,
  options: RunOptions,
): Promise<RowSink> {
  const { outputPath, overwrite, wanted, escapeFormulas, onCollision } = options;
  const known = new Set(columns);
  const added = wanted.columns.filter((column) => !known.has(column));
  if (outputPath !== "-" && !overwrite) await refuseExisting(partialName(outputPath));
  return openSink(outputPath, {
    format,
    overwrite,
    ...(format === "csv" ? delimiterOf(options) : {}),
    columns: columns === undefined ? [] : [...columns, ...added],
    // What the input had is passed through as it was; what the model made may be a formula.
    escapeFormulas: escapeFormulas && (onCollision === "overwrite" || ((column) => !known.has(column))),
    ...(outputPath === "-" ? {} : { partial: partialName(outputPath), replacePartial: overwrite }),
  });
}

/** The finished rows of an earlier run were paid for. */
async function refuseExisting(path: string): Promise<void> {
  if ((await stat(path).catch(() => undefined)) === undefined) return;
  throw new ParrotError(
    "OUTPUT_EXISTS",
    `${path} holds the finished rows of an earlier run; move it away, or replace it with --overwrite`,
    { file: path, option: "--overwrite" },
  );
}

interface Run {
  readonly connected: Connected;
  readonly failed: FailedRows;
  readonly abort: AbortController;
  readonly sink: RowSink;
  readonly total: number | undefined;
}

async function toSink(
  { connected, failed, abort, sink, total }: Run,
  options: RunOptions,
): Promise<ExitCode> {
  const { outputPath, quiet } = options;
  const path = outputPath === "-" ? undefined : outputPath;
  const start = performance.now();
  const { completions, counts } = connected;
  const stopListening = listen(completions, abort);
  const view = quiet ? undefined : showProgress(total, () => completions.progress());
  let error = await pipe(connected, sink);
  await failed.close().catch((cause: unknown) => {
    error ??= cause;
  });
  view?.stop();
  stopListening();
  return conclude({
    error,
    progress: completions.progress(),
    ...counts,
    ms: performance.now() - start,
    path,
    partialPath: path === undefined ? undefined : partialName(path),
    failed,
    quiet,
  });
}

/** Moves the rows; gives what ended the run early. An aborted sink keeps its rows under the partial name. */
async function pipe({ rows, completions }: Connected, sink: RowSink): Promise<unknown> {
  try {
    await rows.pipeTo(sink, { preventClose: true });
    const { stopped } = completions;
    if (stopped === undefined) await sink.close();
    else await sink.abort(stopped);
    return stopped;
  } catch (error) {
    return error;
  }
}

function listen(completions: Connected["completions"], abort: AbortController): () => void {
  return onInterrupt({
    gently(reason) {
      const { inFlight } = completions.progress();
      say(
        `\nStopping: ${inFlight} requests in flight are awaited, then everything is saved. Ctrl-C again stops at once.`,
      );
      completions.stop(reason);
    },
    atOnce: (reason) => abort.abort(reason),
  });
}
