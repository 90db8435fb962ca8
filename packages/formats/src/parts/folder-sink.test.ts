import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { arraySource, flatMapStream, type Item, type Row } from "@parallel-parrot/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openFolderSink, type FolderSinkOptions } from "../index.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "parrot-folder-"));
});
afterEach(() => rm(directory, { recursive: true }));

const FILES = ["2024/a.jsonl", "2024/b.jsonl", "c.csv"];

function out(...names: readonly string[]): string {
  return join(directory, "out", ...names);
}

/** Rows of an input, by which a sink knows where what is made of them goes. */
function inputOf(rows: readonly Row[]): ReadableStream<Row> {
  let index = -1;
  const itemOf = (row: Row): Item => ({ index: (index += 1), row });
  return arraySource(rows).pipeThrough(flatMapStream((row: Row) => [row], { itemOf }));
}

/** Rows that go to these files. */
function rowsOf(files: readonly number[]): ReadableStream<Row> {
  return inputOf(files.map((file, id) => ({ id, file })));
}

async function write(rows: readonly number[], options: Partial<FolderSinkOptions> = {}): Promise<void> {
  const fileOf = ({ row }: Item): number => Number(row["file"]);
  await rowsOf(rows).pipeTo(await openFolderSink(out(), { files: FILES, fileOf, ...options }));
}

async function written(): Promise<string[]> {
  return (await readdir(directory, { recursive: true })).toSorted();
}

describe("openFolderSink", () => {
  it("openFolderSink writes each row to its file and tells the files, also one without rows", async () => {
    const sink = await openFolderSink(out(), {
      files: FILES,
      fileOf: ({ index }) => (index < 2 ? 0 : 2),
      optionsOf: (file) => (file === 2 ? { columns: ["id", "note"] } : {}),
    });
    expect(sink.files).toEqual([]);
    await rowsOf([0, 0, 2]).pipeTo(sink);
    expect(sink.files).toEqual([
      { path: out("2024/a.jsonl"), part: "2024/a.jsonl", rows: 2 },
      { path: out("2024/b.jsonl"), part: "2024/b.jsonl", rows: 0 },
      { path: out("c.csv"), part: "c.csv", rows: 1 },
    ]);
    expect(await readFile(out("2024/a.jsonl"), "utf8")).toBe('{"id":0,"file":0}\n{"id":1,"file":0}\n');
    expect(await readFile(out("2024/b.jsonl"), "utf8")).toBe("");
    expect(await readFile(out("c.csv"), "utf8")).toBe("id,note,file\n2,,2\n");
    expect(await written()).toEqual(["out", "out/2024", "out/2024/a.jsonl", "out/2024/b.jsonl", "out/c.csv"]);
  });

  it("openFolderSink has one file open at a time, and names each before the next is opened", async () => {
    const told: string[] = [];
    await write([0, 1, 2], {
      optionsOf(file) {
        told.push(`open ${FILES[file]}`);
        return {};
      },
      async beforeNaming(_, name) {
        told.push(`name ${name.slice(out("/").length)}`);
        expect((await written()).filter((path) => path.endsWith(".tmp"))).toHaveLength(1);
      },
    });
    expect(told).toEqual(FILES.flatMap((file) => [`open ${file}`, `name ${file}`]));
  });

  it("openFolderSink keeps complete files where a later one fails, and nothing of that one", async () => {
    const error = new Error("no more");
    const failing = write([0, 1, 1], {
      beforeNaming: (_, name) => (name.endsWith("b.jsonl") ? Promise.reject(error) : Promise.resolve()),
    });
    await expect(failing).rejects.toBe(error);
    expect(await written()).toEqual(["out", "out/2024", "out/2024/a.jsonl"]);
  });

  it("openFolderSink leaves no folder behind where nothing was written", async () => {
    const sink = await openFolderSink(out(), { files: FILES, fileOf: () => 0 });
    expect(await written()).toEqual(["out", "out/2024"]);
    await sink.abort(new Error("not now"));
    expect(await written()).toEqual([]);
  });

  it("openFolderSink tells of a row that cannot be written by its number among all rows", async () => {
    const told: number[] = [];
    const cyclic: Record<string, unknown> = {};
    cyclic["self"] = cyclic;
    const sink = await openFolderSink(out(), {
      files: FILES,
      fileOf: ({ index }) => Math.min(index, 1),
      onUnwritable: ({ index }) => void told.push(index),
    });
    await inputOf([{ id: 0 }, { id: 1 }, { id: 2, cyclic }]).pipeTo(sink);
    expect(told).toEqual([2]);
    expect(sink.files.map(({ rows }) => rows)).toEqual([1, 1, 0]);
  });

  it("openFolderSink refuses a row of a file before, as that is complete", async () => {
    await expect(write([1, 0])).rejects.toThrow("rows of a later file came before it");
  });

  it("openFolderSink refuses a row that belongs to none of its files", async () => {
    await expect(write([7])).rejects.toThrow("not known which file it belongs to");
    const sink = await openFolderSink(out(), { files: FILES, fileOf: () => 0 });
    await expect(arraySource<Row>([{ id: 0 }]).pipeTo(sink)).rejects.toThrow("not known which file");
  });

  it("openFolderSink refuses what is in the way of any file before the first row", async () => {
    await mkdir(out());
    await writeFile(out("c.csv"), "mine\n");
    await expect(write([])).rejects.toMatchObject({ code: "OUTPUT_EXISTS", file: out("c.csv") });
    expect(await written()).toEqual(["out", "out/c.csv"]);
    await writeFile(out("2024"), "mine\n");
    await expect(write([], { overwrite: true })).rejects.toMatchObject({ code: "OUTPUT_UNWRITABLE" });
    await rm(out("2024"));
    await write([0, 2], { overwrite: true });
    expect(await readFile(out("c.csv"), "utf8")).toBe("id,file\n1,2\n");
  });

  it("openFolderSink follows no link out of its folder, be it to a folder or to a file", async () => {
    await mkdir(out());
    await mkdir(join(directory, "elsewhere"));
    const precious = join(directory, "elsewhere", "c.csv");
    await writeFile(precious, "mine\n");
    await symlink(join(directory, "elsewhere"), out("2024"));
    await expect(write([0], { overwrite: true })).rejects.toMatchObject({ code: "OUTPUT_EXISTS" });
    await rm(out("2024"));
    await symlink(precious, out("c.csv"));
    await expect(write([0], { overwrite: true })).rejects.toMatchObject({ code: "OUTPUT_EXISTS" });
    expect(await readFile(precious, "utf8")).toBe("mine\n");
    expect(await readdir(join(directory, "elsewhere"))).toEqual(["c.csv"]);
  });

  it("openFolderSink needs the folder that its own folder is in", async () => {
    const sink = openFolderSink(out("deep"), { files: FILES, fileOf: () => 0 });
    await expect(sink).rejects.toMatchObject({ code: "OUTPUT_UNWRITABLE" });
  });

  it.each([[["../a.csv"]], [["/a.csv"]], [[""]], [["a/../../b.csv"]], [["a.csv", "./a.csv"]], [["a/"]]])(
    "openFolderSink refuses the files %j",
    async (files) => {
      await expect(openFolderSink(out(), { files, fileOf: () => 0 })).rejects.toMatchObject({
        code: "INVALID_OPTION",
        option: "files",
      });
    },
  );
});
