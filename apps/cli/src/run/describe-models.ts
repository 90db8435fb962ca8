import { formatDollars, type ModelProgress } from "@parallel-parrot/transport";
import { alignColumns } from "../terminal/align-columns.ts";
import { formatCount } from "../terminal/format-count.ts";
import { formatDuration } from "../terminal/format-duration.ts";
import { describeAmendments } from "./describe-amendments.ts";

const HEAD = ["model", "requests", "input", "output", "cost", "median time", "95 % in"];

/** Where something is not known, or did not come. */
const NONE = "–";

/**
 * What each model has taken that rows have chosen, as the lines of a table, and what it has refused; nothing where there
 * is one model for all.
 */
export function describeModels(models: readonly ModelProgress[]): readonly string[] {
  if (models.length === 0) return [];
  const isPriced = models.some(({ cost }) => cost !== undefined);
  const lines = [HEAD, ...models.map(cellsOf)].map((cells) =>
    isPriced ? cells : cells.toSpliced(HEAD.indexOf("cost"), 1),
  );
  return [...alignColumns(lines).split("\n"), ...models.flatMap(describeRefused)];
}

function cellsOf({ provider, model, usage, cost, answerTimes }: ModelProgress): readonly string[] {
  const { requests, inputTokens, outputTokens } = usage;
  return [
    `${provider}/${model}`,
    ...[requests, inputTokens, outputTokens].map(formatCount),
    cost === undefined ? NONE : formatDollars(cost),
    answerTimes === undefined ? NONE : formatAnswerTime(answerTimes.medianMs),
    answerTimes === undefined ? NONE : formatAnswerTime(answerTimes.p95Ms),
  ];
}

function formatAnswerTime(ms: number): string {
  return ms < 1000 ? `${ms} ms` : formatDuration(ms);
}

function describeRefused({ provider, model, amendments }: ModelProgress): readonly string[] {
  const refused = describeAmendments(amendments);
  return refused.length === 0 ? [] : [`${provider}/${model} refused: ${refused.join("; ")}`];
}
