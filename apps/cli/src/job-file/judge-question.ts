/** What a judge gives: a whole number from one to another, or one of some labels. */
export type Scale = { readonly from: number; readonly to: number } | { readonly labels: readonly string[] };

/** What a judge is asked: it is a step of `columns`, whose prompt has the rubric in it. */
export interface JudgeQuestion {
  readonly prompt: string;
  readonly schemaText: string;
}

/** What is judged, and how. Texts are templates. */
export interface Judging {
  readonly judged: string;
  readonly rubric: string;
  readonly scale: Scale;
  /** The columns that it adds. */
  readonly reason: string;
  readonly score: string;
}

/** The scores where none are said. */
export const USUAL_SCALE: Scale = { from: 1, to: 5 };

/** What a scale has to be. */
export const SCALE_FORM = "whole numbers such as 1-5, or a list of labels such as";

/** The question of a judge. The reason comes before the score, so that the score follows from it. */
export function judgeQuestion({ judged, rubric, scale, reason, score }: Judging): JudgeQuestion {
  return {
    prompt: `Judge what is below by this rubric. Say first why, then give the score.

Rubric:
${rubric.trim()}

To be judged:
${judged.trim()}
`,
    schemaText: JSON.stringify({
      type: "object",
      properties: {
        [reason]: { type: "string", description: "Why, in one or two sentences" },
        [score]: scoreSchema(scale),
      },
      required: [reason, score],
      additionalProperties: false,
    }),
  };
}

/** Reads a scale: a range as a text, or labels; `undefined` where it is neither. */
export function scaleOf(value: unknown): Scale | undefined {
  const [, from, to] = typeof value === "string" ? (/^(\d{1,4})(?:-| to )(\d{1,4})$/.exec(value) ?? []) : [];
  if (from !== undefined && to !== undefined && Number(from) < Number(to))
    return { from: Number(from), to: Number(to) };
  const values: readonly unknown[] = Array.isArray(value) ? value : [];
  const labels = values.filter((label) => typeof label === "string" && label.trim() !== "");
  return labels.length > 1 && new Set(labels).size === values.length
    ? { labels: labels.map(String) }
    : undefined;
}

function scoreSchema(scale: Scale): Readonly<Record<string, unknown>> {
  return "labels" in scale
    ? { type: "string", enum: scale.labels }
    : { type: "integer", minimum: scale.from, maximum: scale.to };
}
