import {
  aBoolean,
  aFunction,
  checkOptions,
  isCompleted,
  isFailed,
  isParrotError,
  mapStream,
  messageOf,
  NO_USAGE,
  rowName,
  singleUse,
  type AsRow,
  type Completed,
  type Failed,
  type OptionChecks,
  type Prompted,
  type Row,
  type Stage,
} from "@parallel-parrot/core";
import { requireColumns } from "./prompt/check-columns.ts";
import { compilePrompt } from "./prompt/compile-prompt.ts";
import type { PromptTemplate } from "./prompt/prompt-template.ts";
import { IMAGE_OPTIONS } from "./images/image-options.ts";
import { imageStream, type ImageOptions } from "./images/image-stream.ts";
import { promptItem } from "./prompt/render-prompt.ts";
import { requireRow } from "./prompt/require-row.ts";

/** Options for {@linkcode promptStream}. */
export interface PromptStreamOptions extends ImageOptions {
  /**
   * Whether the run fails at once when the first row lacks a column that the prompt needs. Turn it off for
   * rows that do not all have the same columns. @default true
   */
  readonly checkFirstRow?: boolean;
  /**
   * Whether each item gets a `shortener`, which renders its prompt again with fewer characters. `completionStream` needs
   * it with `onContext: "truncate"`. @default false
   */
  readonly canShorten?: boolean;
  /**
   * The number that a row has in the input, from 0, where rows were left out before: by it messages, lists of failed
   * rows and the journal name the row. It is called once for each row, with the row's position among those that come,
   * and has to grow. @default the position
   */
  readonly rowIndex?: (position: number) => number;
  /**
   * Whether a row is asked. One for which this is false gets no prompt: later stages let it pass as it is, with nulls in
   * the columns of answers. What it throws fails the row. @default every row is
   */
  readonly isAsked?: (row: Row, index: number) => boolean;
}

const PROMPT_STREAM_OPTIONS: OptionChecks<PromptStreamOptions> = {
  ...IMAGE_OPTIONS,
  checkFirstRow: aBoolean,
  canShorten: aBoolean,
  rowIndex: aFunction,
  isAsked: aFunction,
};

/**
 * Gives each row its index and its prompt. A row that has no prompt (a missing value, a function that threw, a cell
 * that cannot be read) goes on as a failed item.
 *
 * Within `pipeThrough`, the type of the rows comes from the source:
 * `source.pipeThrough(promptStream("Summarise ${text}"))`. In a constant it has to be named, or else rows of any type
 * are taken: `promptStream<Doc>((row) => row.text)`.
 *
 * @throws ParrotError `INVALID_TEMPLATE` and `INVALID_OPTION` at once; on the stream `MISSING_COLUMN`, for the first
 *   row, and `INVALID_OPTION` for a value that is not a row
 */
export function promptStream<T extends object>(
  prompt: PromptTemplate<NoInfer<AsRow<T>>>,
  options: PromptStreamOptions = {},
): Stage<T, Prompted<AsRow<T>> | Failed<AsRow<T>>> {
  checkOptions("promptStream", options, PROMPT_STREAM_OPTIONS);
  const { checkFirstRow = true, canShorten = false, rowIndex = itself, isAsked } = options;
  const compiled = compilePrompt<AsRow<T>>(prompt);
  let position = 0;
  const rendered = mapStream((row: T) => {
    const index = rowIndex(position);
    requireRow(row, index);
    const item = unaskedItem(isAsked, row as AsRow<T>, index) ?? promptItem(compiled, row as AsRow<T>, index);
    if (position === 0 && checkFirstRow) requireColumns(compiled.columns, Object.keys(item.row));
    position += 1;
    return canShorten && !isFailed<AsRow<T>>(item) && !isCompleted<AsRow<T>>(item)
      ? { ...item, shortener: compiled }
      : item;
  });
  if (!compiled.hasImages && options.imageFolder === undefined) return rendered;
  const { writable, readable } = rendered;
  const { checkFirstRow: _, canShorten: __, rowIndex: ___, isAsked: ____, ...imageOptions } = options;
  return singleUse({ writable, readable: readable.pipeThrough(imageStream<AsRow<T>>(imageOptions)) });
}

/** A row that is not to be asked, or over which asking whether has failed; `undefined` for one that is asked. */
function unaskedItem<R extends Row>(
  isAsked: PromptStreamOptions["isAsked"],
  row: R,
  index: number,
): Completed<R> | Failed<R> | undefined {
  try {
    if (isAsked === undefined || isAsked(row, index)) return undefined;
    const completion = {
      choices: [],
      usage: NO_USAGE,
      attempts: 0,
      model: "",
      skipped: "CONDITION",
    } as const;
    return { index, row, prompt: { messages: [] }, completion };
  } catch (error) {
    if (isParrotError(error)) throw error;
    const message = `Cannot tell whether to ask ${rowName(index)}: ${messageOf(error)}`;
    return {
      index,
      row,
      failure: { stage: "template", code: "TEMPLATE_FAILED", message, attempts: 0, usage: NO_USAGE },
    };
  }
}

function itself(position: number): number {
  return position;
}
