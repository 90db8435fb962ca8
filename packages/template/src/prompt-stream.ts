import { mapStream, type AsRow, type Failed, type Prompted, type Stage } from "@parallel-parrot/core";
import { requireColumns } from "./check-columns.ts";
import { compilePrompt } from "./compile-prompt.ts";
import type { PromptTemplate } from "./prompt-template.ts";
import { imageStream, type ImageOptions } from "./image-stream.ts";
import { promptItem } from "./render-prompt.ts";

/** Options for {@linkcode promptStream}. */
export interface PromptStreamOptions extends ImageOptions {
  /**
   * Whether the run fails at once when the first row lacks a column that the prompt needs. Turn it off for
   * rows that do not all have the same columns. @default true
   */
  readonly checkFirstRow?: boolean;
}

/**
 * Gives each row its index and its prompt. A row that has no prompt (a missing value, a function that threw)
 * goes on as a failed item.
 *
 * The row type comes from the source: `source.pipeThrough(promptStream("Summarise ${text}"))`. Away from a
 * source, name it: `promptStream<Doc>((row) => row.text)`.
 *
 * @throws ParrotError `INVALID_TEMPLATE` at once; `MISSING_COLUMN` on the stream, for the first row
 */
export function promptStream<T extends object>(
  prompt: PromptTemplate<NoInfer<AsRow<T>>>,
  options: PromptStreamOptions = {},
): Stage<T, Prompted<AsRow<T>> | Failed<AsRow<T>>> {
  const { checkFirstRow = true } = options;
  const compiled = compilePrompt<AsRow<T>>(prompt);
  let index = 0;
  const rendered = mapStream((row: T) => {
    if (index === 0 && checkFirstRow) requireColumns(compiled.columns, Object.keys(row));
    const item = promptItem(compiled, row as AsRow<T>, index);
    index += 1;
    return item;
  });
  if (!compiled.hasImages && options.imageFolder === undefined) return rendered;
  const { writable, readable } = rendered;
  return { writable, readable: readable.pipeThrough(imageStream<AsRow<T>>(options)) };
}
