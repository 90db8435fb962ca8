import { join } from "node:path";
import type { BenchContext } from "../bench-context.ts";
import { startJob, type JobProcess } from "../jobs/start-job.ts";
import { median } from "../quantile.ts";
import type { Report } from "../report.ts";
import { shuffled } from "../shuffled.ts";
import { writeInput } from "../write-input.ts";
import type { ChainName } from "./chains.ts";

const ROWS = 10_000;
const WARM_UPS = 2;

/** Each chain is the one before and one stage more. */
const STAGES: readonly { readonly chain: ChainName; readonly title: string }[] = [
  { chain: "source", title: "`jsonlSource`" },
  { chain: "prompt", title: "+ `promptStream`" },
  { chain: "completion", title: "+ `completionStream`, answered at once" },
  { chain: "parse", title: "+ `parseStream`" },
  { chain: "explode", title: "+ `explodeStream`, 3 rows of each" },
  { chain: "sink", title: "+ `jsonlSink`" },
];
const WHOLE = { chain: "pipeline", title: "`jsonlSource`, `pipeline`, `jsonlSink`" } as const;

/** CPU microseconds a row, by chain. */
type Round = ReadonlyMap<ChainName, number>;

/** What each stage adds to a row, with no network in it. */
export async function stages({ folder, options }: BenchContext): Promise<Report> {
  const input = await writeInput(join(folder, "stages.jsonl"), ROWS);
  const rounds = await measure(input, folder, options.isQuick ? 5 : 15);
  const costOf = (chain: ChainName): number => median(rounds.map((round) => round.get(chain) ?? Number.NaN));
  const addedBy = (position: number): number => {
    const [stage, before] = [STAGES[position], STAGES[position - 1]];
    if (stage === undefined) return Number.NaN;
    if (before === undefined) return costOf(stage.chain);
    return median(rounds.map((round) => (round.get(stage.chain) ?? 0) - (round.get(before.chain) ?? 0)));
  };
  return {
    tables: [
      {
        title: `CPU of an input row in µs, ${ROWS.toLocaleString("en-US")} rows, 64 in flight, no network, medians of ${rounds.length} rounds`,
        head: ["", "added", "so far"],
        rows: [
          ...STAGES.map(({ chain, title }, position) => [title, addedBy(position), costOf(chain)]),
          [WHOLE.title, undefined, costOf(WHOLE.chain)],
        ],
      },
    ],
    goals: [],
    notes: ["A chain without a sink ends in a stream that drops what it gets, chunk by chunk."],
  };
}

async function measure(input: string, folder: string, count: number): Promise<readonly Round[]> {
  const processes = new Map<ChainName, JobProcess>();
  try {
    for (const { chain } of [...STAGES, WHOLE]) processes.set(chain, await startJob(CHAIN_PROCESS, chain));
    const rounds: Map<ChainName, number>[] = [];
    for (let round = -WARM_UPS; round < count; round++) {
      const costs = new Map<ChainName, number>();
      for (const [chain, process] of shuffled([...processes])) {
        const output = join(folder, `${chain}.out.jsonl`);
        const { cpuMs } = await process.run({ input, output, baseUrl: "" });
        costs.set(chain, (cpuMs * 1000) / ROWS);
      }
      if (round >= 0) rounds.push(costs);
    }
    return rounds;
  } finally {
    await Promise.all([...processes.values()].map((process) => process.stop()));
  }
}

const CHAIN_PROCESS = join(import.meta.dirname, "chain-process.ts");
