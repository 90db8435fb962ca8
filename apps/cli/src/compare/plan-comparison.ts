import { ParrotError, quote, type Output } from "@parallel-parrot/core";
import { findModel } from "../job/find-provider.ts";
import type { Job } from "../job/job.ts";
import type { RunOptions } from "../job/run-options.ts";
import { Comparison } from "./comparison.ts";
import { comparedModels } from "./compared-models.ts";

/**
 * How the answers of several models stand side by side; `undefined` where one is asked.
 *
 * @throws ParrotError `INVALID_OPTION`
 */
export function planComparison(
  job: Job,
  { wanted, onFailure }: Pick<RunOptions, "wanted" | "onFailure">,
): Comparison | undefined {
  const { options } = job;
  const models = comparedModels(options);
  if (models.length === 0) {
    if (options.compareAs !== undefined)
      throw refused("--compare-as", "one model is asked; name another with --compare");
    return undefined;
  }
  for (const [place, model] of models.entries()) {
    if (model.includes("$"))
      throw refused(
        "--compare",
        `--model '${model}' takes the model from the row, so there is none to compare`,
      );
    if (findModel(model).entry.isInProcess === true)
      throw refused("--compare", `${model} is a file of a model, which is asked alone`);
    if (models.indexOf(model) < place) throw refused("--compare", `${model} is named twice`);
  }
  const several = severalAnswers(job);
  const form = options.compareAs ?? (several === undefined ? "columns" : "rows");
  if (form === "columns") requireColumns(job, wanted, several);
  const isOneRow =
    several === undefined && onFailure !== "drop" && options.onEmpty !== "drop" && options.order === "input";
  return new Comparison(models, wanted, { form, isOneRow });
}

/** Why a model gives several answers to a row; `undefined` where it gives one. */
function severalAnswers({ command, options }: Job): string | undefined {
  if (command === "data" && !options.single) return "parrot data asks for lists";
  return options.n > 1 && !options.vote && options.voteBy === undefined
    ? "--n asks for several answers to each row (--vote keeps one)"
    : undefined;
}

/** What is refused where each model has a column of its own. */
function requireColumns({ options }: Job, wanted: Output, several: string | undefined): void {
  const rows = "; --compare-as rows makes a row of each";
  if (several !== undefined) throw refused("--compare-as columns", `${several}${rows}`);
  if (wanted.columns.length === 0)
    throw refused("--compare-as columns", `the schema does not tell which columns there are${rows}`);
  const { lineage, order, onFailure, onEmpty } = options;
  if (lineage) throw refused("--lineage", `it tells of one answer in each row${rows}`);
  if (order === "completion") throw refused("--order completion", `the answers to a row come apart${rows}`);
  if (onFailure === "drop" || onEmpty === "drop")
    throw refused(
      onFailure === "drop" ? "--on-failure drop" : "--on-empty drop",
      `a row stays where one of the models has answered${rows}`,
    );
}

function refused(option: string, why: string): ParrotError {
  return new ParrotError("INVALID_OPTION", `Cannot use ${option} to compare models: ${why}`, {
    option: option.split(" ", 1)[0] ?? option,
  });
}

/** @throws ParrotError where an answer would have the name of a column of the input */
export function requireApart(
  columns: readonly string[],
  comparison: Comparison,
  { wanted, onCollision }: Pick<RunOptions, "wanted" | "onCollision">,
): void {
  if (comparison.form === "rows") return;
  const { input, answers } = comparison.namesFor(columns);
  const taken =
    (onCollision === "overwrite" ? [] : wanted.columns).find((column) => columns.includes(column)) ??
    answers.find((column) => input.includes(column));
  if (taken === undefined) return;
  throw new ParrotError(
    "INVALID_OPTION",
    `The input already has a column ${quote(taken)}; give the answers another name, or compare models with --compare-as rows`,
    { column: taken, option: "--compare-as" },
  );
}
