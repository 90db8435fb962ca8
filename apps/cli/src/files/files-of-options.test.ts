// @module-tag slow

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startParrot, type Finished } from "../../fixtures/run-parrot.ts";

let folder: string;
let simulator: Simulator;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-files-"));
  simulator = await startSimulator();
  await write("in.csv", "id,review\n1,Fine\n");
});
afterEach(async () => {
  await simulator.close();
  await rm(folder, { recursive: true });
});

const write = (name: string, content: string | Uint8Array): Promise<void> =>
  writeFile(join(folder, name), content);
const parrot = (...parameters: string[]): Promise<Finished> =>
  startParrot(parameters, { OPENAI_API_KEY: simulator.apiKey, OPENAI_BASE_URL: simulator.baseUrl }, folder)
    .finished;

const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");
const utf16 = (text: string): Buffer => Buffer.from(text, "utf16le");
const MODEL = ["--model", "openai/sim", "-o", "out.jsonl"];
const ASK = ["--prompt", "${review}", ...MODEL];
const PROMPT = ["text", "in.csv", "--prompt-file", "told", ...MODEL];
const SCHEMA = ["data", "in.csv", "--schema", "told", ...ASK];
const KEY = ["text", "in.csv", "--key-file", "told", ...ASK];

describe("a file that an option names", () => {
  it.each<[option: string, command: string[], content: Buffer, problem: string]>([
    [
      "--prompt-file",
      PROMPT,
      latin1("Wof\xFCr\n${review}"),
      "line 1: invalid UTF-8 at byte offset 3 (0xfc);",
    ],
    ["--prompt-file", PROMPT, utf16("For ${review}"), "(is it UTF-16?)"],
    ["--prompt-file", PROMPT, Buffer.from("\uFEFF \n"), "it is empty"],
    ["--schema", SCHEMA, latin1('{\n"title":"f\xFCr"}'), "line 2: invalid UTF-8 at byte offset 12 (0xfc);"],
    ["--schema", SCHEMA, utf16("{}"), "(is it UTF-16?)"],
    ["--schema", SCHEMA, Buffer.alloc(0), "it is empty"],
    ["--key-file", KEY, utf16("sim-key"), "(is it UTF-16?)"],
    ["--key-file", KEY, Buffer.from("\n"), "it is empty"],
  ])(
    "%s: %#, exit 2, in the words of the command line, nothing sent",
    async (option, command, content, problem) => {
      await write("told", content);
      for (const words of [command, ["estimate", ...command, "--output-tokens", "9"]]) {
        const { code, stderr } = await parrot(...words);
        expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(problem) });
        expect(stderr).toMatch(`parrot: Cannot read told, given as ${option}`);
        expect(stderr.trim().split("\n")).toHaveLength(1);
        expect(stderr).not.toContain("sim-key");
      }
      expect(simulator.ledger.received).toBe(0);
    },
  );

  it("a prompt file is read without its byte order mark, and sent as it is", async () => {
    await write("told", "\uFEFFWofür? ${review} 𝄞");
    await write("key", `\uFEFF${simulator.apiKey}\r\n`);
    const { code } = await parrot(...PROMPT, "--key-file", "key");
    expect(code).toBe(0);
    expect(simulator.ledger.entries[0]?.body).toMatchObject({
      messages: [{ role: "user", content: "Wofür? Fine 𝄞" }],
    });
  });

  it("files in UTF-16 are read by their byte order mark", async () => {
    await write("told", utf16("\uFEFFWofür? ${review} 𝄞"));
    await write("key", utf16(`\uFEFF${simulator.apiKey}\r\n`));
    const { code } = await parrot(...PROMPT, "--key-file", "key");
    expect(code).toBe(0);
    expect(simulator.ledger.entries[0]?.body).toMatchObject({
      messages: [{ role: "user", content: "Wofür? Fine 𝄞" }],
    });
  });
});
