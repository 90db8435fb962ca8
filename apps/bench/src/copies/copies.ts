import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { BenchContext } from "../bench-context.ts";
import { installPython } from "../install-python.ts";
import { median } from "../quantile.ts";
import type { Cell, Goal, Report } from "../report.ts";
import { writeInput } from "../write-input.ts";
import { copyHere, copyThere, type CopyFigures } from "./run-copy.ts";

const PACKAGES = ["duckdb==2.0.1", "pandas==3.1.1", "pyarrow==26.0.1"];
const ROUNDS = 3;
/** Of the files that are copied; one that grows with the rows would be far above it. */
const MOST_MB = 500;

const PAIRS = [
  ["jsonl", "jsonl"],
  ["csv", "csv"],
  ["csv", "parquet"],
  ["parquet", "csv"],
  ["parquet", "parquet"],
] as const;

type Pair = (typeof PAIRS)[number];
type Tool = "parallel-parrot" | "DuckDB" | "pandas";

interface Copied {
  readonly pair: Pair;
  readonly tool: Tool;
  /** `undefined` where it failed. */
  readonly figures: CopyFigures | undefined;
}

/** How fast rows go from file to file without a model, and in how much memory, beside what else one would use. */
export async function copies({ folder, options }: BenchContext): Promise<Report> {
  const rows = options.isQuick ? 100_000 : 1_000_000;
  const python = await installPython("copies", PACKAGES).catch(() => undefined);
  const pathOf = (format: string): string => join(folder, `copies.${format}`);
  await writeInput(pathOf("jsonl"), rows);
  await copyHere(pathOf("jsonl"), pathOf("csv"));
  if (python === undefined) await copyHere(pathOf("csv"), pathOf("parquet"));
  else await copyThere(python, "duckdb", [pathOf("jsonl"), pathOf("parquet")], "--one-group");
  const copied: Copied[] = [];
  for (const pair of PAIRS) {
    const [from, to] = [pathOf(pair[0]), join(folder, `copy.${pair[1]}`)];
    copied.push({ pair, tool: "parallel-parrot", figures: await medianOf(() => copyHere(from, to)) });
    if (python === undefined || pair[0] === "jsonl") continue;
    const there = (tool: "duckdb" | "pandas"): Promise<CopyFigures> => copyThere(python, tool, [from, to]);
    copied.push({ pair, tool: "DuckDB", figures: await medianOf(() => there("duckdb")) });
    copied.push({ pair, tool: "pandas", figures: await medianOf(() => there("pandas")) });
    await rm(to, { force: true });
  }
  return {
    tables: [
      {
        title: `${rows.toLocaleString("en-US")} rows of about 290 bytes from file to file, medians of ${ROUNDS}`,
        head: ["", "with", "rows/s", "CPU µs a row", "peak MB"],
        rows: copied.map((copy) => rowOf(copy, rows)),
      },
    ],
    goals: goalsOf(copied),
    notes: [
      python === undefined
        ? "DuckDB and pandas could not be installed."
        : `${PACKAGES.join(", ")}, with their defaults and zstd; the Parquet file that is read has one row group, as pandas writes it.`,
    ],
  };
}

/** The medians of what several copies took; `undefined` where one failed. */
async function medianOf(copy: () => Promise<CopyFigures>): Promise<CopyFigures | undefined> {
  const figures: CopyFigures[] = [];
  try {
    for (let round = 0; round < ROUNDS; round++) figures.push(await copy());
  } catch (error) {
    console.error(error);
    return undefined;
  }
  return {
    ms: median(figures.map(({ ms }) => ms)),
    cpuMs: median(figures.map(({ cpuMs }) => cpuMs)),
    peakRssMb: median(figures.map(({ peakRssMb }) => peakRssMb)),
  };
}

function rowOf({ pair, tool, figures }: Copied, rows: number): readonly Cell[] {
  const title = pair.join(" → ");
  if (figures === undefined) return [title, tool, "did not finish", undefined, undefined];
  const { ms, cpuMs, peakRssMb } = figures;
  return [title, tool, Math.round((rows / ms) * 1000), (cpuMs * 1000) / rows, Math.round(peakRssMb)];
}

function goalsOf(copied: readonly Copied[]): readonly Goal[] {
  return copied
    .filter(({ tool }) => tool === "parallel-parrot")
    .map(({ pair, figures }) => ({
      what: `peak memory, ${pair.join(" → ")}`,
      value: figures?.peakRssMb ?? Number.NaN,
      atMost: MOST_MB,
      unit: "MB",
    }));
}
