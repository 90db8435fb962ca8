import { ParrotError, quote } from "@parallel-parrot/core";
import { rowParamsIn } from "../by-row/row-values.ts";
import { longOf } from "../flags/flag.ts";
import { JOB_FLAGS } from "../flags/job-flags.ts";
import type { GenerateOptions } from "../flags/options.ts";
import { findModel } from "../job/find-provider.ts";
import type { Job } from "../job/job.ts";

/**
 * Makes sure that the options of a job with several steps fit steps.
 *
 * @throws ParrotError `INVALID_OPTION`
 */
export function requireStepOptions({ options, later = [] }: Job): void {
  for (const { name, why, isGiven } of UNFIT)
    if (isGiven(options))
      throw refused(longOf(JOB_FLAGS[name]), `Cannot use ${longOf(JOB_FLAGS[name])} with steps: ${why}`);
  for (const step of later) {
    const [value] = [
      ...rowParamsIn(step.options).map(({ flag, text }) => ({ flag, text })),
      ...(step.options.model?.includes("$") === true ? [{ flag: "--model", text: step.options.model }] : []),
    ];
    if (value !== undefined)
      throw refused(
        value.flag,
        `Cannot use ${value.flag} '${value.text}' in step ${quote(step.name)}: only the first step takes a model or a parameter from its rows, as those of later steps are not known before they are answered`,
      );
  }
  requireOneProvider([options, ...later.map((step) => step.options)]);
}

interface Unfit {
  readonly name: keyof typeof JOB_FLAGS;
  readonly isGiven: (options: GenerateOptions) => boolean;
  readonly why: string;
}

const UNFIT: readonly Unfit[] = [
  {
    name: "compare",
    isGiven: ({ compare }) => compare.length > 0,
    why: "a step asks one model; ask each model in a job of its own, or give a step its own model",
  },
  {
    name: "batch",
    isGiven: ({ batch }) => batch,
    why: "a step waits for the answers of the one before, so that the hours of their jobs would add up; run each step as a job of its own",
  },
  {
    name: "order",
    isGiven: ({ order }) => order === "completion",
    why: "rows go from step to step in the order of the input",
  },
  {
    name: "reparse",
    isGiven: ({ reparse }) => reparse,
    why: "answers that are read in another way would be other questions to the next step; leave it out, and only what changed is asked",
  },
];

/** Keys and headers that are typed once are sent to one provider alone. */
function requireOneProvider(steps: readonly GenerateOptions[]): void {
  // Models that rows name are looked at where the rows are read.
  const models = steps.flatMap(({ model = "" }) => (model.includes("$") ? [] : [model]));
  const providers = new Set(models.map((model) => findModel(model).entry.name));
  if (providers.size < 2) return;
  for (const name of ["keyFile", "keyCommand", "header"] as const) {
    const value = steps.map((options) => options[name]).find((each) => each !== undefined && each.length > 0);
    if (value === undefined) continue;
    const option = longOf(JOB_FLAGS[name]);
    throw refused(
      option,
      `Cannot use ${option}: the steps ask ${[...providers].join(" and ")}, and it is for one provider; give each provider's key in its own variable, such as with --dotenv FILE`,
    );
  }
}

function refused(option: string, message: string): ParrotError {
  return new ParrotError("INVALID_OPTION", message, { option });
}
