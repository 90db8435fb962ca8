import { execFile, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import type { SliceFigures } from "../jobs/start-job.ts";

const run = promisify(execFile);

const PROCESS = join(import.meta.dirname, "copy-process.ts");
const WATCH = join(import.meta.dirname, "../rebuild/watched-process.ts");
const SCRIPT = join(import.meta.dirname, "copy_rows.py");

/** What a copy took. */
export type CopyFigures = Pick<SliceFigures, "ms" | "cpuMs" | "peakRssMb">;

/** Copies a file's rows with the sources and sinks of the project, in a process of its own. @throws where it fails */
export async function copyHere(from: string, to: string): Promise<CopyFigures> {
  const child = fork(PROCESS, [from, to], { execArgv: [...process.execArgv, "--import", WATCH] });
  const told = once(child, "message");
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`The copy of ${from} ended with ${code}`);
  const [figures] = await told;
  return figures;
}

/** Copies a file's rows with a Python package, in a process of its own. @throws where it fails */
export async function copyThere(
  python: string,
  tool: "duckdb" | "pandas",
  paths: readonly [from: string, to: string],
  ...flags: readonly string[]
): Promise<CopyFigures> {
  const { stdout } = await run(python, ["-B", SCRIPT, tool, ...paths, ...flags]);
  return JSON.parse(stdout);
}
