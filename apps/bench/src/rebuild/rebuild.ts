import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import type { BenchContext } from "../bench-context.ts";
import { startJob, type SliceFigures } from "../jobs/start-job.ts";
import { median } from "../quantile.ts";
import type { Cell, Goal, Report, Table } from "../report.ts";
import { writeInput } from "../write-input.ts";
import { runParrot } from "./run-parrot.ts";

const SCRIPT = join(import.meta.dirname, "rebuild-process.ts");
const FLOOR = "records";
const ROUNDS = 3;

const LAYERS = {
  [FLOOR]: "the records read alone, the floor",
  stage: "`promptStream`, `completionStream`, no files",
  library: "`pipeline`, JSON Lines to JSON Lines",
  jsonl: "`parrot data`, JSON Lines to JSON Lines",
  csv: "`parrot data`, CSV to CSV",
} as const;

type Layer = keyof typeof LAYERS;
type Round = ReadonlyMap<string, SliceFigures>;

/** How fast an output is written again where every answer is in the journal. */
export async function rebuild({ folder, options }: BenchContext): Promise<Report> {
  const sizes = options.isQuick ? [100_000] : [300_000, 1_000_000];
  const tables: Table[] = [];
  let goals: readonly Goal[] = [];
  for (const rows of sizes) {
    const place = join(folder, `rebuild-${rows}`);
    await mkdir(place);
    const rounds = await measure(place, rows);
    // A million rows make files of gigabytes.
    await rm(place, { recursive: true });
    tables.push(tableOf(rows, rounds));
    goals = goalsOf(rows, rounds);
  }
  return {
    tables,
    goals,
    notes: ["The command line reads its input twice, to check it first, and counts with its start."],
  };
}

async function measure(folder: string, rows: number): Promise<readonly Round[]> {
  const input = await writeInput(join(folder, "in.jsonl"), rows);
  const csv = await writeCsv(input, join(folder, "in.csv"));
  const journal = join(folder, "run.db");
  const run = async (job: string): Promise<SliceFigures> => {
    const process = await startJob(SCRIPT, job);
    try {
      return await process.run({ input, output: join(folder, "out.jsonl"), baseUrl: "", journal, rows });
    } finally {
      await process.stop();
    }
  };
  await run("fill");
  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const figures = new Map<Layer, SliceFigures>();
    for (const layer of [FLOOR, "stage", "library"] as const) figures.set(layer, await run(layer));
    figures.set("jsonl", await runParrot({ input, output: join(folder, "out.jsonl"), journal }));
    figures.set("csv", await runParrot({ input: csv, output: join(folder, "out.csv"), journal }));
    rounds.push(figures);
  }
  return rounds;
}

/** The same rows as CSV; none of their texts needs quotes. */
async function writeCsv(input: string, path: string): Promise<string> {
  const lines = createInterface({ input: createReadStream(input) });
  await pipeline(async function* () {
    yield "id,text\n";
    for await (const line of lines) {
      const { id, text } = JSON.parse(line);
      yield `${id},${text}\n`;
    }
  }, createWriteStream(path));
  return path;
}

function tableOf(rows: number, rounds: readonly Round[]): Table {
  return {
    title: `${rows.toLocaleString("en-US")} rows, 3 rows out for each, every answer found; medians of ${rounds.length} rounds; delays of the event loop in ms`,
    head: ["", "rows/s", "µs a row", "CPU µs a row", "CPU × floor", "peak MB", "delay p99", "most"],
    rows: Object.entries(LAYERS).map(([layer, title]) => rowOf(layer, title, rows, rounds)),
  };
}

function rowOf(layer: string, title: string, rows: number, rounds: readonly Round[]): readonly Cell[] {
  const figure = (of: (figures: SliceFigures) => number): number => medianOf(rounds, layer, of);
  const ms = figure((figures) => figures.ms);
  const isFloor = layer === FLOOR;
  const times = median(rounds.map((round) => cpuOf(round, layer) / cpuOf(round, FLOOR)));
  return [
    title,
    Math.round((rows / ms) * 1000),
    (ms * 1000) / rows,
    (figure(({ cpuMs }) => cpuMs) * 1000) / rows,
    times,
    Math.round(figure(({ peakRssMb }) => peakRssMb)),
    isFloor ? undefined : figure(({ delayP99 }) => delayP99),
    isFloor ? undefined : figure(({ delayMax }) => delayMax),
  ];
}

function goalsOf(rows: number, rounds: readonly Round[]): readonly Goal[] {
  const ms = medianOf(rounds, "stage", (figures) => figures.ms);
  return [
    {
      what: `${rows.toLocaleString("en-US")} finished rows taken up again, the stage`,
      value: (rows / ms) * 1000,
      atLeast: 100_000,
      unit: "rows/s",
    },
    {
      what: "delay of the event loop meanwhile, p99",
      value: medianOf(rounds, "stage", ({ delayP99 }) => delayP99),
      atMost: 10,
      unit: "ms",
    },
  ];
}

function medianOf(rounds: readonly Round[], layer: string, of: (figures: SliceFigures) => number): number {
  return median(rounds.map((round) => of(round.get(layer) ?? MISSING)));
}

function cpuOf(round: Round, layer: string): number {
  return round.get(layer)?.cpuMs ?? Number.NaN;
}

const MISSING: SliceFigures = { ms: NaN, cpuMs: NaN, peakRssMb: NaN, delayP99: NaN, delayMax: NaN };
