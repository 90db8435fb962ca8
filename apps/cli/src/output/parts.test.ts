// @module-tag slow

import { readFile, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Row } from "@parallel-parrot/core";
import { openSource } from "@parallel-parrot/formats";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Workplace } from "../../fixtures/workplace.ts";

let simulator: Simulator;
let place: Workplace;
/** Which rows are never answered, by a word of their prompt. */
let stalled: string | undefined;

beforeEach(async () => {
  stalled = undefined;
  simulator = await startSimulator({
    answer: ({ messages }) => {
      const [, id = ""] = /About (\d+)\./.exec(JSON.stringify(messages)) ?? [];
      return JSON.stringify([1, 2].map((n) => ({ question: `${n} of ${id}` })));
    },
    faults: ({ body }) =>
      stalled !== undefined && JSON.stringify(body).includes(stalled) ? { kind: "stall" } : undefined,
  });
  place = await Workplace.open(simulator);
  const rows = Array.from({ length: 60 }, (_, id) => `${id},text ${id}`);
  await place.write("in.csv", `id,text\n${rows.join("\n")}\n`);
});
afterEach(async () => {
  await place.close();
  await simulator.close();
});

const ASK = [
  "data",
  "in.csv",
  "--prompt",
  "About ${id}.",
  "--keys",
  "question",
  "--model",
  "openai/gpt-4o-mini",
];
const SPLIT = ["--split", "train=0.8,test=0.2"];

async function idsIn(name: string): Promise<unknown[]> {
  return (await Array.fromAsync<Row>(openSource(place.path(name)))).map(({ id }) => id);
}

/** The files in a folder with what is in them. */
async function contentOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(place.path(folder), { recursive: true })).filter((name) => name.includes("."));
  const files = names.toSorted().map(async (name) => {
    return [name, await readFile(join(place.path(folder), name), "base64")] as const;
  });
  return new Map(await Promise.all(files));
}

/** What is in the workplace besides the journal. */
async function outputs(): Promise<string[]> {
  return (await readdir(place.folder))
    .filter((name) => !name.startsWith(".") && name !== "in.csv")
    .toSorted();
}

async function exists(name: string): Promise<boolean> {
  return stat(place.path(name)).then(
    () => true,
    () => false,
  );
}

/** Kills a run that has answers to some rows, one of which never gets any. */
async function runAndKill(parameters: readonly string[], growing: string): Promise<void> {
  stalled = "About 59.";
  const wanted = simulator.ledger.received + 40;
  const child = place.start(parameters);
  while (!(await exists(growing)) || simulator.ledger.received < wanted) {
    if (child.exitCode !== null) break;
    await sleep(20);
  }
  child.kill("SIGKILL");
  // Where it ended by itself, its exit code fails the test.
  expect((await child.finished).code).toBeNull();
  stalled = undefined;
}

describe("--split", () => {
  it("--split writes a file for each split, with all outputs of a row in the same one", async () => {
    const { code, stderr } = await place.run(...ASK, "-o", "out.csv", ...SPLIT);
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/out\.train\.csv: \d+ rows; out\.test\.csv: \d+ rows/),
    ]);
    expect(await outputs()).toEqual(["out.test.csv", "out.train.csv"]);
    const [train, test] = [await idsIn("out.train.csv"), await idsIn("out.test.csv")];
    expect(train.length + test.length).toBe(120);
    expect(new Set([...train, ...test]).size).toBe(60);
    expect(test).toHaveLength(2 * new Set(test).size);

    const again = await place.run(...ASK, "-o", "out.csv", ...SPLIT);
    expect(again.stderr).toContain(
      "Nothing to do: 60 rows were answered before, and out.train.csv with out.test.csv has 120 rows",
    );
    // As if the run had been killed when only one of the files had its name.
    await rm(place.path("out.test.csv"));
    const received = simulator.ledger.received;
    expect((await place.run(...ASK, "-o", "out.csv", ...SPLIT)).code).toBe(0);
    expect(await idsIn("out.test.csv")).toEqual(test);
    expect(simulator.ledger.received).toBe(received);
  });

  it("--split refuses to replace a file that another job has written, or somebody has changed", async () => {
    await place.write("out.test.csv", "mine\n");
    const { code, stderr } = await place.run(...ASK, "-o", "out.csv", ...SPLIT);
    expect([code, stderr]).toEqual([2, expect.stringContaining("Cannot write out.test.csv: it exists")]);
    expect(simulator.ledger.received).toBe(0);
    expect(await place.read("out.test.csv")).toBe("mine\n");
    expect((await place.run(...ASK, "-o", "out.csv", ...SPLIT, "--overwrite")).code).toBe(0);
    await place.write("out.train.csv", "changed\n");
    const changed = await place.run(...ASK, "-o", "out.csv", ...SPLIT);
    expect([changed.code, changed.stderr]).toEqual([
      2,
      expect.stringContaining("Cannot write out.train.csv: it exists"),
    ]);
  });

  it("a run with --split that is killed is resumed to the same bytes", async () => {
    const whole = ["-o", "whole.csv", "--journal", "whole.db"];
    expect((await place.run(...ASK, ...SPLIT, ...whole)).code).toBe(0);
    await runAndKill([...ASK, "-o", "out.csv", ...SPLIT], "out.partial.train.csv");
    expect(await exists("out.train.csv")).toBe(false);
    const { code, stderr } = await place.run("resume");
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    for (const split of ["train", "test"])
      expect(await place.read(`out.${split}.csv`)).toBe(await place.read(`whole.${split}.csv`));
    expect((await outputs()).filter((name) => name.includes("partial"))).toEqual([]);
  });

  it("explode shares its rows out by the rows of its input", async () => {
    await place.write(
      "lists.jsonl",
      [0, 1, 2, 3, 4, 5, 6].map((id) => `{"id":${id},"l":[1,2,3]}\n`).join(""),
    );
    const { code } = await place.run(
      "explode",
      "lists.jsonl",
      "--column",
      "l",
      "-o",
      "out.csv",
      "--split",
      "a=0.5,b=0.5",
      "--split-by",
      "id",
    );
    expect(code).toBe(0);
    const [one, other] = [await idsIn("out.a.csv"), await idsIn("out.b.csv")];
    expect(one.length + other.length).toBe(21);
    expect(one).toHaveLength(3 * new Set(one).size);
  });
});

describe("--dataset-dir", () => {
  it("--dataset-dir writes a folder of typed Parquet files with a README.md, and tells its splits", async () => {
    const { code, stderr } = await place.run(...ASK, "--dataset-dir", "docs/", ...SPLIT);
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/train: \d+ rows in 1 file; test: \d+ rows in 1 file\n[^]*120 rows in docs, in /),
    ]);
    const [train, test] = ["docs/data/train-00000-of-00001.parquet", "docs/data/test-00000-of-00001.parquet"];
    expect(await outputs()).toEqual(["docs"]);
    expect((await idsIn(train)).length + (await idsIn(test)).length).toBe(120);
    expect(await place.read("docs/README.md")).toContain("path: data/train-*.parquet");
    const shown = await place.run("journal", "show");
    expect(shown.stdout).toContain("docs");

    const again = await place.run(...ASK, "--dataset-dir", "docs", ...SPLIT);
    expect([again.code, again.stderr]).toEqual([0, expect.stringContaining("and docs has 120 rows")]);
  });

  it("a run with --dataset-dir that is killed is resumed to the same bytes", async () => {
    expect((await place.run(...ASK, "--dataset-dir", "w/docs", ...SPLIT)).code).toBe(2);
    await place.makeFolder("w");
    expect(
      (await place.run(...ASK, "--dataset-dir", "w/docs", ...SPLIT, "--journal", "w/whole.db")).code,
    ).toBe(0);
    await runAndKill([...ASK, "--dataset-dir", "docs", ...SPLIT], "docs.partial/data");
    expect(await exists("docs")).toBe(false);
    const { code, stderr } = await place.run("resume");
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    expect(await contentOf("docs")).toEqual(await contentOf("w/docs"));
    expect(await outputs()).toEqual(["docs", "w"]);
  });

  it("--dataset-dir replaces only what this job has written, or a whole dataset with --overwrite", async () => {
    const dataset = [...ASK, "--dataset-dir", "docs"];
    expect((await place.run(...dataset)).code).toBe(0);
    const first = await contentOf("docs");
    // This job has written the folder just as it is, so nobody has to allow that it does so again.
    expect((await place.run(...dataset, "--fresh")).code).toBe(0);
    expect([...(await contentOf("docs")).keys()]).toEqual([...first.keys()]);
    const other = await place.run(...dataset, "--keys", "question,answer");
    expect([other.code, other.stderr]).toEqual([
      2,
      expect.stringMatching(/Cannot write docs: it exists, written by run \d+ with other options/),
    ]);
    await place.write("docs/notes.txt", "mine");
    const noted = await place.run(...dataset, "--overwrite");
    expect([noted.code, noted.stderr]).toEqual([2, expect.stringContaining("docs/notes.txt is in it")]);
    expect(await place.read("docs/notes.txt")).toBe("mine");
    await rm(place.path("docs/notes.txt"));
    expect((await place.run(...dataset, "--overwrite")).code).toBe(0);
  });

  it("two runs at once cannot write the same dataset", async () => {
    stalled = "About 59.";
    const first = place.start([...ASK, "--dataset-dir", "docs"]);
    while (!(await exists("docs.partial")) && first.exitCode === null) await sleep(20);
    const second = await place.run(...ASK, "--dataset-dir", "./docs", "--journal", "other.db");
    expect([second.code, second.stderr]).toEqual([2, expect.stringContaining("it is being written")]);
    first.kill("SIGKILL");
    await first.finished;
  });

  it.each<[what: string, options: readonly string[], message: string]>([
    [
      "the list of failed rows in it",
      ["--dataset-dir", "docs", "--failed", "docs/f.jsonl"],
      "is in its folder",
    ],
    ["a folder of inputs that would find it", ["in.csv", ".", "--dataset-dir", "docs"], "the next time"],
    ["the input in it", ["--dataset-dir", ".", "--overwrite"], "is in its folder"],
    [
      "a column to split by that is not there",
      ["-o", "out.csv", ...SPLIT, "--split-by", "idd"],
      '"idd" (did you mean "id"?)',
    ],
    ["shares beyond 1", ["-o", "out.csv", "--split", "a=0.9,b=0.2"], "the shares must add up to 1"],
    ["a name that leads elsewhere", ["-o", "out.csv", "--split", "../a=1"], "such as train=0.9,test=0.1"],
  ])("parrot refuses %s before it asks anything", async (_, options, message) => {
    const { code, stderr } = await place.run(...ASK, ...options);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
    expect(simulator.ledger.received).toBe(0);
    expect(await outputs()).toEqual([]);
  });
});
