import type { BenchContext } from "../bench-context.ts";
import type { Goal, Report, Table } from "../report.ts";
import { startFixedServer } from "../servers/start-fixed-server.ts";
import { chooseJobs } from "./choose-jobs.ts";
import { LOADS } from "./loads.ts";
import { measureThroughput } from "./measure-throughput.ts";
import { throughputGoals } from "./throughput-goals.ts";
import { throughputTable } from "./throughput-table.ts";

/** From file to file: the pipeline beside bare loops and what else one would use. */
export async function throughput({ folder, options }: BenchContext): Promise<Report> {
  const { names, skipped } = await chooseJobs(options);
  const tables: Table[] = [];
  const goals: Goal[] = [];
  const servers = new Set<string>();
  for (const [position, load] of (options.isQuick ? LOADS.slice(0, 1) : LOADS).entries()) {
    const jobs = names.filter((name) => load.jobs?.includes(name) ?? true);
    // A port of its own: connections to an earlier one are of no use to it.
    const server = await startFixedServer(`${folder}/server-${position}`, load.answers);
    servers.add(server.name);
    try {
      for (const concurrency of options.isQuick ? [64] : [64, 256]) {
        const { baseUrl } = server;
        const plan = { jobs, concurrency, rounds: 5, warmUps: 1, baseUrl, folder };
        const rounds = await measureThroughput(plan);
        tables.push(throughputTable(rounds, jobs, { load, concurrency }));
        goals.push(...throughputGoals(rounds, { load, concurrency }));
      }
    } finally {
      await server.stop();
    }
  }
  return {
    tables,
    goals,
    notes: [
      ...[...servers].map((name) => `Server: ${name}`),
      "Each job has two processes, whose slices of 10,000 rows are taken together.",
      ...skipped.map((what) => `Skipped: ${what}`),
    ],
  };
}
