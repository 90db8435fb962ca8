import type { ChoiceReading, Output } from "@parallel-parrot/core";
import type { Answer } from "./answer-of.ts";
import { checkTextOptions, type TextOutputOptions } from "./output-options.ts";
import { invalid, unusable } from "./unusable.ts";
import { withThoughts, type WithThoughts } from "./with-thoughts.ts";

/**
 * The answer as it is, without the spaces around it, in one column. What the token limit cut off is kept, with
 * a warning.
 *
 * @throws ParrotError `INVALID_OPTION` where the answer and the thoughts have one column
 */
export function text<const Column extends string = "output", const Thoughts extends string = never>(
  column?: Column,
  options: TextOutputOptions<Thoughts> = {},
): Output<WithThoughts<{ [K in Column]: string }, NoInfer<Thoughts>>> {
  checkTextOptions(column, options);
  const { thoughts } = options;
  const name = column ?? "output";
  return withThoughts(
    {
      shape: { type: "text" },
      columns: [name],
      read: (answer): ChoiceReading<{ [K in Column]: string }> => unusable(answer) ?? readText(answer, name),
    },
    thoughts,
  );
}

function readText<Column extends string>(
  { text, finishReason, toolCall }: Answer,
  column: Column,
): ChoiceReading<{ [K in Column]: string }> {
  if (toolCall !== undefined)
    return invalid(`the model called the tool ${JSON.stringify(toolCall)} in place of writing a text`);
  return {
    ok: true,
    outputs: [{ [column]: text.trim() } as { [K in Column]: string }],
    warnings:
      finishReason === "length" ? [{ code: "TRUNCATED", message: "The token limit cut the text off" }] : [],
  };
}
