import { counted, type Row } from "@parallel-parrot/core";
import type { RowSource } from "@parallel-parrot/formats";
import { takeStream } from "@parallel-parrot/tidy";
import { connect, type ConnectOptions } from "./connect.ts";
import { describeWarnings } from "./describe-warnings.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { failedRows } from "../failed/failed-rows.ts";
import { print } from "../terminal/print.ts";
import { say } from "../terminal/report.ts";
import type { RunOptions } from "../job/run-options.ts";
import { formatTable } from "../terminal/table.ts";
import { describeFailedRow } from "./tell-failures.ts";

/** Asks for the first rows only, shows them as a table and writes nothing. */
export async function preview(
  { source, rows: input }: { readonly source: RowSource; readonly rows: ReadableStream<Row> },
  count: number,
  options: RunOptions,
  connectOptions: ConnectOptions,
): Promise<ExitCode> {
  const failed = failedRows(undefined, { source });
  const { rows, run } = connect(
    input.pipeThrough(takeStream({ limit: count })),
    failed,
    options,
    connectOptions,
  );
  const shown: Row[] = [];
  for await (const row of rows) shown.push(row);
  const { stopped } = run;
  if (stopped !== undefined) throw stopped;
  print(`${formatTable(shown)}\n`);
  for (const row of failed.first) say(describeFailedRow(row));
  for (const line of describeWarnings(run, options.lineage)) say(line);
  say(`Preview of ${counted(count, "row")}: nothing was written. Leave --preview out to run all rows.`);
  return failed.count > 0 ? EXIT.failedRows : EXIT.ok;
}
