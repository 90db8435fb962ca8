import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import {
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { ParrotError } from "@parallel-parrot/core";
import { readAll, sourceOf } from "@parallel-parrot/core/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openSink, openSource, type Format, type OpenSinkOptions } from "../index.ts";

let directory: string;
let output: string;
let partial: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "parrot-partial-"));
  output = join(directory, "out.csv");
  partial = join(directory, "out.partial.csv");
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(directory, { recursive: true });
});

/** What has no JSON. */
function circle(): Record<string, unknown> {
  const cell: Record<string, unknown> = {};
  cell["self"] = cell;
  return cell;
}

const FORMATS: readonly Format[] = ["csv", "tsv", "jsonl", "json"];
const ROWS = [
  { a: "1", b: "x" },
  { a: "2", b: "y" },
];

/** A writer of `out.csv` that grows in `out.partial.csv`. */
async function openWriter(options: OpenSinkOptions = {}): Promise<WritableStreamDefaultWriter> {
  return (await openSink(output, { partial, ...options })).getWriter();
}

describe("a partial file", () => {
  it("a partial file has the rows until the output is complete, then gets its name", async () => {
    const writer = await openWriter();
    expect(await readdir(directory)).toEqual(["out.partial.csv"]);
    await writer.write({ a: "x".repeat(100_000) });
    const growing = await stat(partial);
    expect(growing.size).toBeGreaterThan(100_000);
    expect(growing.mode & 0o777).toBe(0o600);
    await writer.write({ a: "y" });
    await writer.close();
    expect(await readdir(directory)).toEqual(["out.csv"]);
    expect(await readAll(openSource(output))).toEqual([{ a: "x".repeat(100_000) }, { a: "y" }]);
    const reference = join(directory, "reference");
    await writeFile(reference, "");
    expect((await stat(output)).mode).toBe((await stat(reference)).mode);
  });

  it("a partial file gets the rights of the file that it replaces", async () => {
    await writeFile(output, "old", { mode: 0o640 });
    const writer = await openWriter({ overwrite: true });
    expect((await stat(partial)).mode & 0o777).toBe(0o600);
    await writer.close();
    expect((await stat(output)).mode & 0o777).toBe(0o640);
  });

  it("a partial file can be a file URL, and in another directory of the drive", async () => {
    partial = join(directory, "elsewhere", "rows.csv");
    await mkdir(join(directory, "elsewhere"));
    await sourceOf(ROWS).pipeTo(await openSink(output, { partial: pathToFileURL(partial) }));
    expect(await readAll(openSource(output))).toEqual(ROWS);
    expect(await readdir(join(directory, "elsewhere"))).toEqual([]);
  });

  it("a partial file is not used for a device or stream", async () => {
    await sourceOf(ROWS).pipeTo(await openSink("/dev/null", { format: "csv", partial }));
    await sourceOf(ROWS).pipeTo(await openSink(new WritableStream(), { format: "csv", partial }));
    expect(await readdir(directory)).toEqual([]);
  });

  it.each([...FORMATS, "csv.gz", "json.gz", "jsonl.zst"])(
    "a partial file of %s is ended as a whole file by an abort",
    async (extension) => {
      partial = join(directory, `partial.${extension}`);
      const sink = await openSink(join(directory, `out.${extension}`), { partial });
      const writer = sink.getWriter();
      for (const row of ROWS) await writer.write(row);
      await writer.abort(new Error("stopped"));
      expect(await readdir(directory)).toEqual([`partial.${extension}`]);
      expect(await readAll(openSource(partial))).toEqual(ROWS);
    },
  );

  it("a partial file goes when the output is aborted before the first row", async () => {
    const writer = await openWriter({ columns: ["a"] });
    await writer.abort(new Error("stopped"));
    expect(await readdir(directory)).toEqual([]);
  });

  it("a partial file keeps the rows before one that cannot be written, and the error says so", async () => {
    const writer = await openWriter();
    for (const row of ROWS) await writer.write(row);
    await expect(writer.write({ a: circle() })).rejects.toMatchObject({
      code: "INVALID_INPUT",
      row: 2,
      column: "a",
      message: expect.stringMatching(/row 3 as JSON.*; the first 2 rows are in .*out\.partial\.csv$/),
    });
    expect(await readdir(directory)).toEqual(["out.partial.csv"]);
    expect(await readAll(openSource(partial))).toEqual(ROWS);
  });

  it("a partial file gets the columns that come late, at the end and at an abort, and leaves no other file", async () => {
    const rows = [{ a: "1" }, { a: "2", b: "3" }];
    const wide = [
      { a: "1", b: "" },
      { a: "2", b: "3" },
    ];
    for (const [end, name] of [
      ["close", "out.csv"],
      ["abort", "out.partial.csv"],
    ] as const) {
      const writer = await openWriter({ overwrite: true, replacePartial: true });
      for (const row of rows) await writer.write(row);
      await writer[end]();
      expect(await readdir(directory)).toEqual([name]);
      expect(await readAll(openSource(join(directory, name)))).toEqual(wide);
      await rm(join(directory, name));
    }
  });

  it("a partial file stays, with all rows, when the output's name is taken meanwhile", async () => {
    const writer = await openWriter();
    await writer.write({ a: 1 });
    await writer.write({ a: 1, b: 2 });
    await writeFile(output, "of another process");
    await expect(writer.close()).rejects.toMatchObject({
      code: "OUTPUT_EXISTS",
      file: output,
      message: expect.stringContaining(`the finished rows are in ${partial};`),
    });
    expect(await readFile(output, "utf8")).toBe("of another process");
    expect(await readFile(partial, "utf8")).toBe("a,b\n1,\n1,2\n");
    expect(await readdir(directory)).toHaveLength(2);
  });

  it("a partial file is shown whole before it gets its name, and stays where that is refused", async () => {
    const shown: unknown[] = [];
    const writer = await openWriter({
      beforeNaming: async (path) =>
        void shown.push(path, await readFile(path, "utf8"), await readdir(directory)),
    });
    await writer.write({ a: 1 });
    await writer.write({ b: 2 });
    await writer.close();
    expect(shown).toEqual([partial, "a,b\n1,\n,2\n", ["out.partial.csv"]]);
    expect(await readdir(directory)).toEqual(["out.csv"]);

    const refused = await openWriter({
      overwrite: true,
      beforeNaming: () => Promise.reject(new ParrotError("JOURNAL_FAILED", "refused")),
    });
    await refused.write({ a: 3 });
    await expect(refused.close()).rejects.toThrow(`refused; the first row is in ${partial}`);
    expect(await readFile(partial, "utf8")).toBe("a\n3\n");
    expect(await readFile(output, "utf8")).toBe("a,b\n1,\n,2\n");
  });

  it("a partial file of another run does not get the output's name, and is left to that run", async () => {
    const writer = await openWriter();
    await writer.write({ a: 1 });
    const other = await openWriter({ replacePartial: true });
    await other.write({ a: "other" });
    await expect(writer.close()).rejects.toMatchObject({
      code: "OUTPUT_UNWRITABLE",
      file: output,
      message: expect.stringMatching(
        /out\.partial\.csv was removed or replaced, perhaps by another run; no rows are left$/,
      ),
    });
    expect(await readdir(directory)).toEqual(["out.partial.csv"]);
    await other.close();
    expect(await readFile(output, "utf8")).toBe("a\nother\n");
  });

  it("a partial file of another run is not removed by an abort", async () => {
    const writer = await openWriter();
    const other = await openWriter({ replacePartial: true });
    await writer.abort();
    expect(await readdir(directory)).toEqual(["out.partial.csv"]);
    await other.close();
  });
});

describe("a partial file that exists", () => {
  const error = (): object => ({
    code: "OUTPUT_EXISTS",
    file: partial,
    option: "replacePartial",
    message: expect.stringMatching(/out\.partial\.csv: it exists.*replacePartial: true/),
  });

  it("a partial file that exists is an error, and stays as it is", async () => {
    await writeFile(partial, "paid for");
    await expect(openWriter()).rejects.toMatchObject(error());
    await expect(openWriter({ overwrite: true })).rejects.toMatchObject(error());
    expect(await readFile(partial, "utf8")).toBe("paid for");
    expect(await readdir(directory)).toEqual(["out.partial.csv"]);
  });

  it("a partial file that may be replaced is made anew, with what a killed process left of a second pass", async () => {
    await writeFile(partial, "old");
    await writeFile(`${partial}.revision`, "half");
    const writer = await openWriter({ replacePartial: true });
    expect(await readFile(partial, "utf8")).toBe("");
    expect(await readdir(directory)).toEqual(["out.partial.csv"]);
    await writer.write({ a: 1 });
    await writeFile(`${partial}.revision`, "half, of nobody");
    await writer.write({ b: 2 });
    await writer.close();
    expect(await readdir(directory)).toEqual(["out.csv"]);
    expect(await readFile(output, "utf8")).toBe("a,b\n1,\n,2\n");
  });

  it("a planted link in the place of a partial file or of its second pass is not followed", async () => {
    const victim = join(directory, "victim");
    await writeFile(victim, "precious");
    for (const target of [victim, join(directory, "nowhere")]) {
      await symlink(target, partial);
      await expect(openWriter()).rejects.toMatchObject(error());
      const writer = await openWriter({ replacePartial: true });
      expect((await lstat(partial)).isFile()).toBe(true);
      await writer.write({ a: 1 });
      await symlink(target, `${partial}.revision`);
      await writer.write({ b: 2 });
      await writer.close();
      expect((await lstat(output)).isFile()).toBe(true);
      await rm(output);
    }
    await link(victim, partial);
    await (await openWriter({ replacePartial: true })).close();
    expect(await readFile(victim, "utf8")).toBe("precious");
    expect((await readdir(directory)).toSorted()).toEqual(["out.csv", "victim"]);
  });

  it("a partial file that exists stays where the output cannot be written anyway", async () => {
    await writeFile(partial, "paid for");
    await writeFile(output, "old");
    await expect(openWriter({ replacePartial: true })).rejects.toMatchObject({
      code: "OUTPUT_EXISTS",
      file: output,
    });
    expect(await readFile(partial, "utf8")).toBe("paid for");
  });

  it("a partial file is an error where it is a directory, or its directory is missing", async () => {
    await mkdir(partial);
    await expect(openWriter({ replacePartial: true })).rejects.toMatchObject({
      code: "OUTPUT_UNWRITABLE",
      file: partial,
      message: expect.stringContaining("it is a directory"),
    });
    partial = join(directory, "missing", "rows.csv");
    await expect(openWriter()).rejects.toMatchObject({
      code: "OUTPUT_UNWRITABLE",
      message: expect.stringContaining(`the directory ${join(directory, "missing")} does not exist`),
    });
  });

  it("a partial file cannot be the output itself", async () => {
    await writeFile(output, "old");
    const alias = join(directory, "alias");
    await symlink(directory, alias);
    for (const path of [output, join(directory, ".", "x", "..", "out.csv"), join(alias, "out.csv")]) {
      const opened = openSink(output, { overwrite: true, partial: path, replacePartial: true });
      await expect(opened).rejects.toMatchObject({ code: "INVALID_OPTION", option: "partial" });
    }
    expect(await readFile(output, "utf8")).toBe("old");
  });

  it.runIf(process.platform === "linux")(
    "a partial file cannot be on another drive than its output",
    async () => {
      if ((await stat("/dev/shm")).dev === (await stat(directory)).dev) return;
      await expect(openWriter({ partial: "/dev/shm/parrot-partial.csv" })).rejects.toMatchObject({
        code: "INVALID_OPTION",
        option: "partial",
        message: expect.stringContaining("same drive"),
      });
    },
  );
});

describe("a growing file", () => {
  /** Waits for what only real input and output can bring, in turns of the event loop. */
  async function contentOf(path: string): Promise<string> {
    for (;;) {
      const content = await readFile(path, "utf8");
      if (content !== "") return content;
      await turn();
    }
  }

  it("a growing file shows its rows after a second, and rests when there are none", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const writer = await openWriter();
    expect(vi.getTimerCount()).toBe(0);
    for (const row of ROWS) await writer.write(row);
    vi.advanceTimersByTime(999);
    for (let i = 0; i < 50; i++) await turn();
    expect(await readFile(partial, "utf8")).toBe("");
    vi.advanceTimersByTime(1);
    expect(await contentOf(partial)).toBe("a,b\n1,x\n2,y\n");
    expect(vi.getTimerCount()).toBe(0);
    await writer.write({ a: "3" });
    expect(vi.getTimerCount()).toBe(1);
    await writer.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("a growing file leaves no timer after an abort or an error, and has none where it is compressed or hidden", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const aborted = await openWriter();
    await aborted.write({ a: 1 });
    await aborted.abort();
    const failed = await openWriter({ replacePartial: true });
    await failed.write({ a: 1 });
    await expect(failed.write({ a: circle() })).rejects.toThrow(/as JSON/);
    expect(vi.getTimerCount()).toBe(0);
    for (const options of [{ partial: `${partial}.gz`, compression: "gzip" as const }, {}]) {
      const writer = (await openSink(output, options)).getWriter();
      await writer.write({ a: 1 });
      expect(vi.getTimerCount()).toBe(0);
      await writer.abort();
    }
  });
});

const INDEX = JSON.stringify(new URL("../index.ts", import.meta.url).href);
const NODE = ["--no-warnings", "--conditions=@parallel-parrot/source", "--input-type=module", "--eval"];

/** A program that opens the sink and has `row(id)`, whose text is 1000 letters long. */
const program = (options: object, body: string): string => `
  import { openSink } from ${INDEX};
  const sink = await openSink(${JSON.stringify(output)}, ${JSON.stringify({ partial, ...options })});
  const writer = sink.getWriter();
  const row = (id) => ({ id, text: "x".repeat(1000) });
  ${body}
`;

describe("a process", () => {
  it("a process that is killed leaves the partial file, whole rows and perhaps one that is cut off, and nothing else", async () => {
    for (let round = 0; round < 5; round++) {
      const endless = `for (let id = 0; ; id++) { await writer.write(row(id)); if (id % 100 === 0) console.log(id); }`;
      const run = spawn(process.execPath, [...NODE, program({ replacePartial: true }, endless)]);
      for (let chunks = 0; chunks <= round * 3; chunks++) await once(run.stdout, "data");
      run.kill("SIGKILL");
      await once(run, "exit");
      expect(await readdir(directory)).toEqual(["out.partial.csv"]);
      const lines = (await readFile(partial, "utf8")).split("\n").slice(1, -1);
      expect(lines).toEqual(lines.map((_, id) => `${id},${"x".repeat(1000)}`));
    }
  });

  it("a process is not kept alive by a file that grows", async () => {
    const script = program({}, `await writer.write(row(0)); console.log("written");`);
    expect(await promisify(execFile)(process.execPath, [...NODE, script])).toMatchObject({
      stdout: "written\n",
    });
    // It has not waited for the second in which the row would have been written.
    expect(await readFile(partial, "utf8")).toBe("");
  });

  it.runIf(process.platform !== "win32").each([
    ["csv", "; the first \\d+ rows are in .*out\\.partial\\.csv"],
    ["json", "; the first \\d+ rows are in .*out\\.partial\\.csv"],
  ] as const)(
    "a process that may write no more bytes keeps the rows of %s before",
    async (format, message) => {
      const body = `
      try { for (let id = 0; ; id++) await writer.write(row(id)); } catch (error) { console.log(error.code, error.message); }
    `;
      const limited = ["-c", 'ulimit -f 300; exec "$0" "$@"', process.execPath, ...NODE];
      const { stdout } = await promisify(execFile)("sh", [...limited, program({ format }, body)]);
      expect(stdout).toMatch(new RegExp(`^OUTPUT_UNWRITABLE Cannot write .*out\\.csv: EFBIG.*${message}\n$`));
      expect(await readdir(directory)).toEqual(["out.partial.csv"]);
      const rows = await readAll(openSource(partial, { format }));
      expect(rows).toHaveLength(Number(/first (\d+)/.exec(stdout)?.[1]));
      expect(rows.length).toBeGreaterThan(100);
      expect(rows.map(({ id }) => Number(id))).toEqual(rows.map((_, id) => id));
    },
  );

  it.runIf(process.platform !== "win32")(
    "a process that may write no more bytes leaves nothing without a partial file",
    async () => {
      const body = `
      try { for (let id = 0; ; id++) await writer.write(row(id)); } catch (error) { console.log(error.code, error.message); }
    `;
      const limited = ["-c", 'ulimit -f 300; exec "$0" "$@"', process.execPath, ...NODE];
      const script = program({}, body).replace(JSON.stringify({ partial }), "{}");
      const { stdout } = await promisify(execFile)("sh", [...limited, script]);
      expect(stdout).toMatch(/^OUTPUT_UNWRITABLE Cannot write .*out\.csv: EFBIG/);
      expect(await readdir(directory)).toEqual([]);
    },
  );
});
