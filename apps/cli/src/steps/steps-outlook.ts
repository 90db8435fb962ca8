import { messageOf } from "@parallel-parrot/core";
import type { Job } from "../job/job.ts";
import type { RunOptions, StepOptions } from "../job/run-options.ts";
import { failedRows } from "../failed/failed-rows.ts";
import { findPlace } from "../journal/journal-place.ts";
import { readOnlyRun } from "../journal/read-only-run.ts";
import { readHead, type Head } from "../run/read-head.ts";
import { memoryJournal, type JournalRun } from "@parallel-parrot/journal";
import { connectSteps } from "./connect-steps.ts";
import type { StepProgress } from "./step-progress.ts";

/** What a run would do in one of its steps. */
export interface StepOutlook {
  readonly name: string;
  /** Rows whose answer the journal has. */
  readonly answered: number;
  /** Rows that would be asked. */
  readonly toAsk: number;
  /** Rows that failed and whose failure the journal has, or of which no prompt can be made. */
  readonly failed: number;
  /** Rows that the condition of the step leaves as they are. */
  readonly passes: number;
  /** Rows of which it is not known whether they would be asked, as a step before has not answered them. */
  readonly unknown: number;
}

/** Looks up, without asking anything, what the journal has for each step. Each row of the input counts once in each step. */
export async function stepsOutlook(
  job: Job,
  options: RunOptions,
): Promise<{ readonly head: Head; readonly steps: readonly StepOutlook[] }> {
  const head = await readHead(job, options);
  const { journal: path, fresh, trustJournal } = options;
  const journal = path === false || fresh ? undefined : await findPlace(path, { trust: trustJournal });
  try {
    const run = journal === undefined ? await memoryJournal().begin() : readOnlyRun(journal);
    return { head, steps: await look(head, asLookedUp(options), run) };
  } finally {
    journal?.close();
  }
}

/** The same steps, where a row that a step has no answer to goes on to the next: it is then counted there, too. */
function asLookedUp(options: RunOptions): RunOptions {
  const later = options.later?.map((step): StepOptions => Object.assign({}, step, { onFailure: "null" }));
  return { ...options, onFailure: "null", maxFailures: undefined, ...(later === undefined ? {} : { later }) };
}

async function look(head: Head, options: RunOptions, journal: JournalRun): Promise<readonly StepOutlook[]> {
  const { rows, run } = connectSteps(head.rows, failedRows(undefined), options, {
    journal,
    laterRuns: options.later?.map(() => journal) ?? [],
    budget: undefined,
    inputColumns: head.columns,
    reuse: "only",
    checkFirstRow: false,
    rowIndex: head.selection?.rowIndex,
  });
  await rows.pipeTo(new WritableStream());
  if (run.stopped !== undefined) throw new Error(messageOf(run.stopped), { cause: run.stopped });
  return run.steps?.().map((step) => outlookOf(step)) ?? [];
}

function outlookOf({ name, answered, failed, failedBefore, notAsked, progress }: StepProgress): StepOutlook {
  return {
    name,
    answered,
    toAsk: notAsked,
    failed: failed - notAsked,
    passes: progress.passed - failedBefore,
    unknown: failedBefore,
  };
}
