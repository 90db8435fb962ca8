import { flag, type ValuesOf } from "../flag.ts";
import { inGroup } from "../flag-group.ts";
import { TEXT } from "../kinds/kind.ts";

/**
 * How answers are judged: options of `text`, `columns` and `data` that become a step behind them. The job has that step,
 * so that the journal knows none of these.
 */
export const JUDGE_FLAGS = inGroup("How answers are judged", {
  judge: flag({
    flag: "--judge <template>",
    kind: TEXT,
    default: undefined,
    help: "have a model judge this, such as '${output}': it adds the columns reason and score",
    readme:
      "have a model judge this, such as `'${output}'`, in a [step](#steps) behind the answers; it adds the columns `reason` and `score`",
    readmeDefault: "nothing is judged",
    libraryNames: [],
  }),
  rubric: flag({
    flag: "--rubric <text>",
    kind: TEXT,
    default: undefined,
    help: "what is good, and what each score means; a template too. @FILE takes it from a file",
    libraryNames: [],
  }),
  scale: flag({
    flag: "--scale <scores>",
    kind: TEXT,
    default: undefined,
    help: "the scores: whole numbers such as 1-5, or labels such as good,fair,poor",
    without: "1-5",
    libraryNames: [],
  }),
  judgeModel: flag({
    flag: "--judge-model <model>",
    kind: TEXT,
    default: undefined,
    help: "provider and model that judge",
    without: "that of --model",
    libraryNames: [],
  }),
});

/** Their values. */
export type JudgeFlags = ValuesOf<typeof JUDGE_FLAGS>;

/** Whether options say something of a judge. */
export function isJudged({ judge, rubric, scale, judgeModel }: JudgeFlags): boolean {
  return [judge, rubric, scale, judgeModel].some((value) => value !== undefined);
}
