import {
  isFailed,
  readOutputs,
  type Completed,
  type Failed,
  type Output,
  type Parsed,
  type Row,
  type Stage,
} from "@parallel-parrot/core";

/** Reads the outputs of one item; an answer that cannot be used makes a failed item with the raw answer in it. */
export async function parseCompletion<R extends Row, T extends Row>(
  output: Output<T>,
  item: Completed<R>,
): Promise<Parsed<R, T> | Failed<R>> {
  const { index, row, completion } = item;
  const reading = await readOutputs(output, completion);
  if (reading.ok) {
    const { outputs, warnings } = reading;
    return { index, row, outputs, columns: output.columns, warnings };
  }
  const { code, message } = reading;
  const { attempts, usage, choices } = completion;
  const answer = choices[0]?.text ?? "";
  return {
    index,
    row,
    failure: { stage: "parse", code, message, attempts, usage, ...(answer !== "" && { answer }) },
  };
}

/**
 * Reads the outputs of each completion. Failed items pass through. The row type comes from the source, the
 * type of the outputs from `output`.
 */
export function parseStream<R extends Row, T extends Row>(
  output: Output<T>,
): Stage<Completed<R> | Failed<R>, Parsed<R, T> | Failed<R>> {
  return new TransformStream<Completed<R> | Failed<R>, Parsed<R, T> | Failed<R>>({
    async transform(item, controller) {
      controller.enqueue(isFailed(item) ? item : await parseCompletion(output, item));
    },
  });
}
