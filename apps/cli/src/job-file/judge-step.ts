import { quote } from "@parallel-parrot/core";
import type { JobEntry } from "./parse-job-file.ts";

/** Keys of a step that judges. */
export const JUDGE_KEYS = ["judge", "rubric", "scale", "score-key", "reason-key"] as const;

type JudgeKey = (typeof JUDGE_KEYS)[number];

/** What a judge gives: a whole number from one to another, or one of some labels. */
type Scale = { readonly from: number; readonly to: number } | { readonly labels: readonly string[] };

/** The prompt and the schema of a step that judges: it is a step of `columns`, whose prompt has the rubric in it. */
export interface JudgeStep {
  readonly prompt: string;
  readonly schemaText: string;
}

/**
 * What a step asks that has a key `judge`; `undefined` for any other step. The reason comes before the score, so that
 * the score follows from it.
 *
 * @throws ParrotError `INVALID_OPTION` at the place of the key
 */
export function judgeStep(entries: readonly JobEntry[]): JudgeStep | undefined {
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
  return {
    prompt: promptOf(textOf(rubric), textOf(judge)),
    schemaText: JSON.stringify({
      type: "object",
      properties: {
        [reason]: { type: "string", description: "Why, in one or two sentences" },
        [score]: scoreSchema(scaleOf(entryOf("scale"))),
      },
      required: [reason, score],
      additionalProperties: false,
    }),
  };
}

function promptOf(rubric: string, judged: string): string {
  return `Judge what is below by this rubric. Say first why, then give the score.

Rubric:
${rubric.trim()}

To be judged:
${judged.trim()}
`;
}

function scoreSchema(scale: Scale): Readonly<Record<string, unknown>> {
  return "labels" in scale
    ? { type: "string", enum: scale.labels }
    : { type: "integer", minimum: scale.from, maximum: scale.to };
}

function scaleOf(entry: JobEntry | undefined): Scale {
  if (entry === undefined) return { from: 1, to: 5 };
  const { value } = entry;
  const [, from, to] = typeof value === "string" ? (/^(\d{1,4})(?:-| to )(\d{1,4})$/.exec(value) ?? []) : [];
  if (from !== undefined && to !== undefined && Number(from) < Number(to))
    return { from: Number(from), to: Number(to) };
  const values: readonly unknown[] = Array.isArray(value) ? value : [];
  const labels = values.filter((label) => typeof label === "string" && label.trim() !== "");
  if (labels.length > 1 && new Set(labels).size === values.length) return { labels: labels.map(String) };
  throw entry.error("expected whole numbers such as 1-5, or a list of labels such as [good, fair, poor]");
}

function nameOf(entry: JobEntry | undefined, usual: string): string {
  return entry === undefined ? usual : textOf(entry).trim();
}

function textOf({ key, value, error }: JobEntry): string {
  if (typeof value === "string" && value.trim() !== "") return value;
  throw error(`${quote(key)}: expected a text`);
}
