import { ParrotError, quote } from "@parallel-parrot/core";
import { checkTemplateColumns } from "../input/check-template-columns.ts";
import { requireInputColumns } from "../input/input-columns.ts";
import type { RunOptions } from "../job/run-options.ts";
import { RowFilter } from "../selection/row-filter.ts";
import { allSteps, givesSeveral } from "./all-steps.ts";
import { inStep } from "./in-step.ts";
import { columnsOfSteps } from "./step-columns.ts";

/**
 * Makes sure, before anything is paid for, that the rows that come to each later step have the columns that it names.
 *
 * @param columns those of the input
 * @throws ParrotError `MISSING_COLUMN`, or `INVALID_OPTION` for a collision, that names the step
 */
export async function checkSteps(columns: readonly string[] | undefined, options: RunOptions): Promise<void> {
  const { later = [], columns: kept = [], outputDir } = options;
  if (later.length === 0) return;
  if (outputDir !== undefined && allSteps(options).slice(0, -1).some(givesSeveral))
    throw new ParrotError(
      "INVALID_OPTION",
      "Cannot use --output-dir where a step before the last makes several rows of one: which input each is of is not known there; give one output with -o, and --source-column names the file of each row",
      { option: "--output-dir" },
    );
  const columnsOf = columnsOfSteps(columns, options);
  for (const [place, step] of later.entries()) {
    const known = columnsOf[place + 1];
    if (known !== undefined) await inStep(step.name, () => checkStep(known, step));
  }
  requireInputColumns(
    ROWS,
    columnsOf.at(-1),
    kept.map((column) => ["--columns", column]),
  );
}

/** What messages call the rows that come to a step. */
const ROWS = "what the steps before give";

function checkStep(columns: readonly string[], step: RunOptions): void {
  checkTemplateColumns(ROWS, columns, step);
  requireInputColumns(ROWS, columns, new RowFilter({ when: step.when }).needs(columns));
  const column =
    step.onCollision === "error" ? step.wanted.columns.find((name) => columns.includes(name)) : undefined;
  if (column !== undefined)
    throw new ParrotError(
      "INVALID_OPTION",
      `There is a column ${quote(column)} already; give the answers another name, or choose --on-collision suffix, overwrite or keep`,
      { column, option: "--on-collision" },
    );
}
