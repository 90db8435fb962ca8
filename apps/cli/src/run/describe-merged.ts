import { counted } from "@parallel-parrot/core";

/** A line about equal answers to one row; none where there were none. */
export function describeMerged(count: number): readonly string[] {
  if (count === 0) return [];
  return [
    `${counted(count, "answer is", "answers are")} left out, as an earlier one to the same row is equal; --keep-duplicates keeps all, --vote tells how many say the same`,
  ];
}
