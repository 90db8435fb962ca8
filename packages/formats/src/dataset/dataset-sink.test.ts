import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { arraySource, type Row } from "@parallel-parrot/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDataset, openSource, type ColumnTypes, type DatasetOptions } from "../index.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "parrot-dataset-"));
});
afterEach(() => rm(directory, { recursive: true }));

const SPLIT = { train: 0.8, test: 0.2 };
const TYPES: ColumnTypes = new Map([
  ["id", { type: "integer", bits: 64, signed: true }],
  ["text", { type: "text" }],
]);

function docs(count: number): Row[] {
  return Array.from({ length: count }, (_, id) => ({ id, text: `document ${id}` }));
}

function out(...names: readonly string[]): string {
  return join(directory, ...names);
}

async function write(rows: readonly Row[], options: DatasetOptions = {}): Promise<void> {
  await arraySource(rows).pipeTo(await openDataset(out("docs"), { columnTypes: TYPES, ...options }));
}

/** The files of a folder and what is in them. */
async function contentOf(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.includes("."));
  const files = names
    .toSorted()
    .map(async (name) => [name, await readFile(join(folder, name), "base64")] as const);
  return Object.fromEntries(await Promise.all(files));
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder, { recursive: true })).toSorted();
}

describe("openDataset", () => {
  it("openDataset writes Parquet files and a README.md that names the splits for load_dataset", async () => {
    const sink = await openDataset(out("docs"), { columnTypes: TYPES, split: SPLIT });
    await arraySource(docs(100)).pipeTo(sink);
    const [train, test] = ["data/train-00000-of-00001.parquet", "data/test-00000-of-00001.parquet"];
    expect(await namesIn(directory)).toEqual([
      "docs",
      "docs/README.md",
      "docs/data",
      `docs/${test}`,
      `docs/${train}`,
    ]);
    const source = openSource(out("docs", train));
    expect(await source.columnTypes()).toEqual(TYPES);
    const rows = [
      await Array.fromAsync<Row>(source),
      await Array.fromAsync<Row>(openSource(out("docs", test))),
    ];
    expect(rows.flat()).toHaveLength(100);
    expect(sink.files).toEqual([
      { path: out("docs", train), part: "train", rows: rows[0]?.length },
      { path: out("docs", test), part: "test", rows: rows[1]?.length },
    ]);
    expect(await readFile(out("docs", "README.md"), "utf8")).toBe(
      `---
configs:
  - config_name: default
    data_files:
      - split: "train"
        path: data/train-*.parquet
      - split: "test"
        path: data/test-*.parquet
---

# docs

| split | rows |
| ----- | ---: |
| train | ${rows[0]?.length} |
| test | ${rows[1]?.length} |
`,
    );
  });

  it("openDataset begins another shard after so many bytes, and writes the same bytes however the rows come", async () => {
    const rows = docs(41_000);
    const options = { columnTypes: TYPES, shardBytes: 1, split: { train: 1 } };
    await write(rows, options);
    const shards = [0, 1, 2].map((number) => `train-0000${number}-of-00003.parquet`);
    expect(await namesIn(out("docs", "data"))).toEqual(shards);
    const read = await Promise.all(
      shards.map((name) => Array.fromAsync<Row>(openSource(out("docs", "data", name)))),
    );
    expect(read.flat()).toEqual(rows.map(({ id, text }) => ({ id, text })));
    const writer = (await openDataset(out("again"), options)).getWriter();
    for (const row of rows) await writer.write(row);
    await writer.close();
    const [one, other] = [await contentOf(out("docs", "data")), await contentOf(out("again", "data"))];
    expect(Object.keys(other)).toEqual(shards);
    expect(other).toEqual(one);
  });

  it("openDataset shows nothing at the folder's name before everything is in it", async () => {
    const seen: (readonly string[])[] = [];
    await write(docs(10), {
      partial: out("docs.partial"),
      beforeNaming: async (path, name) => {
        expect(name).toBe(path.replace("docs.partial", "docs"));
        await readFile(path);
        seen.push(await readdir(directory));
      },
    });
    expect(seen).toEqual([["docs.partial"], ["docs.partial"]]);
    expect(await readdir(directory)).toEqual(["docs"]);
  });

  it("openDataset leaves nothing when it is aborted, or the finished rows in the partial folder", async () => {
    const writer = (await openDataset(out("docs"), { columnTypes: TYPES })).getWriter();
    for (const row of docs(3)) await writer.write(row);
    await writer.abort(new Error("enough"));
    expect(await readdir(directory)).toEqual([]);
    const partial = out("docs.partial");
    const kept = (await openDataset(out("docs"), { columnTypes: TYPES, split: SPLIT, partial })).getWriter();
    for (const row of docs(20)) await kept.write(row);
    await kept.abort(new Error("enough"));
    expect(await readdir(directory)).toEqual(["docs.partial"]);
    const names = await readdir(join(partial, "data"));
    expect(names.toSorted()).toEqual(["test-00000.partial.parquet", "train-00000.partial.parquet"]);
    const rows = await Promise.all(
      names.map((name) => Array.fromAsync<Row>(openSource(join(partial, "data", name)))),
    );
    expect(rows.flat()).toHaveLength(20);
    await expect(openDataset(out("docs"), { partial })).rejects.toMatchObject({ code: "OUTPUT_EXISTS" });
    await write(docs(5), { partial, replacePartial: true });
    expect(await readdir(directory)).toEqual(["docs"]);
  });

  it("openDataset leaves out a split without rows, for which load_dataset would refuse the folder", async () => {
    const sink = await openDataset(out("docs"), { columnTypes: TYPES, split: SPLIT });
    await arraySource(docs(1)).pipeTo(sink);
    expect(sink.files.map(({ part, rows }) => [part, rows])).toEqual([["train", 1]]);
    expect(await readdir(out("docs", "data"))).toEqual(["train-00000-of-00001.parquet"]);
    expect(await readFile(out("docs", "README.md"), "utf8")).not.toContain("test");
    await write([], { split: SPLIT, overwrite: true });
    expect(await readdir(out("docs", "data"))).toHaveLength(2);
  });

  it("openDataset removes a partial folder in which no row has come", async () => {
    const sink = await openDataset(out("docs"), { columnTypes: TYPES, partial: out("docs.partial") });
    await sink.abort(new Error("enough"));
    expect(await readdir(directory)).toEqual([]);
  });

  it("openDataset refuses a folder that exists, and replaces an earlier dataset whole with overwrite", async () => {
    await write(docs(20_500), { shardBytes: 1 });
    await expect(write(docs(10))).rejects.toMatchObject({ code: "OUTPUT_EXISTS", file: out("docs") });
    await write(docs(10), { overwrite: true });
    expect(await namesIn(directory)).toEqual([
      "docs",
      "docs/README.md",
      "docs/data",
      "docs/data/train-00000-of-00001.parquet",
    ]);
  });

  it.each<[what: string, make: (folder: string) => Promise<void>]>([
    ["a file of somebody's in it", async (folder) => writeFile(join(folder, "notes.txt"), "mine")],
    [
      "a file of somebody's beside its shards",
      async (folder) => writeFile(join(folder, "data", "mine.parquet"), ""),
    ],
    ["a repository of its own", (folder) => mkdir(join(folder, ".git"))],
    [
      "a link for its data",
      async (folder) => {
        await rm(join(folder, "data"), { recursive: true });
        await mkdir(out("elsewhere"));
        await symlink(out("elsewhere"), join(folder, "data"));
      },
    ],
  ])("openDataset never replaces a folder with %s", async (_, make) => {
    await write(docs(3));
    await make(out("docs"));
    const before = await namesIn(out("docs"));
    await expect(write(docs(3), { overwrite: true })).rejects.toMatchObject({ code: "OUTPUT_EXISTS" });
    expect(await namesIn(out("docs"))).toEqual(before);
  });

  it("openDataset never replaces a file or a link, and takes an empty folder", async () => {
    await mkdir(out("elsewhere"));
    await symlink(out("elsewhere"), out("docs"));
    await expect(write(docs(3), { overwrite: true })).rejects.toMatchObject({ code: "OUTPUT_EXISTS" });
    await rm(out("docs"));
    await writeFile(out("docs"), "mine");
    await expect(write(docs(3), { overwrite: true })).rejects.toMatchObject({ code: "OUTPUT_EXISTS" });
    await rm(out("docs"));
    await mkdir(out("docs"));
    await write(docs(3));
    expect(await readdir(out("docs", "data"))).toHaveLength(1);
  });

  it("openDataset gives the folder back to whoever took its name in the meantime", async () => {
    const sink = await openDataset(out("docs"), { columnTypes: TYPES });
    await mkdir(out("docs"));
    await writeFile(out("docs", "notes.txt"), "mine");
    await expect(arraySource(docs(3)).pipeTo(sink)).rejects.toMatchObject({
      code: "OUTPUT_EXISTS",
      message: expect.stringContaining("the finished dataset is in"),
    });
    expect(await readdir(out("docs"))).toEqual(["notes.txt"]);
    expect(await readdir(directory)).toHaveLength(2);
  });

  it("openDataset says which directory is missing", async () => {
    await expect(openDataset(out("no", "docs"))).rejects.toMatchObject({
      code: "OUTPUT_UNWRITABLE",
      message: expect.stringContaining(`the directory ${out("no")} does not exist`),
    });
  });

  it("openDataset tells a row that a column's type cannot hold by its place, and goes on where it is asked to", async () => {
    const rows = [...docs(300), { id: "many", text: "" }, ...docs(3)];
    await expect(write(rows)).rejects.toMatchObject({ code: "INVALID_INPUT", row: 300, column: "id" });
    expect(await readdir(directory)).toEqual([]);
    const places: number[] = [];
    await write(rows, { split: SPLIT, onUnwritable: ({ index }) => void places.push(index) });
    expect(places).toEqual([300]);
  });
});
