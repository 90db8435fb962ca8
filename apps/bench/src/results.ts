import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PartName } from "./bench-options.ts";
import { formatFiles } from "./format-files.ts";
import type { Report } from "./report.ts";

/** What a part found, when and where. */
export interface PartResult extends Report {
  readonly measuredAt: string;
  readonly machine: string;
  readonly seconds: number;
}

/** The results of all parts, each of its latest run. */
type Results = Partial<Record<PartName, PartResult>>;

const FOLDER = join(import.meta.dirname, "../results");

/** The short form's figures are kept apart: they are not for the README. */
function pathOf(isQuick: boolean): string {
  return join(FOLDER, isQuick ? "quick.json" : "latest.json");
}

export async function readResults(isQuick = false): Promise<Results> {
  try {
    return JSON.parse(await readFile(pathOf(isQuick), "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw error;
  }
}

/** Adds a part's result to the file, at once: a later part may fail. */
export async function saveResult(part: PartName, result: PartResult, isQuick: boolean): Promise<void> {
  const results: Results = { ...(await readResults(isQuick)), [part]: result };
  await mkdir(FOLDER, { recursive: true });
  await writeFile(pathOf(isQuick), `${JSON.stringify(results, undefined, 2)}\n`);
  await formatFiles([pathOf(isQuick)]);
}
