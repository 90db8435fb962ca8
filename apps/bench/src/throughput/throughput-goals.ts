import type { JobName } from "../jobs/jobs.ts";
import type { Goal } from "../report.ts";
import { LOADS } from "./loads.ts";
import { median } from "../quantile.ts";
import type { Rounds } from "./measure-throughput.ts";
import { ratioOf, rowsPerCpuSecond, rowsPerSecond } from "./ratio-of.ts";
import type { Measured } from "./throughput-table.ts";

type Measure = "rows/s" | "rows per CPU-second";

interface RatioGoal {
  readonly jobs: readonly JobName[];
  readonly reference: JobName;
  readonly atLeast: number;
  readonly of: Measure;
}

const [PLAIN, TLS, LARGE] = LOADS.map(({ title }) => title);

const OWN: readonly JobName[] = ["composed", "pipeline"];
const PIPELINE: readonly JobName[] = ["pipeline"];
const BESIDE_LOOPS: readonly RatioGoal[] = [
  { jobs: OWN, reference: "request", atLeast: 1.1, of: "rows per CPU-second" },
  { jobs: OWN, reference: "request", atLeast: 1, of: "rows/s" },
  { jobs: OWN, reference: "dispatch", atLeast: 0.75, of: "rows per CPU-second" },
];

function besidePipeline(reference: JobName, atLeast: number): RatioGoal {
  return { jobs: PIPELINE, reference, atLeast, of: "rows per CPU-second" };
}

/** By the title of a load. */
const GOALS: ReadonlyMap<string | undefined, readonly RatioGoal[]> = new Map([
  [
    PLAIN,
    [
      ...BESIDE_LOOPS,
      besidePipeline("fetch", 4),
      besidePipeline("ancestor", 6),
      besidePipeline("openai", 8),
      besidePipeline("ai", 10),
      besidePipeline("langchain", 10),
    ],
  ],
  [TLS, [...BESIDE_LOOPS, besidePipeline("fetch", 2.5), besidePipeline("openai", 4)]],
  [LARGE, [{ jobs: OWN, reference: "dispatch", atLeast: 0.75, of: "rows per CPU-second" }]],
]);

/** What a journal may cost, CPU µs a row. */
const JOURNAL_MICROS = 20;

/** The goals whose two jobs both ran. */
export function throughputGoals(rounds: Rounds, { load, concurrency }: Measured): readonly Goal[] {
  const at = `${load.title}, ${concurrency} in flight`;
  const ratios = (GOALS.get(load.title) ?? []).flatMap(({ jobs, reference, atLeast, of }) =>
    jobs.flatMap((job) => {
      const ratio = ratioOf(rounds, job, reference, of === "rows/s" ? rowsPerSecond : rowsPerCpuSecond);
      if (ratio === undefined) return [];
      return [{ what: `${job} against ${reference}, ${of}, ${at}`, value: ratio.median, atLeast, unit: "×" }];
    }),
  );
  const journal = rounds.flatMap((round) => {
    const [kept, plain] = [round.get("journal"), round.get("pipeline")];
    return kept === undefined || plain === undefined
      ? []
      : [1_000_000 / rowsPerCpuSecond(kept) - 1_000_000 / rowsPerCpuSecond(plain)];
  });
  if (journal.length === 0) return ratios;
  return [
    ...ratios,
    { what: `what a journal costs, ${at}`, value: median(journal), atMost: JOURNAL_MICROS, unit: "µs a row" },
  ];
}
