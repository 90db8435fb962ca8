import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

/** What is appended to a new journal. */
export interface AppendPlan {
  readonly path: string;
  readonly records: number;
  /** Characters of a body. */
  readonly bodyLength: number;
  /** Records a second. @default as fast as it goes */
  readonly rate?: number;
  /** Records that wait at once, where there is no rate. */
  readonly waiting: number;
}

/** What that took; delays of the event loop and waits for the disk in milliseconds. */
export interface AppendFigures {
  readonly perSecond: number;
  /** CPU time of a record, all threads. */
  readonly cpuUs: number;
  readonly delayP50: number;
  readonly delayP99: number;
  readonly delayMax: number;
  readonly waitP50: number;
  readonly waitP99: number;
}

const SCRIPT = join(import.meta.dirname, "append-process.ts");

/** Appends in a process of its own. */
export async function measureAppend(plan: AppendPlan): Promise<AppendFigures> {
  const args = [...process.execArgv, SCRIPT, JSON.stringify(plan)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  await rm(plan.path);
  return JSON.parse(stdout);
}
