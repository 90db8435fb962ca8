import type { JournalBatches, RunBatches, StoredJob } from "../batch-jobs.ts";
import { failed } from "../journal-error.ts";
import type { JournalReader } from "./reader/journal-reader.ts";
import { toChangedColumns, toJobColumns, toRequestValues } from "./writer/job-values.ts";
import type { JournalWriter } from "./writer/journal-writer.ts";

/** The connections of one journal. */
export interface FileConnections {
  readonly path: string;
  readonly reader: JournalReader;
  readonly writer: JournalWriter;
}

/** The jobs of a journal in a file. */
export function fileBatches({ reader, writer }: FileConnections): JournalBatches {
  return {
    jobs: (filter) => reader.batches.jobs(filter),
    find: (key) => reader.batches.find(key),
    requestsOf: (job) => reader.batches.requestsOf(job),
    change: async (job, changes) => writer.changeJob(job, toChangedColumns(changes), false),
    close: async (job, state, changes) => {
      await writer.changeJob(job, toChangedColumns({ ...changes, state }), true);
      reader.batches.closed(job);
    },
  };
}

/** The same for a run. */
export function runBatches(run: number, connections: FileConnections): RunBatches {
  const { path, reader, writer } = connections;
  return {
    ...fileBatches(connections),
    plan: async ({ requests, ...job }): Promise<StoredJob> => {
      const id = await writer.plan(toJobColumns(run, job), toRequestValues(requests));
      reader.batches.planned(id);
      return reader.batches.job(id) ?? throwMissing(path, id);
    },
  };
}

function throwMissing(path: string, id: number): never {
  throw failed(path, `the batch job ${id} that was planned is not in it`);
}
