import { ParrotError } from "@parallel-parrot/core";
import { openSink, openSource, type Format, type RowSink, type RowSource } from "@parallel-parrot/formats";
import { checkColumns } from "@parallel-parrot/template";
import { conclude } from "./conclude.ts";
import { connect, type Connected } from "./connect.ts";
import { countRows } from "./count-rows.ts";
import type { ExitCode } from "./exit-code.ts";
import { failedRows } from "./failed-rows.ts";
import { formatsOf, partialName } from "./formats-of.ts";
import { onInterrupt } from "./interrupt.ts";
import { preview } from "./preview.ts";
import { showProgress } from "./progress.ts";
import { say } from "./report.ts";
import type { RunOptions } from "./run-options.ts";

/** Asks for every row of `input` and writes what comes back. Everything that can be checked first is. */
export async function run(input: string, options: RunOptions): Promise<ExitCode> {
  const { from, to } = formatsOf(input, options.outputPath, options);
  const total = input === "-" ? undefined : await countRows(openSource(input, { format: from }));
  const source = openSource(input, { format: from });
  const columns = await source.columns();
  if (columns !== undefined) checkColumns(options.prompt, columns);
  checkCollision(columns ?? [], options);
  if (options.preview !== undefined) return preview(source, options.preview, options);
  const sink = await openOutput(to, columns, options);
  return runToSink(source, sink, total, options);
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
  return openSink(outputPath, {
    format,
    overwrite,
    columns: columns === undefined ? [] : [...columns, ...added],
    // What the input had is passed through as it was; what the model made may be a formula.
    escapeFormulas: escapeFormulas && (onCollision === "overwrite" || ((column) => !known.has(column))),
    ...(outputPath === "-" ? {} : { partial: partialName(outputPath) }),
  });
}

async function runToSink(
  source: RowSource,
  sink: RowSink,
  total: number | undefined,
  options: RunOptions,
): Promise<ExitCode> {
  const { outputPath, quiet } = options;
  const path = outputPath === "-" ? undefined : outputPath;
  const start = performance.now();
  const abort = new AbortController();
  const failed = failedRows(options.failed ?? (path === undefined ? undefined : `${path}.failed.jsonl`));
  const run = connect(source, failed, options, abort.signal);
  const { completions } = run;
  const stopListening = listen(run, abort);
  const view = quiet ? undefined : showProgress(total, () => completions.progress());
  const error = await pipe(run, sink).finally(() => {
    view?.stop();
    stopListening();
  });
  const { completed, usage } = completions.progress();
  return conclude({
    error,
    completed,
    rowsWritten: run.counts.rows,
    warnings: run.counts.warnings,
    usage,
    ms: performance.now() - start,
    path,
    partialPath: path === undefined ? undefined : partialName(path),
    failed,
    failedCount: await failed.close(),
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

function listen({ completions }: Connected, abort: AbortController): () => void {
  return onInterrupt(
    () => {
      const { inFlight } = completions.progress();
      say(
        `\nStopping: ${inFlight} requests in flight are awaited, then everything is saved. Ctrl-C again stops at once.`,
      );
      completions.stop(new ParrotError("INTERRUPTED", "Stopped by Ctrl-C"));
    },
    () => abort.abort(new ParrotError("INTERRUPTED", "Stopped at once by a second Ctrl-C")),
  );
}
