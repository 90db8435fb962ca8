import { ParrotError, quote } from "@parallel-parrot/core";
import { readText } from "../files/read-text.ts";
import { longOf, type JobFlag } from "../flags/flag.ts";
import { JUDGE_FLAGS, type JudgeFlags } from "../flags/groups/judge-flags.ts";
import { ASKING_COMMANDS, type AskingCommand } from "../flags/job-flags.ts";
import { isOfStep } from "../flags/step-flags.ts";
import { judgeQuestion, SCALE_FORM, scaleOf, USUAL_SCALE, type Scale } from "../job-file/judge-question.ts";
import { isSameProvider, type Job, type Step } from "./job.ts";
import { typedJob } from "./typed-job.ts";

/** What the two steps are called. */
const [ANSWER, JUDGE] = ["answer", "judge"];

/** The options of a step that the judge has as they are typed. What is asked with the answers, such as `--max-tokens`, is not for it. */
const SHARED: ReadonlySet<string> = new Set([
  "model",
  "baseUrl",
  "stream",
  "price",
  "onFailure",
  "timeout",
  "rowTimeout",
  "promptCache",
]);

/**
 * A job whose answers are judged: a step behind it asks the judge, as in a job file.
 *
 * @throws ParrotError `INVALID_OPTION`
 */
export async function judgedJob(
  command: AskingCommand,
  inputs: readonly string[],
  { judge, rubric, scale, judgeModel, ...options }: Job["options"] & JudgeFlags,
): Promise<Job> {
  if (judge === undefined) {
    const stray = rubric !== undefined ? "rubric" : scale !== undefined ? "scale" : "judgeModel";
    throw refused(
      stray,
      `Cannot use ${longOf(JUDGE_FLAGS[stray])} without a judge: say what is judged, such as --judge '\${output}'`,
    );
  }
  if (rubric === undefined)
    throw refused(
      "rubric",
      "Cannot judge without a rubric: --rubric says what is good, and what each score means, or --rubric @FILE",
    );
  const { prompt, schemaText } = judgeQuestion({
    judged: judge,
    rubric: await textOf(rubric),
    scale: readScale(scale),
    reason: "reason",
    score: "score",
  });
  const { priceOf, ...asked } = options;
  const model = judgeModel ?? options.model ?? "";
  const [own, judges] = pricesByModel(priceOf, options.model ?? "", model);
  const job = typedJob(command, inputs, { ...asked, priceOf: own });
  const step = {
    name: JUDGE,
    command: "columns",
    options: { ...judgeOptions(job.options, model), priceOf: judges, prompt, schema: "--judge", schemaText },
  } as Step;
  return { ...job, name: ANSWER, later: [step] };
}

/** A rubric, or what is in the file that it names. */
async function textOf(rubric: string): Promise<string> {
  return rubric.startsWith("@") ? readText(rubric.slice(1), longOf(JUDGE_FLAGS.rubric)) : rubric;
}

function readScale(text: string | undefined): Scale {
  if (text === undefined) return USUAL_SCALE;
  const scale = scaleOf(text.includes(",") ? text.split(",").map((label) => label.trim()) : text.trim());
  if (scale === undefined)
    throw refused("scale", `Cannot judge by the scale ${quote(text)}: expected ${SCALE_FORM} good,fair,poor`);
  return scale;
}

/** What is typed for the whole job, and whom to ask; of another model neither the price is known, nor of another provider's the address. */
function judgeOptions(typed: Job["options"], model: string): Readonly<Record<string, unknown>> {
  const values: Readonly<Record<string, unknown>> = { ...typed };
  const { model: answering } = typed;
  const options = Object.entries<JobFlag<unknown>>(ASKING_COMMANDS.columns).map(([name, row]) => [
    name,
    SHARED.has(name) || !isOfStep(name, row) ? values[name] : row.default,
  ]);
  return {
    ...Object.fromEntries(options),
    model,
    ...(model === answering ? {} : { price: undefined }),
    ...(isSameProvider(model, answering) ? {} : { baseUrl: undefined }),
  };
}

function refused(name: keyof JudgeFlags, message: string): ParrotError {
  return new ParrotError("INVALID_OPTION", message, { option: longOf(JUDGE_FLAGS[name]) });
}

/** The prices that are said to be of the judge are for its step, and others for the answers; without a name for both, where they ask one model. */
function pricesByModel(
  priceOf: string | undefined,
  answering: string,
  judging: string,
): readonly [own: string | undefined, judges: string | undefined] {
  if (priceOf === undefined || answering === judging) return [priceOf, priceOf];
  const isJudges = (part: string): boolean => part.startsWith(`${judging}=`);
  const parts = priceOf.split(",").map((part) => part.trim());
  return [
    textOfParts(parts.filter((part) => !isJudges(part))),
    textOfParts(parts.filter((part) => isJudges(part))),
  ];
}

function textOfParts(parts: readonly string[]): string | undefined {
  return parts.length === 0 ? undefined : parts.join(",");
}
