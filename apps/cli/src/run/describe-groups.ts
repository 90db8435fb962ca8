import { counted } from "@parallel-parrot/core";
import type { AloneReason, GroupProgress } from "@parallel-parrot/transport";

/** Why rows were asked alone after all, in words that follow their number. */
const REASONS: Readonly<Record<AloneReason, readonly [one: string, several: string]>> = {
  missing: ["was missing from an answer", "were missing from an answer"],
  doubled: ["came twice", "came twice"],
  cutOff: ["was behind the cut of the token limit", "were behind the cut of the token limit"],
  refused: ["was in a request that was refused", "were in a request that was refused"],
  overBudget: [
    "was in a request that the budget had no room for",
    "were in requests that the budget had no room for",
  ],
};

/** Lines about the rows that were asked several at a time; none where none were. */
export function describeGroups(groups: GroupProgress | undefined, rowsPerRequest: number): readonly string[] {
  if (groups === undefined) return [];
  const { requests, answered, alone, foreign, most } = groups;
  const reasons = (Object.keys(REASONS) as AloneReason[]).flatMap((reason) =>
    alone[reason] === 0 ? [] : [counted(alone[reason], ...REASONS[reason])],
  );
  const all = Object.values(alone).reduce((sum, count) => sum + count, 0);
  if (requests === 0 && all === 0) return [];
  const told = [
    `${counted(answered, "row was", "rows were")} answered in ${counted(requests, "request")} for several rows`,
  ];
  if (all > 0)
    told.push(`${counted(all, "row was", "rows were")} asked alone after that: ${reasons.join(", ")}`);
  if (foreign > 0) told.push(`${counted(foreign, "answer")} with an id of no row counted for nobody`);
  const lines = [told.join("; ")];
  if (most === 1) lines.push("Rows were asked alone in the end, as requests for several brought too little");
  else if (most < rowsPerRequest)
    lines.push(`Requests were for ${most} rows at most in the end, as more were too long`);
  return lines;
}
