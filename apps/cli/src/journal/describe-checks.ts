import { counted } from "@parallel-parrot/core";
import type { JournalChecks } from "@parallel-parrot/journal";

/** Says how many records of the journal were not used, and why; a line for each reason. */
export function describeChecks(checks: JournalChecks | undefined): readonly string[] {
  const { damaged, foreign } = checks ?? { damaged: 0, foreign: 0 };
  return [
    ...lineOf(damaged, "damaged: what was kept has changed"),
    ...lineOf(foreign, "not signed by you: somebody else has added to it"),
  ];
}

function lineOf(count: number, why: string): readonly string[] {
  if (count === 0) return [];
  const answers = counted(count, "answer of the journal is", "answers of the journal are");
  return [`${answers} ${why}. Not used, and asked again unless --reparse was given`];
}
