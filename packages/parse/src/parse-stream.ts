import {
  anOutput,
  checkArgument,
  faultOf,
  isFailed,
  lastResort,
  mapStream,
  readOutputs,
  required,
  type Completed,
  type Failed,
  type FailureCode,
  type Output,
  type Parsed,
  type Reading,
  type Row,
  type Stage,
} from "@parallel-parrot/core";
import { whenRead } from "./output/row-reader.ts";

/** Reads the outputs of one item; an answer that cannot be used makes a failed item with the raw answer in it. */
export async function parseCompletion<R extends Row, T extends Row>(
  output: Output<T>,
  item: Completed<R>,
): Promise<Parsed<R, T> | Failed<R>> {
  return parseItem(output, item);
}

function parseItem<R extends Row, T extends Row>(
  output: Output<T>,
  item: Completed<R>,
): Parsed<R, T> | Failed<R> | Promise<Parsed<R, T> | Failed<R>> {
  const { index, row, completion, warnings = [] } = item;
  // What was not asked in the end has nothing to read, and has not failed.
  if (completion.skipped !== undefined) {
    const unasked: Parsed<R, T> = { index, row, outputs: [], columns: output.columns, warnings };
    return completion.skipped === "CONDITION" ? { ...unasked, passes: true } : unasked;
  }
  try {
    const read = whenRead(readOutputs(output, completion), (reading) =>
      toItem(item, output.columns, lastResort(reading)),
    );
    return read instanceof Promise ? read.catch((error: unknown) => faultAt(item, error)) : read;
  } catch (error) {
    return faultAt(item, error);
  }
}

/** An item whose answer was not read for a fault in code: the answer was paid for, and stays with it. */
function faultAt<R extends Row>(item: Completed<R>, error: unknown): Failed<R> {
  const { failure } = faultOf(item, "parse", error);
  return failedItem(item, failure.code, failure.message);
}

function failedItem<R extends Row>(
  { index, row, completion }: Completed<R>,
  code: FailureCode,
  message: string,
): Failed<R> {
  const { attempts, usage, choices } = completion;
  const answer = choices[0]?.text ?? "";
  return {
    index,
    row,
    failure: { stage: "parse", code, message, attempts, usage, ...(answer !== "" && { answer }) },
  };
}

function toItem<R extends Row, T extends Row>(
  item: Completed<R>,
  columns: readonly string[],
  reading: Reading<T>,
): Parsed<R, T> | Failed<R> {
  if (reading.ok) {
    const { index, row, warnings: earlier } = item;
    const { outputs } = reading;
    const warnings = earlier === undefined ? reading.warnings : [...earlier, ...reading.warnings];
    return { index, row, outputs, columns, warnings };
  }
  return failedItem(item, reading.code, reading.message);
}

/**
 * Reads the outputs of each completion. Failed items pass through. The row type comes from the source, the
 * type of the outputs from `output`.
 */
export function parseStream<R extends Row, T extends Row>(
  output: Output<T>,
): Stage<Completed<R> | Failed<R>, Parsed<R, T> | Failed<R>> {
  checkArgument("parseStream", "output", output, required(anOutput, "text(…), objectOf(…) or listOf(…)"));
  return mapStream((item: Completed<R> | Failed<R>) => (isFailed(item) ? item : parseItem(output, item)));
}
