import { counted } from "@parallel-parrot/core";
import type { CompletionProgress } from "@parallel-parrot/transport";

/** Lines about the rows that had the prompt of an earlier row; none where there were none. */
export function describeEqual(
  { equal, shared }: Pick<CompletionProgress, "equal" | "shared">,
  askEqualOnce: boolean,
): readonly string[] {
  if (equal === undefined)
    return [
      "Rows with the same prompt were not counted: without a journal there are too many different prompts for that",
    ];
  if (equal === 0) return [];
  const rows = `${counted(equal, "row has", "rows have")} the prompt of an earlier row`;
  if (!askEqualOnce) return [`${rows}, and each was asked; --ask-equal-once asks such rows once`];
  if (shared === equal) return [`${rows}, whose answer is shared`];
  return [
    `${rows}; ${counted(shared, "shares", "share")} its answer, ${counted(equal - shared, "was", "were")} asked, as there was no answer to share`,
  ];
}
