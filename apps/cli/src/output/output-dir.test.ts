// @module-tag slow

import { mkdir, readdir, readFile, rm, symlink } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync, gzipSync } from "node:zlib";
import { arraySource, type Row } from "@parallel-parrot/core";
import { openSink, openSource } from "@parallel-parrot/formats";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Workplace } from "../../fixtures/workplace.ts";

let simulator: Simulator;
let place: Workplace;
/** Which rows are never answered, or refused, by a word of their prompt. */
let stalled: string | undefined;
let refused: string | undefined;

beforeEach(async () => {
  [stalled, refused] = [undefined, undefined];
  simulator = await startSimulator({
    answer: ({ messages }) => `answer to ${/About (\w+)\./.exec(JSON.stringify(messages))?.[1]}`,
    faults: ({ body }) => {
      const text = JSON.stringify(body);
      if (stalled !== undefined && text.includes(stalled)) return { kind: "stall" };
      return refused !== undefined && text.includes(refused)
        ? { kind: "status", status: 400, message: "no" }
        : undefined;
    },
  });
  place = await Workplace.open(simulator);
  await mkdir(place.path("in/2024"), { recursive: true });
  await place.write("in/a.csv", "\uFEFFid,text\r\na1,one\r\na2,two\r\n");
  await place.write("in/2024/b.tsv", "id\textra\nb1\t1\nb2\t2\n");
  await place.write("in/c.csv.gz", gzipSync("id\nc1\nc2\nc3\n"));
});
afterEach(async () => {
  await place.close();
  await simulator.close();
});

const ASK = ["text", "--prompt", "About ${id}.", "--model", "openai/gpt-4o-mini"];

const EXPLODE = ["explode", "in/*.jsonl", "--column", "l", "--output-dir", "out", "--to", "csv"];

/** What is in the workplace besides the inputs and what is hidden. */
async function outputs(): Promise<string[]> {
  const all = await readdir(place.folder, { recursive: true });
  return all.filter((name) => !/^(?:in$|in\/|\.)|^[^.]*$/.test(name)).toSorted();
}

/** The types of the columns of a file, in their order. */
async function typesOf(name: string): Promise<unknown> {
  const source = openSource(place.path(name));
  const types = await source.columnTypes();
  await source.cancel();
  return [...(types ?? [])];
}

async function rowsOf(name: string): Promise<Row[]> {
  return Array.fromAsync<Row>(openSource(place.path(name)));
}

describe("--output-dir", () => {
  it("--output-dir writes for each input what a run of it alone writes, in the folders of the inputs", async () => {
    const inputs = ["in/2024/b.tsv", "in/a.csv", "in/c.csv.gz"];
    const { code, stderr } = await place.run(...ASK, "in", "--output-dir", "out/", "--to", "csv");
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining("out/2024/b.csv: 2 rows; out/a.csv: 2 rows; out/c.csv.gz: 3 rows"),
    ]);
    expect(stderr).toContain("7 rows in out");
    const files = ["out/2024/b.csv", "out/a.csv", "out/c.csv.gz"];
    expect(await outputs()).toEqual(files);
    const received = simulator.ledger.received;
    for (const [number, input] of inputs.entries()) {
      const alone = number === 2 ? "alone.csv.gz" : "alone.csv";
      expect((await place.run(...ASK, input, "-o", alone, "--to", "csv", "--overwrite")).code).toBe(0);
      expect(await readFile(place.path(files[number] ?? ""))).toEqual(await readFile(place.path(alone)));
    }
    expect(simulator.ledger.received).toBe(received);
    expect(await place.read("out/a.csv")).toBe(
      "\uFEFFid,text,output\r\na1,one,answer to a1\r\na2,two,answer to a2\r\n",
    );
    expect(gunzipSync(await readFile(place.path("out/c.csv.gz"))).toString()).toContain("c3,answer to c3");
  });

  it("--output-dir tells that all was done before, and writes a file again that was removed", async () => {
    const command = [...ASK, "in/a.csv", "in/c.csv.gz", "--output-dir", "out"];
    expect((await place.run(...command)).code).toBe(0);
    const again = await place.run(...command);
    expect(again.stderr).toContain("Nothing to do: 5 rows were answered before, and out has 5 rows");
    await rm(place.path("out/a.csv"));
    const received = simulator.ledger.received;
    expect((await place.run(...command)).code).toBe(0);
    expect(await rowsOf("out/a.csv")).toHaveLength(2);
    expect(simulator.ledger.received).toBe(received);
    expect((await place.run("journal", "show")).stdout).toContain("out");
  });

  it("--output-dir keeps the columns of each input and their types in Parquet", async () => {
    const write = async (name: string, rows: readonly Row[], types: object): Promise<void> => {
      const columnTypes = new Map(Object.entries(types));
      await arraySource(rows).pipeTo(await openSink(place.path(name), { columnTypes }));
    };
    await mkdir(place.path("typed"));
    await write("typed/one.parquet", [{ id: 1n, only: "x" }], {
      id: { type: "integer", bits: 64, signed: true },
      only: { type: "text" },
    });
    await write("typed/two.parquet", [{ id: 1.5 }], { id: { type: "float", bits: 64 } });
    const { code, stderr } = await place.run(...ASK, "typed", "--output-dir", "out");
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    expect(await typesOf("out/one.parquet")).toEqual([
      ["id", { type: "integer", bits: 64, signed: true }],
      ["only", { type: "text" }],
      ["output", { type: "text" }],
    ]);
    expect(await typesOf("out/two.parquet")).toEqual([
      ["id", { type: "float", bits: 64 }],
      ["output", { type: "text" }],
    ]);
  });

  it("--output-dir writes an input without rows, and selects rows over all inputs", async () => {
    await place.write("in/b0.csv", "id\n");
    const { code } = await place.run(...ASK, "in/*.csv", "--output-dir", "out", "--offset", "1");
    expect(code).toBe(0);
    expect(await place.read("out/b0.csv")).toBe("id,output\n");
    expect((await rowsOf("out/a.csv")).map(({ id }) => id)).toEqual(["a2"]);
  });

  it("--output-dir has one list of failed rows for all inputs, which names the file of each row", async () => {
    refused = "About b2.";
    const { code } = await place.run(...ASK, "in", "--output-dir", "out", "--to", "csv");
    expect(code).toBe(3);
    expect(await rowsOf("out.failed.jsonl")).toMatchObject([{ file: "in/2024/b.tsv" }]);
    refused = undefined;
    expect((await place.run("retry-failed")).code).toBe(0);
    expect(await rowsOf("out/2024/b.csv")).toMatchObject([{}, { id: "b2", output: "answer to b2" }]);
  });

  it("a run with --output-dir that is killed is resumed to the same bytes", async () => {
    const rows = Array.from({ length: 30 }, (_, id) => `z${id}\n`).join("");
    for (const name of ["d", "e", "f"])
      await place.write(`in/${name}.csv`, `id\n${rows.replaceAll("z", name)}`);
    const command = [...ASK, "in/*.csv", "--concurrency", "8"];
    expect((await place.run(...command, "--output-dir", "whole", "--journal", "whole.db")).code).toBe(0);
    stalled = "About e20.";
    const child = place.start([...command, "--output-dir", "out"]);
    const growing = (): Promise<boolean> =>
      readdir(place.path("out")).then(
        (names) => names.includes("e.partial.csv") && names.includes("d.csv"),
        () => false,
      );
    while (child.exitCode === null && !(await growing())) await sleep(20);
    child.kill("SIGKILL");
    expect((await child.finished).code).toBeNull();
    // Complete files have their names, and no other has one.
    expect(await place.read("out/d.csv")).toBe(await place.read("whole/d.csv"));
    expect(await readdir(place.path("out"))).not.toContain("f.csv");
    stalled = undefined;
    const { code, stderr } = await place.run("resume");
    expect([code, stderr]).toEqual([0, expect.stringMatching(/writes out\b/)]);
    const names = await readdir(place.path("whole"));
    expect(await readdir(place.path("out"))).toEqual(names);
    for (const name of names) expect(await place.read(`out/${name}`)).toBe(await place.read(`whole/${name}`));
  });

  it("two runs at once cannot write the same folder, and one that is stopped tells where its rows are", async () => {
    stalled = "About c3.";
    const first = place.start([...ASK, "in/a.csv", "in/c.csv.gz", "--output-dir", "out", "--grace", "1"]);
    while (first.exitCode === null && !(await outputs()).includes("out/c.partial.csv.gz")) await sleep(20);
    const second = await place.run(...ASK, "in/a.csv", "--output-dir", "./out", "--journal", "other.db");
    expect([second.code, second.stderr]).toEqual([2, expect.stringContaining("it is being written")]);
    first.kill("SIGINT");
    const { code, stderr } = await first.finished;
    expect([code, stderr]).toEqual([
      130,
      expect.stringMatching(/rows in out and out\/c\.partial\.csv\.gz, .*parrot resume\n$/),
    ]);
    expect(await readdir(place.path("out"))).toEqual(["a.csv", "c.partial.csv.gz"]);
  });

  it("explode has one output for each input, with the columns of its own elements", async () => {
    await place.write("in/l.jsonl", '{"id":1,"l":[{"a":1},{"a":2}]}\n');
    await place.write("in/m.jsonl", '{"id":2,"l":[{"b":1}]}\n{"id":3,"l":[]}\n');
    const { code, stderr } = await place.run(...EXPLODE);
    expect([code, stderr]).toEqual([0, expect.stringContaining("out/l.csv: 2 rows; out/m.csv: 2 rows")]);
    expect(await place.read("out/l.csv")).toBe("id,a\n1,1\n1,2\n");
    expect(await place.read("out/m.csv")).toBe("id,b\n2,1\n3,\n");
    const again = await place.run(...EXPLODE);
    expect([again.code, again.stderr]).toEqual([
      2,
      expect.stringContaining("Cannot write out/l.csv: it exists"),
    ]);
  });

  it("--output-dir refuses to replace a file that another job has written", async () => {
    await mkdir(place.path("out"));
    await place.write("out/c.csv.gz", "mine\n");
    const { code, stderr } = await place.run(...ASK, "in/*.csv*", "--output-dir", "out");
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/Cannot write out\/c\.csv\.gz: it exists.*--output-dir, or add --overwrite/),
    ]);
    expect(simulator.ledger.received).toBe(0);
    expect(await outputs()).toEqual(["out/c.csv.gz"]);
    expect((await place.run(...ASK, "in/*.csv*", "--output-dir", "out", "--overwrite")).code).toBe(0);
  });

  it("--output-dir follows no link that leads out of its folder, also with --overwrite", async () => {
    await mkdir(place.path("out"));
    await mkdir(place.path("elsewhere"));
    await symlink(place.path("elsewhere"), place.path("out/2024"));
    const { code, stderr } = await place.run(
      ...ASK,
      "in",
      "--output-dir",
      "out",
      "--to",
      "csv",
      "--overwrite",
    );
    expect([code, stderr]).toEqual([2, expect.stringContaining("out/2024: it is a link to")]);
    await rm(place.path("out/2024"));
    await place.write("precious.csv", "mine\n");
    await symlink(place.path("precious.csv"), place.path("out/a.csv"));
    const other = await place.run(...ASK, "in", "--output-dir", "out", "--to", "csv", "--overwrite");
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining("out/a.csv: it is a link to")]);
    expect(await place.read("precious.csv")).toBe("mine\n");
    expect(await readdir(place.path("elsewhere"))).toEqual([]);
    expect(simulator.ledger.received).toBe(0);
  });

  it.each<[what: string, options: readonly string[], message: string]>([
    ["outputs among the inputs", ["in", "--to", "csv", "--output-dir", "in/out"], "the next time"],
    ["outputs in the place of inputs", ["in", "--output-dir", "in", "--to", "csv"], "that is the input"],
    [
      "inputs of several formats without one for the outputs",
      ["in", "--output-dir", "out"],
      "name it with --to",
    ],
    ["a folder in one that is not there", ["in/a.csv", "--output-dir", "no/out"], "no does not exist"],
    [
      "a list of failed rows that is an output",
      ["in/a.csv", "--output-dir", "out", "--failed", "out/a.csv"],
      "that is the output",
    ],
  ])("parrot refuses %s with --output-dir before it asks anything", async (_, options, message) => {
    const { code, stderr } = await place.run(...ASK, ...options);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
    expect(simulator.ledger.received).toBe(0);
    expect(await outputs()).toEqual([]);
  });
});
