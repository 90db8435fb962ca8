/**
 * Reads files with pyarrow and pandas before and after they went through a source and a sink, and compares: a column
 * of integers stays one of integers, with every digit. Needs a Python with both, which PYTHON names.
 *
 *     PYTHON=python3 node --conditions=@parallel-parrot/source scripts/read-with-pyarrow.ts
 */
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { openSink, openSource } from "../src/index.ts";

/** Tells the column types and cells of each file that it is given, or its error, as lines of JSON. */
const READER = `
import json, sys
import pandas
import pyarrow.csv, pyarrow.json

def arrow(path):
    table = pyarrow.csv.read_csv(path) if path.endswith(".csv") else pyarrow.json.read_json(path)
    return {name: [str(table[name].type), [str(cell) for cell in table[name].to_pylist()]] for name in table.column_names}

def panda(path):
    frame = pandas.read_csv(path) if path.endswith(".csv") else pandas.read_json(path, lines=True, dtype=True)
    return {name: [str(frame[name].dtype), [str(cell) for cell in frame[name]]] for name in frame.columns}

for path in sys.argv[1:]:
    for read in (arrow, panda):
        try:
            print(json.dumps(read(path)))
        except Exception as error:
            print(json.dumps({"error": type(error).__name__ + ": " + str(error)[:100]}))
`;

const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };

/** JSON Lines, each a column of numbers called "id". */
const COLUMNS: readonly (readonly [name: string, lines: readonly string[]])[] = [
  ["small and large", ['{"id":5}', '{"id":1234567890123456789}']],
  ["large first", ['{"id":1234567890123456789}', '{"id":5}']],
  ["around 2^53", ['{"id":9007199254740991}', '{"id":9007199254740992}', '{"id":9007199254740993}']],
  ["the ends of int64", [`{"id":${INT64.min}}`, `{"id":${INT64.max}}`]],
  ["in a struct", ['{"id":{"a":5}}', '{"id":{"a":1234567890123456789}}']],
  ["in a list", ['{"id":[5,9007199254740993]}', '{"id":[]}']],
  ["decimals", ['{"id":0.1}', '{"id":0.30000000000000004}', '{"id":1e-7}']],
  ["decimals of 19 digits", ['{"id":0.1234567890123456789}', '{"id":0.5}']],
  ["with a null", ['{"id":null}', '{"id":1234567890123456789}']],
  ...fc
    .sample(fc.array(fc.bigInt(INT64), { minLength: 2, maxLength: 50 }), { numRuns: 20, seed: 1 })
    .map((ids, index) => [`random ${index + 1}`, ids.map((id) => `{"id":${id}}`)] as const),
];

function read(paths: readonly string[]): string[] {
  const { stdout, stderr, status } = spawnSync(process.env["PYTHON"] ?? "python3", ["-c", READER, ...paths], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`Cannot read with Python: ${stderr}`);
  return stdout.trim().split("\n");
}

async function copy(from: string, to: string): Promise<void> {
  await openSource(from).pipeTo(await openSink(to));
}

const folder = await mkdtemp(join(tmpdir(), "parrot-pyarrow-"));
let differences = 0;
try {
  for (const [name, lines] of COLUMNS) {
    const [before, after, csv] = ["before.jsonl", "after.jsonl", "after.csv"].map((file) =>
      join(folder, `${name}-${file}`),
    ) as [string, string, string];
    await writeFile(before, `${lines.join("\n")}\n`);
    await copy(before, after);
    await copy(before, csv);
    const [arrow, pandas, arrowAfter, pandasAfter, arrowCsv] = read([before, after, csv]);
    const isSame = arrow === arrowAfter && pandas === pandasAfter;
    const isSameInCsv = name.startsWith("in a") || name.startsWith("with a") || arrow === arrowCsv;
    if (isSame && isSameInCsv) continue;
    differences += 1;
    process.stdout.write(`${name}:\n${[arrow, arrowAfter, pandas, pandasAfter, arrowCsv].join("\n")}\n`);
  }
} finally {
  await rm(folder, { recursive: true });
}
process.stdout.write(`${COLUMNS.length} columns, ${differences} read otherwise than before\n`);
process.exitCode = differences === 0 ? 0 : 1;
