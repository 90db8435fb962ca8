import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { arraySource, parseJson, type Row } from "../../packages/core/src/index.ts";
import {
  openDataset,
  openSource,
  type ColumnTypes,
  type DatasetOptions,
} from "../../packages/formats/src/index.ts";
import type { RunScript } from "./python.ts";

const TYPES: ColumnTypes = new Map([
  ["id", { type: "integer", bits: 64, signed: true }],
  ["text", { type: "text" }],
  ["score", { type: "float", bits: 64 }],
  ["tags", { type: "list", of: { type: "text" } }],
]);

const ROWS: readonly Row[] = Array.from({ length: 25_000 }, (_, id) => ({
  id,
  text: id % 7 === 0 ? null : `Straße ${id} 🦜`,
  score: id / 4,
  tags: ["a", String(id % 3)],
}));

const FOLDERS: readonly (readonly [name: string, rows: readonly Row[], options: DatasetOptions])[] = [
  ["plain", ROWS.slice(0, 100), {}],
  ["split", ROWS.slice(0, 1000), { split: { train: 0.9, test: 0.1 } }],
  ["shards", ROWS, { shardBytes: 1, split: { train: 0.95, validation: 0.05 } }],
  ["a split without rows is left out", ROWS.slice(0, 1), { split: { train: 0.5, test: 0.5 } }],
];

type Splits = Readonly<Record<string, readonly Row[]>>;

/** Writes a folder and gives the rows that are in each of its splits, as we read them. */
async function write(folder: string, rows: readonly Row[], options: DatasetOptions): Promise<Splits> {
  const sink = await openDataset(folder, { columnTypes: TYPES, ...options });
  await arraySource(rows).pipeTo(sink);
  const splits: Record<string, Row[]> = {};
  for (const { path, part } of sink.files)
    splits[part] = [...(splits[part] ?? []), ...(await Array.fromAsync<Row>(openSource(path)))];
  return splits;
}

/** Has Hugging Face's `datasets` read the folders that we write: every row, in its split and with its types. */
export async function judgeDataset(run: RunScript): Promise<void> {
  const place = mkdtempSync(join(tmpdir(), "parrot-dataset-"));
  try {
    const written: Record<string, Splits> = {};
    for (const [name, rows, options] of FOLDERS)
      written[join(place, name)] = await write(join(place, name), rows, options);
    const offline = { HF_HOME: join(place, "cache"), HF_HUB_OFFLINE: "1" };
    const read = parseJson(run("dataset/read.py", Object.keys(written), offline)) as Readonly<
      Record<string, unknown>
    >;
    for (const [folder, splits] of Object.entries(written)) {
      if (!isDeepStrictEqual(read[folder], splits)) throw new Error(`datasets reads other rows in ${folder}`);
    }
    console.log(`datasets reads the rows of ${FOLDERS.length} folders as they were written`);
  } finally {
    rmSync(place, { recursive: true });
  }
}
