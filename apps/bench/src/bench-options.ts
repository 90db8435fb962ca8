import { parseArgs } from "node:util";

/** The parts of the bench, in the order in which they run. */
const PARTS = [
  "throughput",
  "makespan",
  "memory",
  "stages",
  "journal",
  "rebuild",
  "batches",
  "copies",
  "limits",
  "startup",
] as const;

export type PartName = (typeof PARTS)[number];

/** What the command line asked for. */
export interface BenchOptions {
  readonly parts: readonly PartName[];
  /** A short form: fewer rows, rounds and cells; its figures go to a file of their own. */
  readonly isQuick: boolean;
  /** Jobs of the throughput part. @default all, in the quick form the pipeline and the bare loops */
  readonly jobs: readonly string[] | undefined;
  /** Measure nothing; put the latest results into the README and the picture. */
  readonly isForReadme: boolean;
}

const USAGE = `Usage: bench [--quick] [--only PART,…] [--jobs JOB,…]
       bench --write-readme

  --quick         a short form, for daily work
  --only PARTS    some of: ${PARTS.join(", ")}
  --jobs JOBS     only these jobs of the throughput part; its table has the names
  --write-readme  measure nothing, put the latest full results into the README and the picture
`;

/** Reads the command line; ends the process after `--help`. @throws Error that says what is wrong */
export function readBenchOptions(parameters: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: parameters.filter((parameter) => parameter !== "--"),
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      jobs: { type: "string" },
      "write-readme": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit();
  }
  return {
    parts: values.only === undefined ? PARTS : values.only.split(",").map(toPart),
    isQuick: values.quick,
    jobs: values.jobs?.split(","),
    isForReadme: values["write-readme"],
  };
}

function toPart(name: string): PartName {
  const part = PARTS.find((part) => part === name);
  if (part === undefined) throw new Error(`Cannot run the part "${name}": expected ${PARTS.join(", ")}`);
  return part;
}
