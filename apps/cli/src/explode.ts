import { ParrotError, type Row } from "@parallel-parrot/core";
import { openSink, openSource } from "@parallel-parrot/formats";
import { explodeColumnStream } from "@parallel-parrot/tidy";
import { tellFailures } from "./conclude.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";
import { failedPathOf } from "./failed-path.ts";
import { failedRows } from "./failed-rows.ts";
import { delimiterOf, formatsOf } from "./formats-of.ts";
import { formatCount } from "./progress.ts";
import { say } from "./report.ts";
import type { IoFlags } from "./run-options.ts";
import { requireSeparateFiles } from "./separate-files.ts";

/** Options of `parrot explode`. */
export interface ExplodeFlags extends IoFlags {
  readonly column: string;
  readonly output: string;
}

/** `parrot explode` */
export async function explode(input: string, options: ExplodeFlags): Promise<ExitCode> {
  const { column, output, overwrite, onCollision, onEmpty, onFailure, escapeFormulas } = options;
  await requireSeparateFiles({ input, output, failed: options.failed });
  const { from, to } = formatsOf(input, output, options);
  const source = openSource(input, { format: from, ...delimiterOf(options) });
  const columns = await source.columns();
  if (columns?.includes(column) === false) {
    throw new ParrotError(
      "MISSING_COLUMN",
      `${input} has no column "${column}"; its columns are ${columns.map((name) => `"${name}"`).join(", ")}`,
      { column, option: "--column" },
    );
  }
  const failed = failedRows(await failedPathOf({ ...options, outputPath: output }));
  const known = new Set(columns?.filter((name) => name !== column));
  const sink = await openSink(output, {
    format: to,
    overwrite,
    ...(to === "csv" ? delimiterOf(options) : {}),
    columns: [...known],
    escapeFormulas: escapeFormulas && ((name) => !known.has(name)),
  });
  let rows = 0;
  const counted = new TransformStream<Row, Row>({
    transform(row, controller) {
      rows += 1;
      controller.enqueue(row);
    },
  });
  const exploded = explodeColumnStream<Row>({
    column,
    collision: onCollision,
    empty: onEmpty,
    onFailure: (failure) => {
      void failed.add(failure);
      return onFailure === "stop" ? "throw" : onFailure;
    },
  });
  await source.pipeThrough(exploded).pipeThrough(counted).pipeTo(sink);
  await failed.close();
  if (!options.quiet) say(`${formatCount(rows)} rows${output === "-" ? "" : ` in ${output}`}`);
  tellFailures(failed);
  return failed.count > 0 ? EXIT.failedRows : EXIT.ok;
}
