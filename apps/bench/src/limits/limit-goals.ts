import type { Goal } from "../report.ts";
import type { CellResult } from "./prepare-cell.ts";

/** The goals, each for the cell that is worst at it. */
export function limitGoals(results: readonly CellResult[]): readonly Goal[] {
  return [
    ...goalsOf("limit known from headers or told right", results.filter(isKnown), 99, 0.1),
    ...goalsOf(
      "no headers, told twice or nothing",
      results.filter((result) => !isKnown(result)),
      90,
      2,
    ),
    {
      what: "rows failed, all mixes",
      value: results.reduce((sum, { failed }) => sum + failed, 0),
      atMost: 0,
      unit: "rows",
    },
  ];
}

/** Whether the client can know the limit. */
function isKnown({ cell }: CellResult): boolean {
  return cell.headers === "full" || cell.told === "right";
}

function goalsOf(
  what: string,
  results: readonly CellResult[],
  leastUsed: number,
  mostRefused: number,
): readonly Goal[] {
  if (results.length === 0) return [];
  const used = results.map((result) => 100 * result.used);
  const refused = results.map((result) => 100 * result.refused);
  const metUse = used.filter((share) => share >= leastUsed).length;
  const metRefusals = refused.filter((share) => share < mostRefused).length;
  const mixes = `of ${results.length} mixes`;
  return [
    {
      what: `${what}: least used; ${metUse} ${mixes} reach the goal`,
      value: Math.min(...used),
      atLeast: leastUsed,
      unit: "%",
    },
    {
      what: `${what}: most answered 429; ${metRefusals} ${mixes} reach the goal`,
      value: Math.max(...refused),
      atMost: mostRefused,
      unit: "%",
    },
  ];
}
