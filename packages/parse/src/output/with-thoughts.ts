import {
  getCell,
  ParrotError,
  setCell,
  type Choice,
  type ChoiceReading,
  type Output,
  type OutputShape,
  type Row,
} from "@parallel-parrot/core";
import { answerOf, type Answer } from "./answer-of.ts";
import { groupedOf } from "./grouped-of.ts";
import { whenRead } from "./row-reader.ts";
import { invalid } from "./unusable.ts";

/** An output of type `T`, with the thoughts in `Column` where one is named. */
export type WithThoughts<T extends Row, Column extends string> = [Column] extends [never]
  ? T
  : { [K in keyof (T & Record<Column, unknown>)]: K extends Column ? string | null : T[K] };

/** An output that reads answers with the thoughts separated. */
interface AnswerOutput<T extends Row> {
  readonly shape: OutputShape;
  readonly columns: readonly string[];
  read(answer: Answer): ChoiceReading<T> | Promise<ChoiceReading<T>>;
}

/**
 * An output that tells thoughts from answers, and keeps them in a column where one is named: null where the model
 * gave none.
 *
 * @throws ParrotError `INVALID_OPTION` where the column is one of the answer's
 */
export function withThoughts<T extends Row, Column extends string>(
  output: AnswerOutput<T>,
  column: Column | undefined,
): Output<WithThoughts<T, Column>> {
  if (column === undefined) {
    // Without a column, the type is `T`.
    return {
      ...output,
      grouped: groupedOf(output.shape),
      read: (choice) => readAnswer(output, choice, answerOf(choice)),
    } as Output as Output<WithThoughts<T, Column>>;
  }
  requireColumn(column, output.columns);
  // The thoughts of a response to several rows belong to none of them, so that there is no `grouped`.
  return {
    shape: output.shape,
    columns: [...output.columns, column],
    aboutAnswer: { [column]: "text" },
    read(choice) {
      const answer = answerOf(choice);
      return whenRead(readAnswer(output, choice, answer), (reading) =>
        addThoughts(reading, column, answer.thoughts),
      );
    },
  };
}

/** The reading of an answer. A model that is asked again is shown its answer without its thoughts. */
function readAnswer<T extends Row>(
  output: AnswerOutput<T>,
  choice: Choice,
  answer: Answer,
): ChoiceReading<T> | Promise<ChoiceReading<T>> {
  return whenRead(output.read(answer), (reading) =>
    reading.ok || answer.text === choice.text ? reading : { ...reading, answer: answer.text.trim() },
  );
}

function addThoughts<T extends Row, Column extends string>(
  reading: ChoiceReading<T>,
  column: Column,
  thoughts: string,
): ChoiceReading<WithThoughts<T, Column>> {
  const part = reading.ok ? reading : reading.partial;
  if (part?.outputs.some((row) => getCell(row, column) !== undefined) === true)
    return invalid(
      `it has a key ${JSON.stringify(column)}, which is the column for the thoughts; name another column`,
    );
  const rowsOf = (outputs: readonly T[]): WithThoughts<T, Column>[] =>
    outputs.map((row) => {
      const kept: Row = { ...row };
      setCell(kept, column, thoughts === "" ? null : thoughts);
      return kept as WithThoughts<T, Column>;
    });
  if (reading.ok) return { ...reading, outputs: rowsOf(reading.outputs) };
  const { partial, ...bad } = reading;
  return partial === undefined ? bad : { ...bad, partial: { ...partial, outputs: rowsOf(partial.outputs) } };
}

function requireColumn(column: string, columns: readonly string[]): void {
  const why =
    column.trim() === ""
      ? "it has no name"
      : columns.includes(column)
        ? `the answer already has a column ${JSON.stringify(column)}; name another`
        : undefined;
  if (why !== undefined)
    throw new ParrotError("INVALID_OPTION", `Cannot use the column for the thoughts: ${why}`, {
      option: "thoughts",
    });
}
