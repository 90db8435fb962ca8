/**
 * Has openpyxl, XlsxWriter, pandas and Python's sqlite3 judge our Excel and SQLite: files of theirs are read here as they
 * read them, and files of ours there as they were. They are installed by pip into a cache outside the repository. Takes
 * seconds once they are there.
 */
import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { parseJson, type Row } from "../../packages/core/src/index.ts";
import { openSink, openSource } from "../../packages/formats/src/index.ts";
import { findPython, installPackages } from "../real-model/install.ts";

const REFEREES = ["openpyxl==3.1.5", "XlsxWriter==3.3.1", "pandas==3.1.1"];
const TABLE = "all types";

function runPython(python: string, packages: string, script: string, args: readonly string[]): string {
  const path = join(import.meta.dirname, script);
  const { status, stdout, stderr } = spawnSync(python, ["-B", path, ...args], {
    encoding: "utf8",
    env: { ...process.env, PYTHONPATH: packages },
  });
  if (status !== 0) throw new Error(`${script} failed: ${stderr}`);
  return stdout;
}

/** Reads a file as we do and tells where that is not what the referee read; copies it. */
async function readAndCopy(path: string, copy: string): Promise<string[]> {
  const source = openSource(path);
  const columnTypes = (await source.columnTypes()) ?? new Map();
  const rows = await Array.fromAsync<Row>(source);
  await ReadableStream.from(rows).pipeTo(await openSink(copy, { columnTypes, table: TABLE }));
  const lines = readFileSync(`${path}.jsonl`, "utf8").split("\n").filter(Boolean);
  if (lines.length !== rows.length) return [`${path}: ${rows.length} rows, and others read ${lines.length}`];
  return lines.flatMap((line, index) =>
    (parseJson(line) as [string, unknown][]).flatMap(([column, expected]) => {
      const cell = rows[index]?.[column];
      const plain = cell instanceof Uint8Array ? [...cell] : cell;
      return isDeepStrictEqual(plain, expected)
        ? []
        : [`${path}: ${column} of row ${index + 1} is ${String(cell)}`];
    }),
  );
}

async function judge(python: string): Promise<void> {
  const packages = installPackages(python, REFEREES, { dependencies: true });
  const folder = mkdtempSync(join(tmpdir(), "parrot-tables-"));
  try {
    runPython(python, packages, "write.py", [folder]);
    const differences: string[] = [];
    const pairs: string[] = [];
    for (const name of globSync("*.{xlsx,db}", { cwd: folder })) {
      const [path, copy] = [join(folder, name), join(folder, `copy-of-${name}`)];
      differences.push(...(await readAndCopy(path, copy)));
      pairs.push(path, copy);
    }
    differences.push(...runPython(python, packages, "compare.py", pairs).split("\n").filter(Boolean));
    for (const difference of differences.slice(0, 20)) console.log(difference);
    if (differences.length > 0)
      throw new Error(`${differences.length} differences in Excel and SQLite files`);
    console.log(
      `${pairs.length / 2} files of Excel and SQLite are read and written as Python's libraries do`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const python = findPython();
if (python === undefined) {
  console.log(
    "The tests with other readers of Excel did NOT run: there is no Python with pip on this machine.",
  );
} else {
  await judge(python);
}
