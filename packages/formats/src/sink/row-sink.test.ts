import { spawnSync } from "node:child_process";
import { constants } from "node:fs";
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { readAll, sourceOf } from "@parallel-parrot/core/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { csvSink, jsonlSink, openSink, openSource, type Format } from "../index.ts";

const READ = constants.O_RDONLY | constants.O_NONBLOCK;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "parrot-sink-"));
});
afterEach(() => rm(directory, { recursive: true }));

const FORMATS: readonly Format[] = ["csv", "tsv", "jsonl", "json"];
const ROWS = [
  { a: "1", b: "x" },
  { a: "2", b: "y" },
];

/** A stream's end that keeps what it gets. */
function memory(): { stream: WritableStream<Uint8Array>; text: () => string } {
  const chunks: Uint8Array[] = [];
  const stream = new WritableStream<Uint8Array>({ write: (chunk) => void chunks.push(chunk) });
  return { stream, text: () => Buffer.concat(chunks).toString() };
}

describe("a sink for a file", () => {
  it("a sink keeps the rows where they are when its file's name is taken while a late column is added", async () => {
    const path = join(directory, "out.csv");
    const writer = (await openSink(path)).getWriter();
    await writer.write({ a: 1 });
    await writer.write({ a: 1, b: 2 });
    await writeFile(path, "somebody else's");
    await expect(writer.close()).rejects.toMatchObject({
      code: "OUTPUT_EXISTS",
      message: expect.stringContaining("the finished rows are in"),
    });
    expect(await readFile(path, "utf8")).toBe("somebody else's");
    expect(await readdir(directory)).toHaveLength(2);
  });

  it("a sink shows nothing at its file's name until it closes, then the whole file and nothing else", async () => {
    const path = join(directory, "out.jsonl");
    const sink = await openSink(path);
    const writer = sink.getWriter();
    await writer.write({ a: "x".repeat(100_000) });
    const [temporary = "", ...others] = await readdir(directory);
    expect(others).toEqual([]);
    expect(temporary).toMatch(/^\.out\.jsonl\.[0-9a-f]{12}\.tmp$/);
    const unfinished = await stat(join(directory, temporary));
    expect(unfinished.mode & 0o777).toBe(0o600);
    expect(unfinished.size).toBeGreaterThan(100_000);
    await writer.close();
    expect(await readdir(directory)).toEqual(["out.jsonl"]);
    expect(await readAll(openSource(path))).toEqual([{ a: "x".repeat(100_000) }]);
  });

  it("the file of a sink gets the rights of any new file", async () => {
    const path = join(directory, "out.csv");
    const reference = join(directory, "reference");
    await writeFile(reference, "");
    await sourceOf(ROWS).pipeTo(await openSink(path));
    expect((await stat(path)).mode).toBe((await stat(reference)).mode);
  });

  it("a sink keeps the rights of a file that it replaces, and a link a link", async () => {
    const path = join(directory, "out.jsonl");
    const alias = join(directory, "alias.jsonl");
    await writeFile(path, "old");
    await chmod(path, 0o640);
    await symlink(path, alias);
    await sourceOf(ROWS).pipeTo(await openSink(alias, { overwrite: true }));
    expect((await lstat(alias)).isSymbolicLink()).toBe(true);
    expect((await stat(path)).mode & 0o777).toBe(0o640);
    expect(await readAll(openSource(path))).toEqual(ROWS);
  });

  it.each([
    ["another folder", "home/profile"],
    ["a folder above", "above"],
  ])("a sink does not replace what a link leads to in %s, also with overwrite", async (_, name) => {
    const [folder, target] = [join(directory, "folder"), join(directory, name)];
    await mkdir(folder);
    await mkdir(join(directory, "home"));
    await writeFile(target, "old");
    await symlink(target, join(folder, "out.jsonl"));
    await expect(openSink(join(folder, "out.jsonl"), { overwrite: true })).rejects.toMatchObject({
      code: "OUTPUT_EXISTS",
      message: expect.stringContaining(`it is a link to ${await realpath(target)}, outside its folder;`),
    });
    expect(await readFile(target, "utf8")).toBe("old");
    // The folder itself may be behind a link.
    await symlink(folder, join(directory, "short"));
    await sourceOf(ROWS).pipeTo(await openSink(join(directory, "short", "other.jsonl")));
    await sourceOf(ROWS).pipeTo(await openSink(join(directory, "short", "other.jsonl"), { overwrite: true }));
  });

  it("a sink writes to no pipe or device to which a link leads out of its folder", async () => {
    const [folder, pipe] = [join(directory, "folder"), join(directory, "pipe")];
    await mkdir(folder);
    spawnSync("mkfifo", [pipe, join(folder, "pipe")]);
    // Whoever opens a pipe to write waits for somebody who reads.
    const readers = [await open(pipe, READ), await open(join(folder, "pipe"), READ)];
    for (const [name, target] of [
      ["to-pipe", pipe],
      ["to-device", "/dev/null"],
      ["to-open-file", "/proc/self/fd/1"],
    ] as const) {
      await symlink(target, join(folder, name));
      await expect(openSink(join(folder, name), { format: "csv", overwrite: true })).rejects.toMatchObject({
        code: "OUTPUT_EXISTS",
        message: expect.stringContaining("outside its folder;"),
      });
    }
    await symlink("pipe", join(folder, "latest"));
    await sourceOf(ROWS).pipeTo(await openSink(join(folder, "latest"), { format: "jsonl" }));
    const [, inside] = await Promise.all(readers.map((reader) => reader.read()));
    expect(inside?.buffer.toString("utf8", 0, inside.bytesRead)).toBe(
      '{"a":"1","b":"x"}\n{"a":"2","b":"y"}\n',
    );
    // Links of the system lead to what a process has open.
    await sourceOf(ROWS).pipeTo(await openSink(`/dev/fd/${readers[1]?.fd}`, { format: "csv" }));
    await Promise.all(readers.map((reader) => reader.close()));
  });

  it.each(FORMATS)(
    "a sink leaves no file when a run to %s is aborted, and passes the reason on",
    async (format) => {
      const abort = new AbortController();
      const sink = await openSink(join(directory, `out.${format}.gz`), { format });
      const rows = new ReadableStream({
        pull: (controller) => controller.enqueue({ a: "x".repeat(50_000) }),
      });
      const run = rows.pipeTo(sink, { signal: abort.signal });
      await turn();
      const reason = new Error("enough");
      abort.abort(reason);
      await expect(run).rejects.toBe(reason);
      expect(await readdir(directory)).toEqual([]);
    },
  );

  it("a sink leaves the old file when a run that would replace it fails", async () => {
    const path = join(directory, "out.jsonl");
    await writeFile(path, "old");
    const error = new Error("source failed");
    const rows = new ReadableStream({
      pull(controller) {
        if (controller.desiredSize === 1) controller.enqueue({ a: 1 });
        controller.error(error);
      },
    });
    await expect(rows.pipeTo(await openSink(path, { overwrite: true }))).rejects.toBe(error);
    expect(await readdir(directory)).toEqual(["out.jsonl"]);
    expect(await readFile(path, "utf8")).toBe("old");
  });

  it("opening a sink finds an existing file before the first row", async () => {
    const path = join(directory, "out.csv");
    await writeFile(path, "old");
    const error = {
      code: "OUTPUT_EXISTS",
      file: path,
      option: "overwrite",
      message: `Cannot write ${path}: it exists already; choose another name, or set the option overwrite: true to replace it`,
    };
    await expect(openSink(path)).rejects.toMatchObject(error);
    await expect(csvSink(path).opened).rejects.toMatchObject(error);
    await expect(sourceOf(ROWS).pipeTo(csvSink(path))).rejects.toMatchObject(error);
    expect(await readdir(directory)).toEqual(["out.csv"]);
  });

  it("a sink takes a link that leads nowhere for an existing file", async () => {
    const path = join(directory, "out.csv");
    await symlink(join(directory, "nowhere"), path);
    await expect(openSink(path)).rejects.toMatchObject({ code: "OUTPUT_EXISTS" });
  });

  it("a sink does not replace a file that appeared meanwhile, and tells where the rows are", async () => {
    const path = join(directory, "out.jsonl");
    const writer = (await openSink(path)).getWriter();
    await writer.write({ a: 1 });
    await writeFile(path, "of another process");
    const error: unknown = await writer.close().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "OUTPUT_EXISTS", file: path });
    expect(await readFile(path, "utf8")).toBe("of another process");
    const kept = /the finished rows are in (.*?);/.exec(String(error))?.[1] ?? "";
    expect(await readFile(kept, "utf8")).toBe('{"a":1}\n');
  });

  it("opening a sink finds a missing directory, and a directory in the file's place, before the first row", async () => {
    await mkdir(join(directory, "folder.csv"));
    await expect(openSink(join(directory, "missing", "out.csv"))).rejects.toMatchObject({
      code: "OUTPUT_UNWRITABLE",
      message: expect.stringContaining(`the directory ${join(directory, "missing")} does not exist`),
    });
    await expect(openSink(join(directory, "folder.csv"), { overwrite: true })).rejects.toMatchObject({
      code: "OUTPUT_UNWRITABLE",
      message: expect.stringContaining("it is a directory"),
    });
    await expect(openSink(join(directory, "folder.csv", "x", "out.csv"))).rejects.toMatchObject({
      code: "OUTPUT_UNWRITABLE",
    });
  });

  it("a sink writes to a device as it is", async () => {
    await sourceOf([{ a: 1 }, { a: 2 }]).pipeTo(await openSink("/dev/null", { format: "csv" }));
    expect((await stat("/dev/null")).isCharacterDevice()).toBe(true);
  });

  it.runIf(process.platform === "linux")("a sink reports a full disk, and leaves no short file", async () => {
    const sink = await openSink("/dev/full", { format: "jsonl" });
    await expect(sourceOf(ROWS).pipeTo(sink)).rejects.toMatchObject({
      code: "OUTPUT_UNWRITABLE",
      message: expect.stringContaining("ENOSPC"),
    });
  });

  it("a sink takes a file URL, and compresses by extension or option", async () => {
    const gzip = join(directory, "out.jsonl.gz");
    const zstd = join(directory, "out.jsonl");
    await sourceOf([{ a: 1 }]).pipeTo(await openSink(pathToFileURL(gzip)));
    await sourceOf([{ a: 1 }]).pipeTo(await openSink(zstd, { compression: "zstd" }));
    expect(gunzipSync(await readFile(gzip)).toString()).toBe('{"a":1}\n');
    expect(zstdDecompressSync(await readFile(zstd)).toString()).toBe('{"a":1}\n');
  });

  it("opening a sink refuses to write bzip2, which is only read, before there is a file", async () => {
    const path = join(directory, "out.csv.bz2");
    await expect(openSink(path)).rejects.toMatchObject({
      code: "INVALID_OPTION",
      option: "output",
      message: `Cannot write ${path}: bzip2 is read and not written; name an output that ends in .gz or .zst`,
    });
    const options = JSON.parse('{"compression":"bzip2"}');
    await expect(openSink(join(directory, "out.csv"), options)).rejects.toMatchObject({
      code: "INVALID_OPTION",
      option: "compression",
    });
    expect(await readdir(directory)).toEqual([]);
  });

  it("a sink removes its file when a row cannot be written", async () => {
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    for (const [format, cell] of [
      ["jsonl", { circle, big: 1n }],
      ["json", circle],
      ["csv", circle],
    ] as const) {
      const sink = await openSink(join(directory, `out.${format}`));
      await expect(sourceOf([{ a: 1 }, { a: cell }]).pipeTo(sink)).rejects.toMatchObject({
        code: "INVALID_INPUT",
        row: 1,
        message: expect.stringMatching(/row 2 as JSON/),
      });
    }
    expect(await readdir(directory)).toEqual([]);
  });
});

describe("a sink for a stream", () => {
  it("a sink for a stream passes rows on within the turn, closes the stream and leaves no gap", async () => {
    const { stream, text } = memory();
    const writer = jsonlSink(stream).getWriter();
    await writer.write({ a: 1 });
    await writer.write({ a: 2 });
    await turn();
    await turn();
    expect(text()).toBe('{"a":1}\n{"a":2}\n');
    await writer.write({ a: 3 });
    await writer.close();
    expect(text()).toBe('{"a":1}\n{"a":2}\n{"a":3}\n');
  });

  it("a sink for a stream slows its source down when the stream is slow", async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<undefined>();
    const slow = new WritableStream<Uint8Array>({ write: () => released });
    let made = 0;
    const rows = new ReadableStream({
      async pull(controller) {
        await turn();
        made += 1;
        if (made > 500) controller.close();
        else controller.enqueue({ text: "x".repeat(10_000) });
      },
    });
    const run = rows.pipeTo(jsonlSink(slow));
    for (let i = 0; i < 200; i++) await turn();
    expect(made).toBeLessThan(20);
    release(undefined);
    await run;
    expect(made).toBe(501);
  });

  it("a sink for a stream passes the error of the stream back as the same object", async () => {
    const error = new Error("sink failed");
    for (const compression of ["none", "gzip"] as const) {
      const failing = new WritableStream<Uint8Array>({
        write() {
          throw error;
        },
      });
      const rows = new ReadableStream({ pull: (controller) => controller.enqueue({ a: 1 }) });
      await expect(rows.pipeTo(jsonlSink(failing, { compression }))).rejects.toBe(error);
    }
  });

  it("a sink for a stream passes an abort's reason on to the stream", async () => {
    const { promise: aborted, resolve } = Promise.withResolvers<unknown>();
    const reason = new Error("enough");
    await jsonlSink(new WritableStream<Uint8Array>({ abort: resolve })).abort(reason);
    expect(await aborted).toBe(reason);
  });

  it("a sink for a stream compresses when asked to", async () => {
    const chunks: Uint8Array[] = [];
    const stream = new WritableStream<Uint8Array>({ write: (chunk) => void chunks.push(chunk) });
    await sourceOf(ROWS).pipeTo(await openSink(stream, { format: "jsonl", compression: "gzip" }));
    const source = openSource(sourceOf(chunks), { format: "jsonl", compression: "gzip" });
    expect(await readAll(source)).toEqual(ROWS);
  });

  it("a sink for a stream needs to be told the format", async () => {
    await expect(openSink(memory().stream)).rejects.toMatchObject({ code: "UNKNOWN_FORMAT" });
    await expect(openSink("-")).rejects.toMatchObject({ code: "UNKNOWN_FORMAT" });
  });
});
