/** The groups of options, in the order of the help and of the README. */
export const FLAG_GROUPS = [
  "Whom to ask, and what",
  "Column of the answers (text)",
  "Values to ask for (columns, data)",
  "How answers are judged",
  "How rows are read",
  "Which rows are asked",
  "How rows are written",
  "What is kept, found again and counted as failed",
  "How fast, for how much, in which form",
  "For less, within hours",
] as const;

/** The title of a group of options. */
export type FlagGroup = (typeof FLAG_GROUPS)[number];

/** A table of options whose rows belong to one group. */
export function inGroup<F extends Readonly<Record<string, object>>>(group: FlagGroup, flags: F): F {
  const rows = Object.entries(flags).map(([name, row]) => [name, { ...row, group }]);
  return Object.fromEntries(rows) as F;
}
