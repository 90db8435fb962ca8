import { shellWord } from "@parallel-parrot/core";
import { execFileSync, spawnSync } from "node:child_process";
import type { RunSummary } from "@parallel-parrot/journal";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { commandOf } from "./command-of.ts";
import { describeStranger } from "./describe-run.ts";
import type { Job } from "./job.ts";
import { JOB_ROWS, type AskingCommand } from "../flags/job-flags.ts";
import { askingCommand } from "../program.ts";

const OPTION_NAMES = JOB_ROWS.map(([name]) => name);

const hasBash = process.platform !== "win32" && spawnSync("bash", ["--version"]).status === 0;

/** The words that a shell makes of a line. */
function wordsOf(line: string): readonly string[] {
  const script = `for word in ${line}; do printf '%s\\0' "$word"; done`;
  return execFileSync("bash", ["--norc", "-c", script], {
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
    env: { LC_ALL: "C.UTF-8" },
  })
    .split("\0")
    .slice(0, -1);
}

/** What a command makes of its words. */
function parsed(command: AskingCommand, words: readonly string[]): unknown {
  const parser = askingCommand(command, () => undefined).exitOverride();
  parser.action(() => undefined);
  parser.parse(words, { from: "user" });
  return { inputs: parser.args, options: parser.opts() };
}

it.skipIf(!hasBash).each([
  [
    "text",
    ["in.csv", "--prompt", "Sum up: ${review}\nIn one 'word'", "--model", "openai/x", "-o", "out.csv"],
  ],
  ["text", ["a b.csv", "--prompt-file", "p.txt", "--model", "m/n", "--stop", "a", "$(touch x)", "--n", "3"]],
  ["text", ["-", "--from", "jsonl", "--image-column", "a", "--image-column", "b b", "--no-escape-formulas"]],
  [
    "data",
    ["in.csv", "--keys", "q,a", "--max-failures", "2%", "--price", "input=0.4,output=1.6,max-output=9"],
  ],
  ["columns", ["in.csv", "--keys", "product,urgency", "--on-failure", "drop"]],
  [
    "data",
    ["in.csv", "--schema", "s.json", "--single", "--max-failures", "7", "--ask-equal-once", "--seed=-1"],
  ],
  [
    "text",
    [
      "in.csv",
      "--temperature",
      "0",
      "--base-url",
      "https://example.com/v1",
      "--fresh",
      "--on-failure",
      "stop",
    ],
  ],
  ["text", ["in.csv", "--system", "\u001B]0;x\u0007\u202E\\'", "--delimiter", "\t", "--timeout", "5.5"]],
] as const)("commandOf gives back the command of: parrot %s %j", (command, words) => {
  const job = { command, ...(parsed(command, words) as object) } as Parameters<typeof commandOf>[0];
  const [parrot, name, ...again] = wordsOf(commandOf(job));
  expect([parrot, name]).toEqual(["parrot", command]);
  expect(parsed(command, again)).toEqual(parsed(command, words));
});

it("the command of a stranger's job leaves out whose key is used, what may be replaced and whom to trust", () => {
  const options = { keyFile: "/k", overwrite: true, trustJournal: true, quiet: true, prompt: "${a}" };
  const job = { command: "text", inputs: ["--overwrite"], options } as unknown as Parameters<
    typeof commandOf
  >[0];
  expect(commandOf(job)).toBe("parrot text ./--overwrite --prompt '${a}'");
});

it.skipIf(!hasBash)("commandOf gives what looks like an option, or is empty, as the value that it is", () => {
  const stop = ["a", "--overwrite", "--key-file=/k", "-", "", "b"];
  const job = { command: "text", inputs: ["i"], options: { stop, system: "--trust-journal" } };
  const line = commandOf(job as unknown as Parameters<typeof commandOf>[0]);
  const [, , ...words] = wordsOf(line);
  expect(parsed("text", words)).toMatchObject({
    inputs: ["i"],
    options: { stop, system: "--trust-journal", overwrite: false, trustJournal: false },
  });
  expect(parsed("text", words)).not.toHaveProperty("options.keyFile");
});

it("the command of a stranger's job is made whatever types its options have", () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.constantFrom("model", "keys", "price", "stop", "n", "baseUrl", "maxFailures"),
        fc.jsonValue(),
      ),
      (options) => {
        const job = { command: "data", inputs: ["i"], options } as unknown as Parameters<typeof commandOf>[0];
        expect(commandOf(job)).toMatch(/^parrot data i/);
      },
    ),
  );
});

it("a stranger's job is told whatever objects and long numbers stand in place of its texts", () => {
  const nasty = { toString: 1, valueOf: null };
  for (const value of [nasty, [nasty], [[nasty]], { rows: nasty }, 2n ** 60n, [2n ** 60n]]) {
    for (const name of OPTION_NAMES) {
      const job = { command: "data", inputs: ["i"], options: { [name]: value } } as unknown as Job;
      expect(commandOf(job)).toMatch(/^parrot data i/);
      const run = { manifest: { change: { [name]: value } } } as unknown as RunSummary;
      for (const each of [job, { ...job, options: { model: "openai/m" } } as unknown as Job])
        expect(describeStranger(run, each).join()).toContain("read as input: i");
    }
  }
});

it.skipIf(!hasBash)(
  "commandOf quotes any text so that a shell gives it back and a terminal does nothing",
  () => {
    const text = fc.string({ unit: "grapheme" }).filter((each) => !each.includes("\0"));
    const nasty = fc.array(
      fc.constantFrom("'", "\\", "\n", "$(x)", "`", "\u001B[2J", "\u202E", "\u200B", "é", " ", "!", "\r"),
    );
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            text,
            nasty.map((parts) => parts.join("")),
          ),
          { minLength: 1 },
        ),
        (texts) => {
          const line = texts.map(shellWord).join(" ");
          expect(/[\p{Cc}\p{Cf}]/u.test(line)).toBe(false);
          expect(wordsOf(line)).toEqual(texts);
        },
      ),
      { numRuns: 30 },
    );
  },
);
