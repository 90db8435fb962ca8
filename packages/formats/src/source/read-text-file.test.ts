import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readTextFile } from "../index.ts";

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "parrot-text-"));
  path = join(directory, "prompt.txt");
});
afterEach(() => rm(directory, { recursive: true }));

const utf16 = (text: string): Buffer => Buffer.from(text, "utf16le");

describe("readTextFile", () => {
  it.each<[what: string, bytes: Buffer, text: string]>([
    ["text", Buffer.from("für 𝄞\n"), "für 𝄞\n"],
    ["text behind a byte order mark", Buffer.from("\uFEFFfür"), "für"],
    ["a replacement character that is written there", Buffer.from("f\uFFFDr"), "f\uFFFDr"],
    ["nothing", Buffer.alloc(0), ""],
    ["a character across chunks", Buffer.from(`${"x".repeat(65_535)}ü`), `${"x".repeat(65_535)}ü`],
  ])("readTextFile reads %s", async (_what, bytes, text) => {
    await writeFile(path, bytes);
    expect(await readTextFile(path)).toBe(text);
    expect(await readTextFile(pathToFileURL(path))).toBe(text);
  });

  it.each<[what: string, bytes: Buffer, problem: string]>([
    [
      "Windows-1252",
      Buffer.from("a\nf\xFCr", "latin1"),
      "line 2: invalid UTF-8 at byte offset 3 (0xfc); convert",
    ],
    ["UTF-16 without a mark", utf16("für"), "a null character at byte offset 1 (is it UTF-16?);"],
    ["big-endian without a mark", utf16("f").swap16(), "a null character at byte offset 0 (is it UTF-16?);"],
    ["UTF-8 cut off", Buffer.from("für").subarray(0, 2), "line 1: invalid UTF-8 at byte offset 1 (0xc3);"],
  ])("readTextFile refuses %s", async (_what, bytes, problem) => {
    await writeFile(path, bytes);
    await expect(readTextFile(path)).rejects.toMatchObject({
      code: "INVALID_INPUT",
      file: path,
      message: expect.stringContaining(problem),
    });
  });

  it("readTextFile names the file as it is told to, and the option", async () => {
    const told = { label: "prompt.txt, given as --prompt-file", option: "--prompt-file" };
    await expect(readTextFile(path, told)).rejects.toMatchObject({
      code: "INPUT_NOT_FOUND",
      message: "Cannot read prompt.txt, given as --prompt-file: there is no such file",
      file: path,
      option: "--prompt-file",
    });
    await expect(readTextFile(directory, told)).rejects.toMatchObject({ code: "INPUT_UNREADABLE" });
    await writeFile(path, "12345");
    await expect(readTextFile(path, { ...told, maxBytes: 4 })).rejects.toMatchObject({
      message: "Cannot read prompt.txt, given as --prompt-file: it has more than 4 bytes",
    });
  });
});
