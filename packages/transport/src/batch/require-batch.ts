import { ParrotError } from "@parallel-parrot/core";
import type { JournalRun, RunBatches } from "@parallel-parrot/journal";
import type { BatchDialect, Provider } from "@parallel-parrot/providers";
import { isModelByRow } from "../by-row/model-by-row.ts";
import type { ResolvedOptions } from "../options.ts";
import { isPool } from "../routing/pool/pool.ts";

/**
 * The batches of a provider, before anything is sent or opened.
 *
 * @throws ParrotError `INVALID_OPTION` where the run cannot use them
 */
export function requireBatch(provider: Provider, { journal }: ResolvedOptions): BatchDialect {
  const { batch, name, batchHint } = provider;
  if (isPool(provider))
    throw unusable(
      "a pool has no batches of its own, as a job is made at one provider. Ask one of its members",
    );
  if (isModelByRow(provider))
    throw unusable(
      "a job is for one model, and here each row chooses its own. Ask the rows of each model in a run of their own",
    );
  if (batch === undefined)
    throw unusable(
      batchHint ??
        `the provider ${name} has no batches, or none that are known here. Leave the option out to ask directly`,
    );
  if (journal === undefined || (typeof journal !== "string" && journal.path === undefined))
    throw unusable(
      'the jobs that are made, and paid for, have to be found again whenever the process ends. Give a journal in a file: journal: "run.db"',
    );
  return batch;
}

/** @throws ParrotError `INVALID_OPTION` where the journal cannot keep jobs */
export function requireBatches({ batches }: JournalRun): RunBatches {
  if (batches === undefined)
    throw unusable('this journal cannot keep jobs. Give one in a file: journal: "run.db"');
  return batches;
}

function unusable(why: string): ParrotError {
  return new ParrotError("INVALID_OPTION", `Cannot use the option batch: ${why}`, { option: "batch" });
}
