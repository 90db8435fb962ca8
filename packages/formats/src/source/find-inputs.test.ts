import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findInputs } from "../index.ts";
import { naturalOrder } from "./natural-order.ts";

let directory: string;
beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), "parrot-inputs-")));
});
afterEach(() => rm(directory, { recursive: true }));

async function files(...names: string[]): Promise<string[]> {
  const paths = names.map((name) => join(directory, name));
  for (const path of paths) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, "id\n1\n");
  }
  return paths;
}

describe("findInputs", () => {
  it("a folder stands for the files of rows in it and below, in the order of their numbers", async () => {
    const paths = await files("part-1.csv", "part-2.jsonl.gz", "part-10.parquet", "year=2025/part-0.csv");
    const others = await files("README.md", "notes");
    await files("_SUCCESS", ".part-3.csv", "_temporary/part-4.csv", ".git/x.csv");
    const { inputs, folders, leftOut } = await findInputs(directory);
    expect(inputs).toEqual(paths);
    expect(folders).toEqual([directory]);
    expect(leftOut).toEqual(others);
  });

  it("a pattern stands for the files that it matches, in the order of their numbers, and for no folder", async () => {
    const paths = await files("a/s9.csv", "a/s10.csv", "b/s1.csv");
    await files("a/s1.txt", "a/x.csv/inside.txt");
    expect((await findInputs(join(directory, "*/*.csv"))).inputs).toEqual(paths);
    expect((await findInputs(join(directory, "**/s1*.csv"))).inputs).toEqual([paths[1], paths[2]]);
    expect((await findInputs(join(directory, "{a,b}/s1?.csv"))).inputs).toEqual([paths[1]]);
  });

  it("several names keep their order, and a file whose name looks like a pattern is itself", async () => {
    const [b, a, odd] = await files("b.csv", "a.csv", "a[1].csv");
    const given = [b ?? "", "-", "https://example.com/x*.csv", odd ?? "", a ?? ""];
    expect((await findInputs(given)).inputs).toEqual(given);
  });

  it("the folders of inputs are those that were named, those in which patterns look, and those of files", async () => {
    const [file = ""] = await files("a/b/c.csv", "a/d/e.csv");
    const given = [
      join(directory, "a"),
      join(directory, "a/*/e.csv"),
      file,
      "https://example.com/x.csv",
      "-",
    ];
    const folders = [join(directory, "a"), join(directory, "a/b")];
    expect((await findInputs(given)).folders).toEqual(folders);
  });

  it("a file that is not there stays, so that opening it tells of that", async () => {
    const missing = join(directory, "missing.csv");
    expect((await findInputs(missing)).inputs).toEqual([missing]);
  });

  it("~ stands for the home folder where there is no such file", async () => {
    expect((await findInputs("~/no-such-file-here.csv")).inputs).toEqual([
      join(homedir(), "no-such-file-here.csv"),
    ]);
  });

  it("a pattern whose braces stand for more patterns than can be looked for is refused", async () => {
    await expect(findInputs(`${"{a,b}".repeat(40)}.csv`)).rejects.toThrow("more than 10000 patterns");
    await expect(findInputs("{1..999999999}.csv")).rejects.toThrow("more than 10000 patterns");
    await expect(findInputs("{1..100}{a,b}.csv")).rejects.toThrow("no file matches it");
  });

  it("a folder or pattern without files of rows is told by its name", async () => {
    await files("README.md");
    for (const name of [directory, join(directory, "*.csv")])
      await expect(findInputs(name)).rejects.toMatchObject({ code: "INPUT_NOT_FOUND", file: name });
  });

  it.skipIf(process.platform === "win32")(
    "a link that leads out of the folder or of the pattern's folder is refused, and one within is not",
    async () => {
      const [secret, inner] = await files("private.csv", "data/blobs/1");
      await symlink(inner ?? "", join(directory, "data/a.csv"));
      const names = [join(directory, "data"), join(directory, "data/*.csv")];
      for (const name of names)
        expect((await findInputs(name)).inputs).toEqual([join(directory, "data/a.csv")]);
      const link = join(directory, "data/b.csv");
      await symlink(secret ?? "", link);
      for (const name of names)
        await expect(findInputs(name)).rejects.toMatchObject({ code: "INPUT_UNREADABLE", file: link });
      expect((await findInputs(link)).inputs).toEqual([link]);
    },
  );

  it.each([[[]], [""], [["a.csv", ""]], [1]])("findInputs refuses %j as names", async (given) => {
    await expect(findInputs(given as string)).rejects.toMatchObject({ code: "INVALID_OPTION" });
  });
});

describe("naturalOrder", () => {
  it("numbers are ordered by value, however long and whatever zeros stand before them", () => {
    const ordered = ["a", "a1", "a01", "a2", "a10", `a${"9".repeat(40)}`, "a-1", "ab", "b"];
    expect(ordered.toReversed().toSorted(naturalOrder)).toEqual([
      "a",
      "a01",
      "a1",
      "a2",
      "a10",
      `a${"9".repeat(40)}`,
      "a-1",
      "ab",
      "b",
    ]);
  });
});
