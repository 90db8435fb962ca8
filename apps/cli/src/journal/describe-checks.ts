import type { JournalChecks } from "@parallel-parrot/journal";
import { formatCount } from "../terminal/progress.ts";

/** Says how many records of the journal were not used, and why; a line for each reason. */
export function describeChecks(checks: JournalChecks | undefined): readonly string[] {
  const { damaged, foreign } = checks ?? { damaged: 0, foreign: 0 };
  return [
    ...lineOf(damaged, "damaged: they no longer are what was kept"),
    ...lineOf(foreign, "not yours: somebody has put them there since it was signed"),
  ];
}

function lineOf(count: number, why: string): readonly string[] {
  if (count === 0) return [];
  const answers =
    count === 1 ? "1 answer of the journal is" : `${formatCount(count)} answers of the journal are`;
  return [`${answers} ${why}. Not used, and asked again unless --reparse was given`];
}
