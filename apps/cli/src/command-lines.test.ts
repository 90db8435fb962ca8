import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { keptJob } from "./job/kept-job.ts";
import { changesBetween } from "./job/changes-between.ts";
import { commandOf, unfitOption } from "./job/command-of.ts";
import { askingOf, identityOf, productOf } from "./job/identity.ts";
import { jobOf, type Job } from "./job/job.ts";
import { typedJob } from "./job/typed-job.ts";
import { changeFrom } from "./job/retry-change.ts";
import { createProgram } from "./program.ts";
import { messageOf } from "./terminal/report.ts";
import { ParrotError } from "@parallel-parrot/core";

/** What earlier versions made of the lines below, and their help. Journals hold these hashes: they never change. */
const RECORDED = join(import.meta.dirname, "../fixtures");
/** How wide an ordinary terminal is. */
const WIDTH = 80;

const ASK = ["--prompt", "Sum up: ${review}", "--model", "openai/gpt-4.1-mini"];
const FIRST = ["text", "in.csv", ...ASK];
const LINES: readonly (readonly string[])[] = [
  FIRST,
  ["text", "in.csv", ...ASK, "-o", "out.csv"],
  ["text", "in.csv", "--prompt-file", "p.txt", "--model", "openai/gpt-4.1-mini", "-o", "out.csv"],
  ["text", "-", "--from", "jsonl", "--to", "csv", ...ASK, "--system", "Be brief. $$", "--output-key", "a"],
  ["text", "in.tsv", ...ASK, "--delimiter", ";", "--no-quotes", "--ragged", "pad", "--long-numbers", "text"],
  ["text", "in.csv", ...ASK, "--image-column", "a", "--image-column", "b", "--image-folder", "photos"],
  ["text", "in.csv", ...ASK, "--n", "3", "--temperature", "0.5", "--top-p", "0.9", "--max-tokens", "50"],
  ["text", "in.csv", ...ASK, "--seed=-1", "--stop", "x", "y"],
  ["text", "a.csv", "d/*.jsonl", ...ASK, "--source-column", "file"],
  ["text", "in.csv", ...ASK, "--reasoning-effort", "low", "--thoughts", "t", "--on-context", "truncate"],
  [
    "text",
    "in.csv",
    ...ASK,
    "--base-url",
    "http://127.0.0.1:1/v1",
    "--key-file",
    "k",
    "--overwrite",
    "--quiet",
  ],
  [
    "text",
    "in.csv",
    ...ASK,
    "--ask-equal-once",
    "--fresh",
    "--lineage",
    "--order",
    "completion",
    "--preview",
    "3",
  ],
  ["text", "in.csv", ...ASK, "--ask-equal-once", "--no-quotes", "--ragged", "pad"],
  ["text", "in.csv", ...ASK, "--concurrency", "9", "--rpm", "10", "--tpm", "11.5", "--max-cost", "1"],
  ["text", "in.csv", ...ASK, "--max-total-tokens", "12", "--max-requests", "13", "--timeout", "14"],
  ["text", "in.csv", ...ASK, "--max-outage", "15", "--max-attempts", "16", "--grace", "17"],
  [
    "text",
    "in.csv",
    ...ASK,
    "--max-failures",
    "2%",
    "--price",
    "input=0.4,output=1.6,cached=0.1,max-output=9",
  ],
  ["text", "in.csv", ...ASK, "--no-journal", "--failed", "f.csv", "--no-escape-formulas"],
  ["text", "in.csv", ...ASK, "--journal", "j.db", "--trust-journal", "--reparse"],
  ["text", "in.csv", ...ASK, "--on-failure", "stop", "--on-empty", "drop", "--on-collision", "overwrite"],
  ["text", "in.csv", ...ASK, "--limit", "20", "--offset", "3", "--where", "a > 1", "--skip-empty", "b,c"],
  ["text", "in.csv", ...ASK, "--sample", "9", "--sample-seed", "4", "--columns", "a, b"],
  ["text", "in.csv", ...ASK, "--cross", "p.csv", "--cross", "q.csv", "--repeat", "3"],
  ["data", "in.csv", ...ASK, "--keys", "q, a"],
  ["data", "in.csv", ...ASK, "--keys", "q,a", "--single", "--max-failures", "50", "-o", "out.jsonl"],
  ["data", "in.csv", ...ASK.slice(0, 2), "--schema", "s.json", "--model", "anthropic/claude-haiku-5-5"],
  ["columns", "in.csv", ...ASK, "--keys", "q, a", "-o", "out.csv"],
  ["columns", "in.csv", ...ASK, "--keys", "q,a", "--n", "5", "--vote-by", "q"],
  ["text", "in.csv", ...ASK, "--n", "5", "--keep-duplicates", "--model", "openai/gpt-4.1"],
  ["text", "in.csv", ...ASK, "--compare", "anthropic/claude-haiku-5-5", "--compare-as", "rows"],
  ["columns", "in.csv", ...ASK, "--schema", "s.json", "--on-failure", "drop"],
];

/** Lines of other commands, whose options alone are compared. */
const OTHER_LINES: readonly (readonly string[])[] = [
  ["resume"],
  ["resume", "3", "--journal", "j.db", "--key-file", "k", "--trust-journal", "--overwrite", "--quiet"],
  [
    "resume",
    "--concurrency",
    "9",
    "--rpm",
    "1.5",
    "--tpm",
    "2",
    "--max-cost",
    "1",
    "--max-total-tokens",
    "5",
  ],
  ["resume", "--max-requests", "6", "--max-failures", "7%", "--price", "input=1,output=2", "--timeout", "8"],
  ["resume", "--max-outage", "9", "--max-attempts", "10", "--grace", "11"],
  ["retry-failed"],
  ["retry-failed", "4", "--model", "a/b", "--base-url", "http://h/v1", "--max-tokens", "5", "--all"],
  [
    "retry-failed",
    "--temperature",
    "0",
    "--top-p",
    "1",
    "--reasoning-effort",
    "none",
    "--on-context",
    "skip",
  ],
  ["explain text", "in.csv", ...ASK, "--json", "--rows", "4"],
  ["explain data", "in.csv", ...ASK, "--keys", "a"],
  [
    "estimate text",
    "in.csv",
    ...ASK,
    "--look-at",
    "9",
    "--ask",
    "--output-tokens",
    "5",
    "--sample-seed",
    "2",
  ],
  ["estimate data", "in.csv", ...ASK, "--keys", "a", "--json"],
  ["explode", "in.csv", "--column", "c"],
  [
    "explode",
    "in.csv",
    "--column",
    "c",
    "--on-failure",
    "null",
    "-o",
    "o.csv",
    "--from",
    "tsv",
    "--failed",
    "f.csv",
  ],
  ["finetune", "in.csv", "--prompt-column", "p", "--completion-column", "c", "-o", "t.jsonl"],
  [
    "finetune",
    "in.csv",
    "--prompt-column",
    "p",
    "--completion-column",
    "c",
    "-o",
    "t",
    "--system",
    "s",
    "--overwrite",
  ],
  [
    "finetune",
    "a",
    "--prompt-column",
    "p",
    "--completion-column",
    "c",
    "-o",
    "t",
    "--max-tokens-per-file",
    "9",
    "--max-tokens-per-example",
    "8",
    "--from",
    "csv",
    "--delimiter",
    ";",
    "--no-quotes",
    "--ragged",
    "pad",
    "--long-numbers",
    "number",
    "--model",
    "m",
  ],
  ["score", "in.csv", "--against", "label"],
  ["score", "in.csv", "--against", "label", "--column", "a, b", "--json", "--limit", "9"],
  ["providers", "--json"],
  ["simulate"],
  [
    "simulate",
    "--port",
    "0",
    "--key",
    "k",
    "--rpm",
    "1",
    "--tpm",
    "2",
    "--latency",
    "3",
    "--error-rate",
    "0.5",
    "--fail-rate",
    "0.1",
    "--fail-text",
    "row 7",
    "--fail-text",
    "row 9",
  ],
  ["journal show", "--json"],
  ["journal export", "--run", "3", "--journal", "j"],
  ["journal prune", "--older-than", "1.5", "--run", "1", "2", "--run", "3", "--keep-last", "4", "--failures"],
  ["batch list", "--all", "--json"],
  ["batch cancel", "3", "--key-file", "key", "--journal", "j"],
  ["batch forget", "3"],
];

/** Lines that are refused. */
const WRONG_LINES: readonly (readonly string[])[] = [
  ["text", "in.csv", "--n", "many"],
  ["text", "in.csv", "--n=-1"],
  ["text", "in.csv", "--seed", "1.5"],
  ["text", "in.csv", "--timeout", "0"],
  ["text", "in.csv", "--temperature", "warm"],
  ["text", "in.csv", "--order", "random"],
  ["text", "in.csv", "--from", "xml"],
  ["text", "in.csv", "--price", "input=1"],
  ["text", "in.csv", "--max-failures", "101%"],
  ["text", "in.csv", "--reasoning-effort", "huge"],
  ["data", "in.csv", "--keys", "a,,b"],
  ["text", "in.csv", "--nope"],
  ["text", "in.csv", "--prompt"],
  ["text"],
  ["explode", "in.csv"],
  ["resume", "--n", "3"],
  ["resume", "--model", "a/b"],
  ["resume", "x"],
  ["retry-failed", "--prompt", "p"],
  ["simulate", "--error-rate", "2"],
];

/** What options of the library are called in messages. */
const LIBRARY_OPTIONS = [
  "overwrite",
  "replacePartial",
  "format",
  "delimiter",
  "ragged",
  "quotes",
  "n",
  "maxTokens",
  "concurrency",
  "maxAttempts",
  "attemptTimeoutMs",
  "maxOutageMs",
  "maxWaitMs",
  "maxFailures",
  "baseUrl",
  "imageFolder",
  "budget.maxCost",
  "budget.maxTokens",
  "budget.maxRequests",
  "column",
  "maxTokensPerFile",
  "journal",
  "adopt",
  "olderThanMs",
  "runs",
  "maxTokensPerExample",
  "--model",
  "limits",
  "nothing of the kind",
];

let directory: string;
const home = process.cwd();
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "parrot-lines-"));
  await writeFile(join(directory, "p.txt"), "Sum up: ${review}\n");
  await writeFile(join(directory, "s.json"), '{"type":"object","properties":{"a":{"type":"string"}}}');
  process.chdir(directory);
  for (const name of ["OPENAI_BASE_URL", "ANTHROPIC_BASE_URL"]) vi.stubEnv(name, "");
});
afterAll(async () => {
  vi.unstubAllEnvs();
  process.chdir(home);
  await rm(directory, { recursive: true });
});

interface Parsed {
  readonly argument: unknown;
  readonly options: unknown;
}

/** What a command line would run with, and what is written to the terminal on the way. */
async function parse([names = "", ...words]: readonly string[]): Promise<
  Parsed & { readonly terminal: string }
> {
  let terminal = "";
  const write = (text: string): void => {
    terminal += text;
  };
  let command: Command = createProgram("0.0.0", () => undefined);
  for (const name of names.split(" ").filter((each) => each !== "")) {
    const next = command.commands.find((each) => each.name() === name);
    if (next === undefined) throw new Error(`There is no command ${name}`);
    command = next;
  }
  command
    .configureOutput({
      writeOut: write,
      writeErr: write,
      getOutHelpWidth: () => WIDTH,
      getErrHelpWidth: () => WIDTH,
    })
    .exitOverride();
  if (words[0] !== "--help" && command.commands.length === 0) command.action(() => undefined);
  try {
    await command.parseAsync(words, { from: "user" });
  } catch (error) {
    if (!(error instanceof Error) || !("exitCode" in error)) throw error;
  }
  return { argument: command.processedArgs[0], options: command.opts(), terminal };
}

async function jobOfLine(line: readonly string[]): Promise<Job> {
  const { argument, options } = await parse(line);
  const command = line[0] as Job["command"];
  return keptJob(typedJob(command, argument as string[], options as Job["options"]));
}

/** A value as JSON, its names in order: which option was given first is no matter. */
function textOf(value: unknown): string {
  const inOrder = (_: string, each: unknown): unknown =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : each;
  return JSON.stringify(value, inOrder) ?? "none";
}

describe.skipIf(process.platform === "win32")(
  "command lines mean what they meant to earlier versions",
  () => {
    it("no job of a command line has an option whose value would not fit when it is resumed", async () => {
      const jobs = await Promise.all(LINES.map((line) => jobOfLine(line)));
      expect(jobs.map((job) => unfitOption(job)).filter((flag) => flag !== undefined)).toEqual([]);
    });

    it("command lines of text and data come to the recorded jobs, hashes, commands and changes", async () => {
      const first = await jobOfLine(FIRST);
      const found = await Promise.all(
        LINES.map(async (line) => {
          const job = await jobOfLine(line);
          const { keyFile, overwrite, trustJournal } =
            jobOf({ job: { ...job, input: job.inputs } })?.options ?? {};
          return [
            `$ ${commandOf(job)}`,
            `  identity ${identityOf(job, { bytes: 3, sha256: "0".repeat(64) })}`,
            `  asking   ${askingOf(job)}`,
            `  product  ${productOf(job, "/folder")}`,
            `  changes  ${changesBetween(first, job).join("; ")}`,
            `  options  ${textOf(job.options)}`,
            `  taken    ${textOf({ keyFile, overwrite, trustJournal })}`,
          ].join("\n");
        }),
      );
      await expect(`${found.join("\n")}\n`).toMatchFileSnapshot(join(RECORDED, "jobs.txt"));
    });

    it("command lines of other commands come to the recorded options and changes of a retry", async () => {
      const found = await Promise.all(
        OTHER_LINES.map(async (line) => {
          const { argument, options, terminal } = await parse(line);
          const change = line[0] === "retry-failed" ? textOf(changeFrom(options as object)) : "none";
          return `$ parrot ${line.join(" ")}\n${terminal}  argument ${textOf(argument)}\n  options  ${textOf(options)}\n  change   ${change}`;
        }),
      );
      await expect(`${found.join("\n")}\n`).toMatchFileSnapshot(join(RECORDED, "options.txt"));
    });

    it("wrong command lines are refused in the recorded words", async () => {
      const found = await Promise.all(
        WRONG_LINES.map(async (line) => `$ parrot ${line.join(" ")}\n${(await parse(line)).terminal}`),
      );
      await expect(found.join("\n")).toMatchFileSnapshot(join(RECORDED, "wrong-lines.txt"));
    });

    it("the help of every command is as recorded", async () => {
      const commands = [
        "",
        "text",
        "columns",
        "data",
        "resume",
        "retry-failed",
        "explain",
        "explain text",
        "explain columns",
        "explain data",
        "journal",
        "journal show",
        "journal export",
        "journal prune",
        "batch",
        "batch list",
        "batch cancel",
        "batch forget",
        "estimate",
        "estimate text",
        "estimate columns",
        "estimate data",
        "explode",
        "score",
        "finetune",
        "providers",
        "simulate",
        "completion",
      ];
      const found = await Promise.all(
        commands.map(
          async (command) => `$ parrot ${command} --help\n${(await parse([command, "--help"])).terminal}`,
        ),
      );
      await expect(found.join("\n")).toMatchFileSnapshot(join(RECORDED, "help.txt"));
      const wide = found.flatMap((text) => text.split("\n")).filter((line) => line.length > WIDTH);
      expect(wide, "lines that an ordinary terminal breaks").toEqual([]);
    });

    it("errors of the libraries call options by the recorded flags", async () => {
      const found = LIBRARY_OPTIONS.map((option) =>
        messageOf(new ParrotError("INVALID_OPTION", option, { option })),
      );
      await expect(`${found.join("\n")}\n`).toMatchFileSnapshot(join(RECORDED, "library-options.txt"));
    });
  },
);
