import type { Completed, Failed, Failure, Prompted, Row, Warning } from "@parallel-parrot/core";
import type { RowContext } from "../request/row-context.ts";
import type { Answer } from "../request/exchange.ts";
import type { RejectionError } from "../errors/rejection-error.ts";

/** A row with its answer, and what that took. */
export function completedItem<R extends Row>(
  { index, row, prompt, warnings }: Prompted<R>,
  { choices, model }: Answer,
  { usage, allAttempts: attempts }: RowContext,
): Completed<R> {
  return {
    index,
    row,
    prompt,
    ...(warnings !== undefined && { warnings }),
    completion: { choices, model, usage, attempts },
  };
}

/** A row that is left without an answer, as its prompt is too long for the model. */
export function skippedItem<R extends Row>(
  item: Prompted<R>,
  { message }: RejectionError,
  context: RowContext,
): Completed<R> {
  const skipped: Warning = {
    code: "PROMPT_SKIPPED",
    message: `The row was left without an answer: ${message}`,
  };
  const warnings = [...(item.warnings ?? []), skipped];
  const completed = completedItem({ ...item, warnings }, { choices: [], model: "" }, context);
  return { ...completed, completion: { ...completed.completion, skipped: "CONTEXT_TOO_LONG" } };
}

/** A row that has failed. */
export function failedItem<R extends Row>(
  { index, row }: Prompted<R>,
  { code, message }: Pick<Failure, "code" | "message">,
  { usage, allAttempts: attempts }: RowContext,
): Failed<R> {
  return { index, row, failure: { stage: "transport", code, message, attempts, usage } };
}
