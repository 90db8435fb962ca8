import type { BenchContext } from "../bench-context.ts";
import type { Report } from "../report.ts";
import { startFixedServer } from "../servers/start-fixed-server.ts";
import { chooseJobs } from "./choose-jobs.ts";
import { measureThroughput, type Rounds } from "./measure-throughput.ts";
import { throughputGoals } from "./throughput-goals.ts";
import { throughputTable } from "./throughput-table.ts";

/** JSON Lines to JSON Lines: the pipeline beside bare loops and what else one would use. */
export async function throughput({ folder, options }: BenchContext): Promise<Report> {
  const { names, skipped } = await chooseJobs(options);
  const server = await startFixedServer(folder);
  try {
    const runs: { readonly concurrency: number; readonly rounds: Rounds }[] = [];
    for (const concurrency of options.isQuick ? [64] : [64, 256]) {
      const rounds = await measureThroughput({
        jobs: names,
        concurrency,
        rounds: options.isQuick ? 9 : 15,
        warmUps: 2,
        baseUrl: server.baseUrl,
        folder,
      });
      runs.push({ concurrency, rounds });
    }
    return {
      tables: runs.map(({ concurrency, rounds }) => throughputTable(rounds, names, concurrency)),
      goals: runs.flatMap(({ concurrency, rounds }) => throughputGoals(rounds, concurrency)),
      notes: [`Server: ${server.name}`, ...skipped.map((what) => `Skipped: ${what}`)],
    };
  } finally {
    await server.stop();
  }
}
