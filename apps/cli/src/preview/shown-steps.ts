import { isFailed, type Row } from "@parallel-parrot/core";
import type { RowSource } from "@parallel-parrot/formats";
import type { RunOptions } from "../job/run-options.ts";
import { allSteps } from "../steps/all-steps.ts";
import type { Trial, TrialRow } from "../trial/ask-trial.ts";
import { shownRows, type Field, type ShownRow } from "./shown-row.ts";

/** Rows of a trial as they went through all steps: what is of a step has its name in front. */
export function shownSteps(
  { rows, steps }: Pick<Trial, "rows" | "steps">,
  source: Pick<RowSource, "files" | "placeOf">,
  options: RunOptions,
): readonly ShownRow[] {
  const { showPrompt } = options;
  const asking = allSteps(options).map((step): RunOptions => Object.assign({}, step, { showPrompt }));
  return rows.map((row): ShownRow => {
    const { index } = row.item;
    const parts = steps.flatMap(({ progress: { name }, rows: all }, place) => {
      const [own, step] = [all.filter(({ item }) => item.index === index), asking[place]];
      const isOver = steps.slice(0, place).some((before) => hasFailed(before.rows, index));
      return step === undefined || isOver
        ? []
        : shownRows(own, source, step).map((shown) => ({ name, shown }));
    });
    const cells = new Map(parts.flatMap(({ shown }) => shown.cells));
    const answered = new Set(asking.flatMap(({ wanted }) => wanted.columns));
    return {
      name: shownRows([row], source, options)[0]?.name ?? "",
      cells: [...cells].filter(([column]) => !answered.has(column)),
      prompt: [],
      answers: [parts.flatMap(({ name, shown }) => fieldsOf(shown).map((field) => ofStep(name, field)))],
      notes: [],
    };
  });
}

/** Messages, answers and notes of a row in a step; of several answers each has its number. */
function fieldsOf({ prompt, answers, notes }: ShownRow): readonly Field[] {
  const isOne = answers.length < 2;
  const numbered = answers.flatMap((answer, at) =>
    answer.map(([label, value]): Field => [isOne ? label : `${at + 1}. ${label}`, value]),
  );
  return [...prompt, ...numbered, ...notes];
}

function ofStep(name: string, [label, value]: Field): Field {
  return [`${name}: ${label}`, value];
}

function hasFailed(rows: readonly TrialRow[], index: number): boolean {
  return rows.some(({ item }) => item.index === index && isFailed<Row>(item));
}
