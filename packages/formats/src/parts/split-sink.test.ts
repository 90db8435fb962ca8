import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { arraySource, flatMapStream, type Item, type Row } from "@parallel-parrot/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSource, openSplitSink, type SplitSinkOptions } from "../index.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "parrot-split-"));
});
afterEach(() => rm(directory, { recursive: true }));

const SPLIT = { train: 0.8, test: 0.2 };

function docs(count: number): Row[] {
  return Array.from({ length: count }, (_, id) => ({ id: String(id), text: `document ${id}` }));
}

function out(name: string): string {
  return join(directory, name);
}

async function write(rows: readonly Row[], options: Partial<SplitSinkOptions> = {}): Promise<void> {
  await arraySource(rows).pipeTo(
    await openSplitSink(out("out.csv"), { split: SPLIT, overwrite: true, ...options }),
  );
}

async function idsIn(name: string): Promise<unknown[]> {
  return (await Array.fromAsync<Row>(openSource(out(name)))).map(({ id }) => id);
}

describe("openSplitSink", () => {
  it("openSplitSink shares the rows out by their shares, keeps their order and tells its files", async () => {
    const sink = await openSplitSink(out("out.csv"), { split: SPLIT });
    expect(sink.files).toEqual([]);
    await arraySource(docs(2000)).pipeTo(sink);
    const [train, test] = [await idsIn("out.train.csv"), await idsIn("out.test.csv")];
    expect(sink.files).toEqual([
      { path: out("out.train.csv"), part: "train", rows: train.length },
      { path: out("out.test.csv"), part: "test", rows: test.length },
    ]);
    expect(new Set([...train, ...test]).size).toBe(2000);
    expect(train.length + test.length).toBe(2000);
    expect(train).toEqual(train.toSorted((one, other) => Number(one) - Number(other)));
    // Of 2,000 rows at 20 %, the standard deviation is 18.
    expect(test.length).toBeGreaterThan(300);
    expect(test.length).toBeLessThan(500);
    expect(await readdir(directory)).toHaveLength(2);
  });

  it("openSplitSink puts a row into the same split whatever other rows there are", async () => {
    await write(docs(200));
    const before = await idsIn("out.test.csv");
    await write([{ id: "new", text: "one more" }, ...docs(300).toReversed()]);
    const after = new Set(await idsIn("out.test.csv"));
    expect(before.filter((id) => !after.has(id))).toEqual([]);
    const ofFirst = docs(200).map(({ id }) => id);
    expect(ofFirst.filter((id) => after.has(id))).toEqual(before);
  });

  it("openSplitSink gives no more rows to a split whose share stays when another is divided", async () => {
    await write(docs(300));
    const before = await idsIn("out.train.csv");
    await write(docs(300), { split: { train: 0.8, validation: 0.1, test: 0.1 } });
    expect(await idsIn("out.train.csv")).toEqual(before);
  });

  it("openSplitSink keeps all rows that are made of one row of the input together", async () => {
    const items: Item[] = docs(100).map((row, index) => ({ index, row }));
    const explode = flatMapStream(
      ({ row }: Item): Row[] => [1, 2, 3].map((question) => Object.assign({ question }, row)),
      { itemOf: (item) => item },
    );
    await arraySource(items)
      .pipeThrough(explode)
      .pipeTo(await openSplitSink(out("out.csv"), { split: SPLIT }));
    const test = await idsIn("out.test.csv");
    expect(test).toHaveLength(3 * new Set(test).size);
    expect(new Set(test).size).toBeGreaterThan(5);
    await write(docs(100));
    expect(await idsIn("out.test.csv")).toEqual([...new Set(test)]);
  });

  it("openSplitSink shares out by the columns of splitBy, and says when the first row lacks one", async () => {
    const rows = docs(200).map((row, index) => Object.assign({ person: String(index % 20) }, row));
    await write(rows, { splitBy: ["person"] });
    const test = (await Array.fromAsync<Row>(openSource(out("out.test.csv")))).map(({ person }) => person);
    expect(test).toHaveLength(10 * new Set(test).size);
    await expect(write(rows, { splitBy: ["persn"] })).rejects.toMatchObject({
      code: "MISSING_COLUMN",
      column: "persn",
      option: "splitBy",
    });
  });

  it("openSplitSink writes a split without rows as a file with its header", async () => {
    await write([], { columns: ["id", "text"] });
    expect(await readFile(out("out.test.csv"), "utf8")).toBe("id,text\n");
  });

  it("openSplitSink calls beforeNaming for all files before any of them has its name", async () => {
    const calls: [name: string, there: number][] = [];
    await write(docs(50), {
      beforeNaming: async (path, name) => {
        await readFile(path);
        const there = (await readdir(directory)).filter((file) => /^out\.\w+\.csv$/.test(file));
        calls.push([name, there.length]);
      },
    });
    expect(calls).toEqual([
      [out("out.train.csv"), 0],
      [out("out.test.csv"), 0],
    ]);
  });

  it("openSplitSink names no file where beforeNaming rejects, and keeps the rows in the partial files", async () => {
    const beforeNaming = (): Promise<void> => Promise.reject(new Error("the journal is full"));
    await expect(write(docs(50), { beforeNaming, partial: out("out.partial.csv") })).rejects.toThrow(
      "the journal is full",
    );
    expect((await readdir(directory)).toSorted()).toEqual(["out.partial.test.csv", "out.partial.train.csv"]);
    await expect(write(docs(50), { beforeNaming })).rejects.toThrow("the journal is full");
    expect(await readdir(directory)).toHaveLength(2);
  });

  it("openSplitSink opens no file where one of them exists already", async () => {
    await writeFile(out("out.test.csv"), "mine");
    await expect(openSplitSink(out("out.csv"), { split: SPLIT })).rejects.toMatchObject({
      code: "OUTPUT_EXISTS",
      file: out("out.test.csv"),
    });
    expect(await readdir(directory)).toEqual(["out.test.csv"]);
  });

  it("openSplitSink leaves nothing when it is aborted", async () => {
    const writer = (await openSplitSink(out("out.csv"), { split: SPLIT })).getWriter();
    for (const row of docs(20)) await writer.write(row);
    await writer.abort(new Error("enough"));
    expect(await readdir(directory)).toEqual([]);
  });

  it("openSplitSink names a row that cannot be written by its place among the rows of all files", async () => {
    const circular: Row = { id: "a" };
    circular["self"] = circular;
    await expect(
      arraySource([...docs(20), circular]).pipeTo(await openSplitSink(out("out.jsonl"), { split: SPLIT })),
    ).rejects.toMatchObject({ code: "INVALID_INPUT", row: 20 });
    expect(await readdir(directory)).toEqual([]);
    const places: number[] = [];
    const sink = await openSplitSink(out("out.jsonl"), {
      split: SPLIT,
      onUnwritable: ({ index }) => {
        places.push(index);
      },
    });
    await arraySource([...docs(20), circular, { id: "last" }]).pipeTo(sink);
    expect(places).toEqual([20]);
    expect(sink.files.reduce((sum, { rows }) => sum + rows, 0)).toBe(21);
  });

  it("openSplitSink counts the cells that all of its files have changed", async () => {
    const sink = await openSplitSink(out("out.csv"), { split: { a: 0.5, b: 0.5 } });
    await arraySource(docs(40).map(({ id }) => ({ id, text: "=1+1" }))).pipeTo(sink);
    expect(sink.changes.escapedFormulas).toBe(40);
  });

  it.each<[string, object]>([
    ["train: 0.9 and no more", { train: 0.9 }],
    ["shares beyond 1", { train: 0.9, test: 0.2 }],
    ["a share of 0", { train: 1, test: 0 }],
    ["a name that leads elsewhere", { "../train": 1 }],
    ["an accent", { prüfung: 1 }],
    ["names that one drive takes for the same", { train: 0.5, Train: 0.5 }],
    ["a list", [1]],
  ])("openSplitSink refuses shares with %s", async (_, split) => {
    await expect(
      openSplitSink(out("out.csv"), { split: split as Record<string, number> }),
    ).rejects.toMatchObject({ code: "INVALID_OPTION", option: "split" });
  });

  it("openSplitSink refuses standard output, which is one file", async () => {
    await expect(openSplitSink("-", { split: SPLIT })).rejects.toMatchObject({ code: "INVALID_OPTION" });
  });
});
