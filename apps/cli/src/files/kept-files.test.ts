// @module-tag slow

import { link, readFile, rename, rm, symlink } from "node:fs/promises";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Workplace } from "../../fixtures/workplace.ts";
import { TEST_ENVIRONMENT, type Finished } from "../../fixtures/run-parrot.ts";

let simulator: Simulator;
let place: Workplace;
/** Whether rows that say so are refused. */
let refuses: boolean;

const REVIEWS = "review,pairs\nGood.,[]\nBad [refused].,[]\nA lamp.,[]\n";

beforeEach(async () => {
  refuses = true;
  simulator = await startSimulator({
    faults: ({ body }) =>
      refuses && JSON.stringify(body).includes("[refused]") ? { kind: "status", status: 400 } : undefined,
  });
  place = await Workplace.open(simulator);
  await place.write("in.csv", REVIEWS);
});
afterEach(async () => {
  await place.close();
  await simulator.close();
});

const ASKS = ["--prompt", "Sentiment of: ${review}", "--model", "openai/sim"];
const TEXT = ["text", "in.csv", ...ASKS, "--on-failure", "drop"];
const COMMAND = [...TEXT, "-o", "out.csv"];

/** Every file but the journal, and what is in it, links followed. */
async function contents(): Promise<Readonly<Record<string, string>>> {
  const names = (await place.files()).filter((name) => name !== "deep" && !name.startsWith(".parrot"));
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await place.read(name)])));
}

/** How a run ended, and what it did. */
async function outcomeOf(run: () => Promise<Finished>): Promise<object> {
  const before = JSON.stringify(await contents());
  const { received } = simulator.ledger;
  const { code, stderr } = await run();
  const isUnchanged = JSON.stringify(await contents()) === before;
  return { code, stderr, asked: simulator.ledger.received - received, isUnchanged };
}

/** What is refused before anything is done. */
function refusal(message: RegExp): object {
  return { code: 2, stderr: expect.stringMatching(message), asked: 0, isUnchanged: true };
}

describe("a file that is read is not written", () => {
  beforeEach(async () => {
    await link(place.path("in.csv"), place.path("hard.csv"));
    await symlink("in.csv", place.path("soft.csv"));
    await place.makeFolder("deep");
    await symlink("deep", place.path("folder"));
    for (const name of ["prompt.txt", "schema.json", "key.txt", "journal.db"])
      await place.write(name, "${review}");
    await place.write("list.jsonl.failed.jsonl", '{"review":"x"}\n');
    await place.write("deep/out.partial.csv", REVIEWS);
  });

  const DATA = ["data", "in.csv", ...ASKS, "--schema", "schema.json"];
  const INPUT = /that is the input.*choose another name with -o/;
  it.each<[string[], RegExp]>([
    [[...TEXT, "-o", "in.csv"], INPUT],
    [[...TEXT, "-o", "deep/../in.csv"], INPUT],
    [[...TEXT, "-o", "hard.csv"], INPUT],
    [[...TEXT, "-o", "soft.csv"], /to soft\.csv: that is the input in\.csv, which would be lost/],
    [[...TEXT.with(1, "soft.csv"), "-o", "hard.csv"], INPUT],
    [[...TEXT, "-o", "out.csv", "--failed", "hard.csv"], /the input in\.csv.*with --failed/],
    [[...TEXT.with(1, "list.jsonl.failed.jsonl"), "-o", "list.jsonl"], /failed rows.*the input.*--failed/],
    [[...TEXT.with(1, "deep/out.partial.csv"), "-o", "folder/out.csv"], /in which the output grows.*with -o/],
    [["data", "in.csv", ...ASKS, "--keys", "a", "-o", "soft.csv"], INPUT],
    [[...DATA, "-o", "schema.json", "--to", "json"], /that is the schema/],
    [
      [...TEXT.toSpliced(2, 2, "--prompt-file", "prompt.txt"), "-o", "prompt.txt", "--to", "csv"],
      /prompt file/,
    ],
    [[...TEXT, "--key-file", "key.txt", "-o", "key.txt", "--to", "csv"], /that is the key file/],
    [[...TEXT, "--journal", "journal.db", "-o", "journal.db", "--to", "csv"], /that is the journal/],
    [[...TEXT, "-o", ".parrot/journal.db-wal", "--to", "csv"], /that is the journal/],
    [[...TEXT, "-o", "out.csv", "--failed", "out.csv"], /that is the output, which.*with --failed/],
    [[...TEXT, "-o", "folder/a.csv", "--failed", "deep/a.csv"], /that is the output folder\/a\.csv/],
    [["explode", "in.csv", "--column", "pairs", "-o", "hard.csv"], INPUT],
    [["explode", "in.csv", "--column", "pairs", "-o", "a.csv", "--failed", "soft.csv"], /--failed/],
    [
      ["finetune", "soft.csv", "-o", "in.csv", "--prompt-column", "review", "--completion-column", "pairs"],
      INPUT,
    ],
  ])("parrot %j", async (parameters, message) => {
    expect(await outcomeOf(() => place.run(...parameters, "--overwrite"))).toEqual(refusal(message));
  });

  it("finetune does not write over its input where that has the name of a part of an earlier split", async () => {
    await place.write("train.0002.jsonl", '{"a":"x","b":"y"}\n');
    await link(place.path("train.0002.jsonl"), place.path("rows.jsonl"));
    const command = ["finetune", "rows.jsonl", "--prompt-column", "a", "--completion-column", "b"];
    const split = ["-o", "train.jsonl", "--max-tokens-per-file", "100", "--overwrite"];
    expect(await outcomeOf(() => place.run(...command, ...split))).toEqual(
      refusal(/train\.0002\.jsonl: it is the input rows\.jsonl/),
    );
    await rm(place.path("train.0002.jsonl"));
    expect(await place.run(...command, ...split)).toMatchObject({ code: 0 });
  });

  it.skipIf(process.platform === "win32")("a file that the shell opens to read is not written", async () => {
    async function shell(line: string, ...parameters: string[]): Promise<Finished> {
      const program = join(import.meta.dirname, "../../dist/main.js");
      const child = spawn("sh", ["-c", line, "sh", process.execPath, program, ...parameters], {
        cwd: place.folder,
        env: { ...TEST_ENVIRONMENT, ...place.environment },
      });
      const [stderr] = await Promise.all([text(child.stderr), once(child, "close")]);
      return { code: child.exitCode, stdout: "", stderr };
    }
    const fromInput = ["text", "-", "--from", "csv", ...ASKS, "--overwrite"];
    expect(await outcomeOf(() => shell('"$@" < in.csv', ...fromInput, "-o", "hard.csv"))).toEqual(
      refusal(INPUT),
    );
    expect(await outcomeOf(() => shell('"$@" >> in.csv', ...TEXT))).toEqual(
      refusal(/the output to standard output: that is the input/),
    );
  });

  it("a run that is resumed does not write a file that it reads", async () => {
    await rm(place.path("soft.csv"));
    expect(await place.run(...COMMAND)).toMatchObject({ code: 3 });
    await rm(place.path("out.csv"));
    await link(place.path("in.csv"), place.path("out.csv"));
    for (const command of ["retry-failed", "resume"])
      expect(await outcomeOf(() => place.run(command, "1", "--overwrite"))).toEqual(refusal(INPUT));
  });
});

describe("an output that is there", () => {
  const earlier = { code: 2, stderr: expect.stringContaining("written by run 1 with other options") };

  it.each<[string, string[], string]>([
    ["prompt", TEXT.with(3, "Mood of: ${review}"), "the prompt"],
    ["column", [...TEXT, "--output-key", "mood"], "--output-key (output → mood)"],
    ["model", TEXT.with(5, "openai/other"), "the model (openai/sim → openai/other)"],
    ["parameter", [...TEXT, "--temperature", "1"], "--temperature (none → 1)"],
    ["input", TEXT.with(1, "copy.csv"), "the input (in.csv → copy.csv)"],
    [
      "command",
      ["data", "in.csv", ...ASKS, "--keys", "mood"],
      "the command (text → data), --keys (none → [mood])",
    ],
    ["reader", [...TEXT, "--reparse", "--output-key", "mood"], "--output-key (output → mood)"],
  ])("an output of another %s is not replaced without --overwrite", async (_, other, difference) => {
    refuses = false;
    await place.write("copy.csv", REVIEWS);
    expect(await place.run(...COMMAND)).toMatchObject({ code: 0 });
    const output = await place.read("out.csv");
    const refused = await place.run(...other, "-o", "out.csv");
    expect(refused).toMatchObject(earlier);
    expect(refused.stderr).toContain(
      `${difference}. Name another file with -o, or add --overwrite to replace it`,
    );
    expect(await place.read("out.csv")).toBe(output);
    expect(await place.run(...other, "-o", "out.csv", "--overwrite")).toMatchObject({ code: 0 });
    expect(await place.read("out.csv")).not.toBe("");
  });

  it("an output is replaced by the same job, in another form or after an edit of its input", async () => {
    expect(await place.run(...COMMAND)).toMatchObject({ code: 3 });
    expect(await place.run(...COMMAND, "--lineage")).toMatchObject({ code: 3 });
    expect(await place.read("out.csv")).toContain("_row");
    expect(await place.run(...COMMAND, "--reparse")).toMatchObject({ code: 3 });
    await place.write("in.csv", `${REVIEWS}New.,[]\n`);
    expect(await place.run(...COMMAND)).toMatchObject({ code: 3 });
    expect(await place.read("out.csv")).toContain("New.");
    refuses = false;
    expect(await place.run("retry-failed")).toMatchObject({ code: 0 });
    expect((await place.read("out.csv")).trim().split("\n")).toHaveLength(5);
  });
});

describe("a list of failed rows", () => {
  const LIST = "out.csv.failed.jsonl";
  const ASIDE = "out.csv.failed.earlier-1.jsonl";
  let list: string;
  const lists = async (): Promise<string[]> =>
    (await place.files()).filter((name) => name.includes("failed"));

  beforeEach(async () => {
    await place.run(...COMMAND);
    list = await place.read(LIST);
    if (!list.includes("[refused]")) throw new Error(`The list of failed rows is not there: ${list}`);
    refuses = false;
  });

  it("a list of failed rows is removed when each of its rows is answered", async () => {
    expect(await place.run("retry-failed")).toMatchObject({ code: 0 });
    expect(await lists()).toEqual([]);
    expect(await place.read("out.csv")).toContain("[refused]");
  });

  it.each([[["retry-failed"]], [COMMAND], [["retry-failed", "--overwrite"]]])(
    "a list of failed rows is kept where its rows are no longer in the input: %j",
    async (command) => {
      await place.write("in.csv", REVIEWS.replace("Bad [refused].,[]\n", ""));
      const { code, stderr } = await place.run(...command);
      expect([code, stderr]).toEqual([0, expect.stringContaining(`it is kept as ${ASIDE}\n`)]);
      expect(await lists()).toEqual([ASIDE]);
      expect(await place.read(ASIDE)).toBe(list);
    },
  );

  it("a list of failed rows is kept beside the new one where the input was changed and rows fail again", async () => {
    refuses = true;
    await place.write("in.csv", REVIEWS.replace("Bad [refused].", "Worse [refused]."));
    expect(await place.run(...COMMAND)).toMatchObject({ code: 3 });
    expect(await lists()).toEqual([ASIDE, LIST]);
    expect(await place.read(ASIDE)).toBe(list);
    expect(await place.read(LIST)).toContain("Worse");
  });

  it("a list of failed rows that was edited is not taken for one of the run", async () => {
    await place.write(LIST, `${list}{"note":"mine"}\n`);
    expect(await outcomeOf(() => place.run("retry-failed"))).toEqual(
      refusal(/failed rows to out\.csv\.failed\.jsonl: it exists/),
    );
    expect(await place.run("retry-failed", "--overwrite")).toMatchObject({ code: 0 });
    expect(await place.read(ASIDE)).toBe(`${list}{"note":"mine"}\n`);
  });

  it("a list of failed rows of another input is kept when its output is replaced", async () => {
    await place.write("other.csv", "review\nFine.\n");
    expect(await place.run(...COMMAND.with(1, "other.csv"), "--overwrite")).toMatchObject({ code: 0 });
    expect(await place.read(ASIDE)).toBe(list);
  });

  it("an unfinished list of failed rows is kept where the input has changed", async () => {
    await rename(place.path(LIST), place.path("out.csv.failed.partial.jsonl"));
    await place.write("in.csv", REVIEWS.replace("Bad [refused].,[]\n", ""));
    expect(await place.run(...COMMAND)).toMatchObject({ code: 0 });
    expect(await lists()).toEqual(["out.csv.failed.partial.earlier-1.jsonl"]);
  });

  it("an unfinished list of failed rows is kept where a run in between had no failed row", async () => {
    const partial = "out.csv.failed.partial.jsonl";
    await rename(place.path(LIST), place.path(partial));
    await place.write("in.csv", REVIEWS.replace("Bad [refused].", "Fine."));
    const stops = ["--fresh", "--max-requests", "1", "--concurrency", "1"];
    expect(await place.run(...COMMAND, ...stops)).toMatchObject({ code: 4 });
    expect(await place.run(...COMMAND)).toMatchObject({ code: 0 });
    expect(await lists()).toEqual(["out.csv.failed.partial.earlier-1.jsonl"]);
  });

  it("an output of another job is told before its list of failed rows", async () => {
    const other = COMMAND.with(3, "Mood of: ${review}");
    const told = /Cannot write out\.csv: it exists, written by run 1 .*: the prompt\. Name another file/;
    expect(await outcomeOf(() => place.run(...other))).toEqual(refusal(told));
    const unknown = /Cannot write out\.csv: it exists\. Name another file/;
    expect(await outcomeOf(() => place.run(...other, "--no-journal"))).toEqual(refusal(unknown));
  });

  it("a list of failed rows of piped input is kept where other input comes", async () => {
    refuses = true;
    const piped = async (input: string): Promise<string> => {
      const child = place.start(["text", "-", "--from", "csv", ...ASKS, "-o", "piped.csv"]);
      child.stdin?.end(input);
      return (await child.finished).stderr;
    };
    await piped(REVIEWS);
    refuses = false;
    expect(await piped(REVIEWS)).not.toContain("kept as");
    const ours = async (): Promise<string[]> => (await lists()).filter((name) => name.startsWith("piped"));
    expect(await ours()).toEqual(["piped.csv.failed.jsonl"]);
    expect(await piped("review\nFine.\n")).toContain("kept as piped.csv.failed.earlier-1.jsonl");
    expect(await ours()).toEqual(["piped.csv.failed.earlier-1.jsonl"]);
  });

  it("a list of failed rows of explode is kept unless the new one is the same", async () => {
    await place.write("cells.csv", "id,cell\n1,x\n2,[3]\n");
    const command = ["explode", "cells.csv", "--column", "cell", "-o", "a.csv", "--overwrite", "--quiet"];
    expect(await place.run(...command)).toMatchObject({ code: 3 });
    const failed = await readFile(place.path("a.csv.failed.jsonl"), "utf8");
    expect(await place.run(...command)).toMatchObject({ code: 3 });
    await place.write("cells.csv", "id,cell\n2,[3]\n");
    expect(await place.run(...command)).toMatchObject({ code: 0 });
    expect((await lists()).filter((name) => name.startsWith("a."))).toEqual(["a.csv.failed.earlier-1.jsonl"]);
    expect(await place.read("a.csv.failed.earlier-1.jsonl")).toBe(failed);
  });
});
