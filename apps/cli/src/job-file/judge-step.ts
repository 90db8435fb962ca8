import { quote } from "@parallel-parrot/core";
import { judgeQuestion, SCALE_FORM, scaleOf, USUAL_SCALE, type JudgeQuestion } from "./judge-question.ts";
import type { JobEntry } from "./parse-job-file.ts";

/** Keys of a step that judges. */
export const JUDGE_KEYS = ["judge", "rubric", "scale", "score-key", "reason-key"] as const;

type JudgeKey = (typeof JUDGE_KEYS)[number];

/**
 * What a step asks that has a key `judge`; `undefined` for any other step.
 *
 * @throws ParrotError `INVALID_OPTION` at the place of the key
 */
export function judgeStep(entries: readonly JobEntry[]): JudgeQuestion | undefined {
  const given = new Map(entries.map((entry) => [entry.key, entry]));
  const entryOf = (key: JudgeKey): JobEntry | undefined => given.get(key);
  const judge = entryOf("judge");
  if (judge === undefined) {
    const stray = JUDGE_KEYS.map(entryOf).find((entry) => entry !== undefined);
    if (stray !== undefined)
      throw stray.keyError(
        `"${stray.key}" is for a step that judges: add judge with what is judged, such as \${answer}`,
      );
    return undefined;
  }
  for (const key of ["command", "prompt", "prompt-file", "keys", "schema"])
    if (given.has(key))
      throw given
        .get(key)
        ?.keyError(
          `a step that judges makes its own ${key}; leave it out, or write the step as command: columns with a prompt and a schema`,
        );
  const rubric = entryOf("rubric");
  if (rubric === undefined)
    throw judge.keyError('"rubric" is missing: it says what is good, and what each score means');
  const [reason, score] = [nameOf(entryOf("reason-key"), "reason"), nameOf(entryOf("score-key"), "score")];
  if (reason === score)
    throw judge.keyError("score and reason are columns of their own: give each another name");
  const scale = entryOf("scale");
  const read = scale === undefined ? USUAL_SCALE : scaleOf(scale.value);
  if (read === undefined) throw scale?.error(`expected ${SCALE_FORM} [good, fair, poor]`);
  return judgeQuestion({ judged: textOf(judge), rubric: textOf(rubric), scale: read, reason, score });
}

function nameOf(entry: JobEntry | undefined, usual: string): string {
  return entry === undefined ? usual : textOf(entry).trim();
}

function textOf({ key, value, error }: JobEntry): string {
  if (typeof value === "string" && value.trim() !== "") return value;
  throw error(`${quote(key)}: expected a text`);
}
