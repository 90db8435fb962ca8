import {
  faultOf,
  isParrotError,
  NO_USAGE,
  rowName,
  type Failed,
  type Prompt,
  type Prompted,
  type Row,
} from "@parallel-parrot/core";
import { compilePrompt, type CompiledPrompt } from "./compile-prompt.ts";
import type { PromptTemplate } from "./prompt-template.ts";
import { unreadableRow } from "./unreadable-row.ts";
import { RenderError } from "../render-error.ts";

/**
 * The prompt of one row. The template is parsed each time: for many rows, call {@linkcode compilePrompt} once.
 *
 * @param index 0-based position of the row.
 * @throws RenderError `MISSING_VALUE` or `TEMPLATE_FAILED`; ParrotError `INVALID_TEMPLATE`
 */
export function renderPrompt<R extends Row>(
  prompt: PromptTemplate<NoInfer<R>>,
  row: R,
  index: number,
): Prompt {
  return compilePrompt<R>(prompt).render(row, index).prompt;
}

/** A row with its prompt, or a failed row where no prompt can be rendered. */
export function promptItem<R extends Row>(
  compiled: CompiledPrompt<R>,
  row: R,
  index: number,
): Prompted<R> | Failed<R> {
  const unreadable = unreadableRow(row);
  if (unreadable !== undefined) {
    const message = `Cannot use ${rowName(index)}: ${unreadable.problem}`;
    const failure = {
      stage: "template",
      code: "INVALID_CELL",
      message,
      attempts: 0,
      usage: NO_USAGE,
    } as const;
    // The row has the columns that it had. A cell that cannot be read is null, which its type does not say.
    return { index, row: unreadable.row as R, failure };
  }
  const item = { index, row };
  try {
    const { prompt, warnings } = compiled.render(row, index);
    return warnings === undefined ? { index, row, prompt } : { index, row, prompt, warnings };
  } catch (error) {
    // An error that concerns the whole run, such as an invalid option.
    if (isParrotError(error)) throw error;
    if (!(error instanceof RenderError)) return faultOf(item, "template", error);
    const { code, message } = error;
    return { index, row, failure: { stage: "template", code, message, attempts: 0, usage: NO_USAGE } };
  }
}
