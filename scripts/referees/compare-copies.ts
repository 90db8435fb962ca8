import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { isRecord, parseJson, type Row } from "../../packages/core/src/index.ts";
import { openSink, openSource, type OpenSinkOptions } from "../../packages/formats/src/index.ts";
import type { RunScript } from "./python.ts";

/** Files of others whose readings are compared. */
export interface Comparison {
  /** What they are, for messages. */
  readonly files: string;
  /** The folder of the scripts: `write.py` writes the files and what is in them, `compare.py` compares them with copies. */
  readonly scripts: string;
  /** The files that are compared. */
  readonly pattern: string;
  readonly sink?: Omit<OpenSinkOptions, "columnTypes">;
  /** Compares more; gives the differences. */
  readonly compareMore?: (paths: readonly string[]) => Promise<readonly string[]>;
}

/**
 * Reads files of others and tells where a cell is not what they read; writes their rows again and has them compare.
 *
 * @throws where anything differs
 */
export async function compareCopies(run: RunScript, comparison: Comparison): Promise<void> {
  const { files, scripts, pattern, sink = {}, compareMore } = comparison;
  const folder = mkdtempSync(join(tmpdir(), `parrot-${scripts}-`));
  try {
    run(`${scripts}/write.py`, [folder]);
    const names = globSync(pattern, { cwd: folder });
    const pairs = names.map((name) => [join(folder, name), join(folder, `copy-of-${name}`)] as const);
    const differences: string[] = [];
    for (const [path, copy] of pairs) differences.push(...(await readAndCopy(path, copy, sink)));
    differences.push(...linesOf(run(`${scripts}/compare.py`, pairs.flat())));
    differences.push(...((await compareMore?.(pairs.map(([path]) => path))) ?? []));
    for (const difference of differences.slice(0, 20)) console.log(difference);
    if (differences.length > 0) throw new Error(`${differences.length} differences in ${files}`);
    console.log(`${names.length} ${files} are read and written as others do`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What a script prints, line by line. */
export function linesOf(text: string): readonly string[] {
  return text.split("\n").filter(Boolean);
}

async function readAndCopy(path: string, copy: string, options: OpenSinkOptions): Promise<readonly string[]> {
  const source = openSource(path);
  const columnTypes = (await source.columnTypes()) ?? new Map();
  const rows = await Array.fromAsync<Row>(source);
  await ReadableStream.from(rows).pipeTo(await openSink(copy, { columnTypes, ...options }));
  const expected = linesOf(readFileSync(`${path}.jsonl`, "utf8"));
  if (expected.length !== rows.length)
    return [`${path}: ${rows.length} rows, and others read ${expected.length}`];
  return expected.flatMap((line, index) =>
    (parseJson(line) as [string, unknown][]).flatMap(([column, value]) => {
      const cell = rows[index]?.[column];
      return isSame(cell, value) ? [] : [`${path}: ${column} of row ${index + 1} is ${String(cell)}`];
    }),
  );
}

/** Whether a cell of ours is what others say. A decimal may be a number or text. */
function isSame(cell: unknown, expected: unknown): boolean {
  if (isRecord(expected) && typeof expected["decimal"] === "string")
    return isDecimal(cell, expected["decimal"]);
  return isDeepStrictEqual(cell instanceof Uint8Array ? [...cell] : cell, expected);
}

function isDecimal(cell: unknown, expected: string): boolean {
  return typeof cell === "string" ? cell === expected : cell === Number(expected) && expected.length <= 18;
}
