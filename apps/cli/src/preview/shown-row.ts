import { cellText, getCell, isFailed, rowName, type OutputShape, type Row } from "@parallel-parrot/core";
import type { Provider } from "@parallel-parrot/providers";
import { providerFor } from "../by-row/own-of.ts";
import { shapeTextOf } from "../estimate/shape-text.ts";
import {
  columnsOf,
  compilePrompt,
  parseTemplate,
  promptItem,
  type PromptTemplate,
} from "@parallel-parrot/template";
import type { RowSource } from "@parallel-parrot/formats";
import { MODEL_COLUMN, numberOf } from "../compare/compared-models.ts";
import { describePlace, findPlace } from "../input/find-place.ts";
import type { RunOptions } from "../job/run-options.ts";
import type { TrialRow } from "../trial/ask-trial.ts";

/** A value and what it is called. */
export type Field = readonly [label: string, value: string];

/** A row of the input as a preview shows it, with what was made of it. */
export interface ShownRow {
  /** Its number in the input, and where it is found if it has failed: `row 4 on line 5`. */
  readonly name: string;
  /** The cells that its prompt names, and its model where several are compared. */
  readonly cells: readonly Field[];
  /** The messages that were sent, where they are to be shown. */
  readonly prompt: readonly Field[];
  /** The columns of each row that its answer becomes. */
  readonly answers: readonly (readonly Field[])[];
  /** Why there is no answer, or what is odd about it. */
  readonly notes: readonly Field[];
}

/** Makes rows of a trial ready to be shown. */
export function shownRows(
  rows: readonly TrialRow[],
  source: Pick<RowSource, "files" | "placeOf">,
  asking: RunOptions,
): readonly ShownRow[] {
  const { prompt, showPrompt, comparison } = asking;
  const named = new Set([...namedColumns(prompt), ...(comparison === undefined ? [] : [MODEL_COLUMN])]);
  const compiled = compilePrompt<Row>(prompt);
  return rows.map(({ item }): ShownRow => {
    const { index, row } = item;
    const rendered = showPrompt ? promptItem(compiled, row, index) : undefined;
    return {
      name: `${rowName(numberOf(index, asking))}${isFailed<Row>(item) ? describePlace(findPlace(source, index)) : ""}`,
      cells: Object.keys(row)
        .filter((column) => named.has(column))
        .map((column) => [column, textOf(getCell(row, column))]),
      prompt:
        rendered === undefined || isFailed<Row>(rendered)
          ? []
          : [
              ...rendered.prompt.messages.map(({ role, content }): Field => [`${role} message`, content]),
              ...shapeOf(providerFor(row, asking), asking.wanted.shape),
            ],
      answers: isFailed<Row>(item) || item.passes === true ? [] : item.outputs.flat().map(fieldsOf),
      notes: notesOf(item),
    };
  });
}

/** What is sent besides the prompt, so that answers have the wanted shape. */
function shapeOf(provider: Provider, shape: OutputShape): readonly Field[] {
  const { text } = shapeTextOf(provider, shape);
  return text === "" ? [] : [["answer shape", text]];
}

function fieldsOf(output: Row): readonly Field[] {
  return Object.entries(output).map(([column, cell]) => [column, textOf(cell)]);
}

function textOf(cell: unknown): string {
  return cell === null ? "null" : (cellText(cell) ?? "");
}

function notesOf(item: TrialRow["item"]): readonly Field[] {
  if (isFailed<Row>(item)) return [["failed", `${item.failure.code}: ${item.failure.message}`]];
  const { outputs, warnings, passes } = item;
  if (passes === true) return [["answer", "none, as its condition says"]];
  const isEmpty = warnings.length === 0 && outputs.every(({ length }) => length === 0);
  return [
    ...(isEmpty ? [["answer", "an empty list"] as const] : []),
    ...warnings.map(({ code, message }) => ["note", `${code}: ${message}`] as const),
  ];
}

/** The columns that a prompt names, those with a default too. What a function reads is not known. */
function namedColumns(prompt: PromptTemplate): ReadonlySet<string> {
  const paths = typeof prompt === "string" || "user" in prompt ? namesIn(prompt) : columnsOf(prompt);
  return new Set(paths.flatMap((path) => [path, path.split(".", 1)[0] ?? path]));
}

function namesIn(prompt: PromptTemplate): readonly string[] {
  if (typeof prompt === "string")
    return parseTemplate(prompt).parts.flatMap((part) => (typeof part === "string" ? [] : [part.name]));
  const { system, user, images = [] } = "user" in prompt ? prompt : { user: undefined };
  return [system, user, ...images].flatMap((text) =>
    typeof text === "string" ? namesIn(text) : text === undefined ? [] : columnsOf(text),
  );
}
