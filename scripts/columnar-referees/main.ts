/**
 * Has pyarrow, polars and DuckDB judge our Parquet and Arrow: files of theirs are read here as they read them, and files of ours
 * there as they were. The three are installed by pip into a cache outside the repository. Takes seconds once they are
 * there.
 */
import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { isRecord, parseJson, type Row } from "../../packages/core/src/index.ts";
import { openFrame, openSink, openSource } from "../../packages/formats/src/index.ts";
import { findPython, installPackages } from "../real-model/install.ts";

const REFEREES = ["pyarrow==26.0.1", "polars==2.1.0", "duckdb==2.0.1"];

function runPython(python: string, packages: string, script: string, args: readonly string[]): string {
  const path = join(import.meta.dirname, script);
  const { status, stdout, stderr } = spawnSync(python, ["-B", path, ...args], {
    encoding: "utf8",
    env: { ...process.env, PYTHONPATH: packages },
  });
  if (status !== 0) throw new Error(`${script} failed: ${stderr}`);
  return stdout;
}

/** Whether a cell of ours is what pyarrow says. A decimal may be a number or text. */
function isSame(cell: unknown, expected: unknown): boolean {
  if (isRecord(expected) && typeof expected["decimal"] === "string")
    return isDecimal(cell, expected["decimal"]);
  if (cell instanceof Uint8Array) return isDeepStrictEqual([...cell], expected);
  return isDeepStrictEqual(cell, expected);
}

function isDecimal(cell: unknown, expected: string): boolean {
  return typeof cell === "string" ? cell === expected : cell === Number(expected) && expected.length <= 18;
}

/** Reads a file as we do and tells where that is not what pyarrow read; copies it. */
async function readAndCopy(path: string, copy: string): Promise<string[]> {
  const source = openSource(path);
  const columnTypes = (await source.columnTypes()) ?? new Map();
  const rows = await Array.fromAsync<Row>(source);
  await ReadableStream.from(rows).pipeTo(await openSink(copy, { columnTypes }));
  const lines = readFileSync(`${path}.jsonl`, "utf8").split("\n").filter(Boolean);
  if (lines.length !== rows.length)
    return [`${path}: ${rows.length} rows, and pyarrow reads ${lines.length}`];
  return lines.flatMap((line, index) =>
    (parseJson(line) as [string, unknown][]).flatMap(([column, expected]) => {
      const cell = rows[index]?.[column];
      return isSame(cell, expected) ? [] : [`${path}: ${column} of row ${index + 1} is ${String(cell)}`];
    }),
  );
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

async function judge(python: string): Promise<void> {
  const packages = installPackages(python, REFEREES, { dependencies: true });
  const folder = mkdtempSync(join(tmpdir(), "parrot-columnar-"));
  try {
    runPython(python, packages, "write.py", [folder]);
    const differences: string[] = [];
    const pairs: string[] = [];
    const frames: string[] = [];
    for (const name of globSync("*.{parquet,arrow,arrows,feather}", { cwd: folder })) {
      const [path, copy] = [join(folder, name), join(folder, `copy-of-${name}`)];
      differences.push(...(await readAndCopy(path, copy)));
      pairs.push(path, copy);
      if (name.endsWith(".parquet")) continue;
      for (const step of [1, 3]) frames.push(path, await copyAsFrame(path, step), String(step));
    }
    differences.push(...runPython(python, packages, "compare.py", pairs).split("\n").filter(Boolean));
    differences.push(...runPython(python, packages, "compare_frames.py", frames).split("\n").filter(Boolean));
    for (const difference of differences.slice(0, 20)) console.log(difference);
    if (differences.length > 0)
      throw new Error(`${differences.length} differences in files of Parquet and Arrow`);
    console.log(
      `${pairs.length / 2} files of Parquet and Arrow are read and written as pyarrow, polars and DuckDB do`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const python = findPython();
if (python === undefined) {
  console.log(
    "The tests with other readers of Parquet and Arrow did NOT run: there is no Python with pip on this machine.",
  );
} else {
  await judge(python);
}
