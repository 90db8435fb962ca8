import { stringifyJson } from "@parallel-parrot/core";
import type { JournalInspection } from "@parallel-parrot/journal";
import type { GenerateDataOptions } from "../flags/options.ts";
import { changesBetween } from "../job/changes-between.ts";
import { askingOf } from "../job/identity.ts";
import { jobOf, type Job } from "../job/job.ts";
import { writesOutput } from "../job/run-kind.ts";
import { ownRuns } from "../journal/own-runs.ts";
import { askSameRows } from "../selection/covers-rows.ts";

/** Most earlier runs that rows are looked up in. */
const MAX_EARLIER = 5;

/** An earlier run over the same inputs. */
export interface EarlierRun {
  readonly id: number;
  readonly job: Job;
  /** What its requests had otherwise; empty where they were the same. */
  readonly changed: readonly string[];
  /** Rows below this number are those that the run had finished; 0 where it did not ask the same rows. */
  readonly settled: number;
}

/** The runs over the same inputs that are nearest to a job: those with the fewest changes, of these the latest. */
export function earlierRuns(journal: JournalInspection, job: Job): readonly EarlierRun[] {
  const earlier = new Map<string, EarlierRun>();
  for (const run of ownRuns(journal.runs()).toReversed()) {
    const other = jobOf(run.manifest);
    const isSameInput = stringifyJson(other?.inputs) === stringifyJson(job.inputs);
    if (other === undefined || !isSameInput || other.options.reparse) continue;
    const hasAskedAll = writesOutput(run) && askSameRows(other.options, job.options);
    const settled = hasAskedAll ? run.settled : 0;
    const asking = `${askingOf(other)} ${JSON.stringify(shapeKey(other))}`;
    const known = earlier.get(asking);
    if (known === undefined)
      earlier.set(asking, { id: run.id, job: other, changed: changesBetween(other, job), settled });
    else if (known.settled < settled) earlier.set(asking, { ...known, settled });
  }
  return [...earlier.values()]
    .toSorted((one, other) => one.changed.length - other.changed.length)
    .slice(0, MAX_EARLIER);
}

function shapeKey({ command, options }: Job): unknown {
  const { keys, schemaText, single }: Partial<GenerateDataOptions> = options;
  const reading = command === "text" ? null : [keys, schemaText, single];
  return [command, options.askEqualOnce, reading];
}
