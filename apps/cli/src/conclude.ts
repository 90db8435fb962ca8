import { isParrotError, type Usage } from "@parallel-parrot/core";
import { EXIT, type ExitCode } from "./exit-code.ts";
import type { FailedRows } from "./failed-rows.ts";
import { formatCount, formatDuration } from "./progress.ts";
import { say } from "./report.ts";

/** How a run ended. */
export interface Ending {
  /** What ended it early. */
  readonly error: unknown;
  /** Rows answered. */
  readonly completed: number;
  readonly rowsWritten: number;
  readonly warnings: number;
  readonly usage: Usage;
  readonly ms: number;
  /** Where the output is; `undefined` for standard output. */
  readonly path: string | undefined;
  /** Where an early end kept the finished rows. */
  readonly partialPath: string | undefined;
  readonly failed: FailedRows;
  readonly failedCount: number;
  readonly quiet: boolean;
}

/** Tells how a run ended and gives the exit code. An error before the first answer is thrown on. */
export function conclude(ending: Ending): ExitCode {
  if (ending.error !== undefined) return concludeEarly(ending);
  if (!ending.quiet) summarise(ending);
  tellFailures(ending);
  return ending.failedCount > 0 ? EXIT.failedRows : EXIT.ok;
}

function concludeEarly(ending: Ending): ExitCode {
  const { error, completed, rowsWritten, partialPath } = ending;
  const isInterrupt = isParrotError(error) && error.code === "INTERRUPTED";
  if (!isInterrupt && (completed === 0 || !isParrotError(error))) throw error;
  say(`parrot: ${isParrotError(error) ? error.message : String(error)}`);
  if (partialPath !== undefined && rowsWritten > 0) {
    say(
      `${formatCount(completed)} rows were answered; their ${formatCount(rowsWritten)} output rows are in ${partialPath}`,
    );
  }
  tellFailures(ending);
  return isInterrupt ? EXIT.interrupted : EXIT.stopped;
}

function summarise({ completed, rowsWritten, warnings, usage, ms, path }: Ending): void {
  const to = path === undefined ? "" : ` in ${path}`;
  say(
    `${formatCount(completed)} rows answered, ${formatCount(rowsWritten)} rows${to}, in ${formatDuration(ms)}`,
  );
  const { requests, inputTokens, outputTokens, cachedInputTokens } = usage;
  const cached = cachedInputTokens > 0 ? ` (${formatCount(cachedInputTokens)} cached)` : "";
  say(
    `${formatCount(requests)} requests, ${formatCount(inputTokens)} input tokens${cached}, ${formatCount(outputTokens)} output tokens`,
  );
  if (warnings > 0)
    say(
      `${formatCount(warnings)} answers were used although cut off at the token limit, mended, or one choice short`,
    );
}

function tellFailures({ failed, failedCount }: Ending): void {
  if (failedCount === 0) return;
  const [first] = failed.first;
  const example =
    first === undefined
      ? ""
      : `; the first: row ${first.index} (${first.failure.code}): ${first.failure.message}`;
  say(
    `${formatCount(failedCount)} rows failed${failed.path === undefined ? "" : `, see ${failed.path}`}${example}`,
  );
}
