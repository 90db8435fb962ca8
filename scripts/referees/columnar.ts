import { readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { openFrame } from "../../packages/formats/src/index.ts";
import { compareCopies, linesOf } from "./compare-copies.ts";
import type { RunScript } from "./python.ts";

/** Has pyarrow, polars and DuckDB judge our Parquet and Arrow. */
export async function judgeColumnar(run: RunScript): Promise<void> {
  await compareCopies(run, {
    files: "files of Parquet and Arrow",
    scripts: "columnar",
    pattern: "*.{parquet,arrow,arrows,feather}",
    compareMore: (paths) => compareFrames(run, paths),
  });
}

/** Has them compare the bytes of Arrow that a program gives with those that it gets back. */
async function compareFrames(run: RunScript, paths: readonly string[]): Promise<readonly string[]> {
  const frames: string[] = [];
  for (const path of paths.filter((each) => !each.endsWith(".parquet"))) {
    for (const step of [1, 3]) frames.push(path, await copyAsFrame(path, step), String(step));
  }
  return linesOf(run("columnar/compare_frames.py", frames));
}

/** Adds a column to the bytes of a file, of which every row is kept, or each of so many; gives the path of the copy. */
async function copyAsFrame(path: string, step: number): Promise<string> {
  const copy = join(dirname(path), `frame-${step}-${basename(path)}`);
  const frame = await openFrame(readFileSync(path));
  const added = { name: "added", type: { type: "text" } } as const;
  const builder = frame.build([...frame.columns.map((name) => ({ name, from: name })), added]);
  const rows = frame.batches.reduce((sum, count) => sum + count, 0);
  for (let row = 0; row < rows; row += step) builder.add(row, { added: `row ${row}` });
  writeFileSync(copy, (await builder.finish()) as Uint8Array);
  return copy;
}
