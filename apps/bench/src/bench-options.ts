import { parseArgs } from "node:util";

/** The parts of the bench, in the order in which they run. */
const PARTS = ["throughput"] as const;

type Part = (typeof PARTS)[number];

/** What the command line asked for. */
export interface BenchOptions {
  readonly parts: readonly Part[];
  /** A short form: fewer rows, rounds and cells; its figures go to a file of their own. */
  readonly isQuick: boolean;
  /** Jobs of the throughput part. @default all, in the quick form the pipeline and the bare loops */
  readonly jobs: readonly string[] | undefined;
}

const USAGE = `Usage: bench [--quick] [--only PART,…] [--jobs JOB,…]

  --quick       a short form, for daily work
  --only PARTS  some of: ${PARTS.join(", ")}
  --jobs JOBS   only these jobs of the throughput part (see its table for the names)
`;

/** Reads the command line. @throws Error that says what is wrong */
export function readBenchOptions(parameters: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: parameters.filter((parameter) => parameter !== "--"),
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      jobs: { type: "string" },
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
  };
}

function toPart(name: string): Part {
  const part = PARTS.find((part) => part === name);
  if (part === undefined) throw new Error(`Cannot run the part "${name}": expected ${PARTS.join(", ")}`);
  return part;
}
