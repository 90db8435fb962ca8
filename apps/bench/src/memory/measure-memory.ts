import { rm } from "node:fs/promises";
import { join } from "node:path";
import { JOB_PROCESS, startJob, type SliceFigures } from "../jobs/start-job.ts";
import { writeInput } from "../write-input.ts";

/** One run of the pipeline whose memory is looked at. */
export interface MemoryPlan {
  readonly folder: string;
  readonly baseUrl: string;
  readonly rows: number;
  /** For Node.js. */
  readonly flags: readonly string[];
}

export const MEMORY_CONCURRENCY = 64;

/** Runs the pipeline once in a new process and samples its resident memory. @throws when it does not finish */
export async function measureMemory({ folder, baseUrl, rows, flags }: MemoryPlan): Promise<SliceFigures> {
  const input = await writeInput(join(folder, `memory-${rows}.jsonl`), rows);
  const output = join(folder, "memory.out.jsonl");
  const process = await startJob(JOB_PROCESS, "pipeline", flags);
  try {
    return await process.run({ input, output, baseUrl, concurrency: MEMORY_CONCURRENCY, sampleEveryMs: 50 });
  } finally {
    await process.stop();
    // A million rows make files of a gigabyte.
    await rm(output, { force: true });
    await rm(input);
  }
}
