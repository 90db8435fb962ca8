import type { CompletionProgress } from "@parallel-parrot/transport";
import { formatCount } from "../terminal/progress.ts";

/** Lines about the rows that had the prompt of an earlier row; none where there were none. */
export function describeEqual(
  { equal, shared }: Pick<CompletionProgress, "equal" | "shared">,
  askEqualOnce: boolean,
): readonly string[] {
  if (equal === undefined)
    return [
      "Rows with the same prompt were not counted, as there are too many different ones for that without a journal",
    ];
  if (equal === 0) return [];
  const rows = `${formatCount(equal)} rows have the prompt of an earlier row`;
  if (!askEqualOnce) return [`${rows}, and none shares its answer; --ask-equal-once asks such rows once`];
  if (shared === equal) return [`${rows}, and share its answer`];
  return [
    `${rows}; ${formatCount(shared)} share its answer, ${formatCount(equal - shared)} were asked, as it had none or it was not kept`,
  ];
}
