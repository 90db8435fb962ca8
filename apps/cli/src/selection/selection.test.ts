// @module-tag slow

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSource } from "@parallel-parrot/formats";
import { startSimulator, type FaultScript, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startParrot, type Finished } from "../../fixtures/run-parrot.ts";

let folder: string;
let simulator: Simulator;
let faults: FaultScript;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-selection-"));
  faults = () => undefined;
  simulator = await startSimulator({ faults: (request) => faults(request) });
  // Row 12 has an age that is no number, every fifth row has no text, and one cell has a line of its own.
  const lines = Array.from({ length: 30 }, (_, index) => {
    const id = index + 1;
    return `${id},${id === 12 ? "n/a" : id * 2},${id % 5 === 0 ? "" : id === 2 ? '"text\n2"' : `text ${id}`}`;
  });
  await writeFile(join(folder, "in.csv"), `id,age,text\n${lines.join("\n")}\n`);
});
afterEach(async () => {
  await simulator.close();
  await rm(folder, { recursive: true });
});

/** Runs the program; tells also how many requests it sent. */
async function parrot(...parameters: readonly string[]): Promise<Finished & { readonly asked: number }> {
  const before = simulator.ledger.received;
  const environment = { OPENAI_API_KEY: simulator.apiKey, OPENAI_BASE_URL: simulator.baseUrl };
  const finished = await startParrot(parameters, environment, folder).finished;
  return { ...finished, asked: simulator.ledger.received - before };
}

const TEXT = ["text", "in.csv", "--prompt", "About ${id}: ${text}", "--model", "openai/sim"];
const OUT = [...TEXT, "-o", "out.csv"];

const read = (name: string): Promise<string> => readFile(join(folder, name), "utf8");
async function rowsOf(name: string): Promise<readonly Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for await (const row of openSource(join(folder, name))) rows.push(row);
  return rows;
}
const idsOf = async (name: string): Promise<readonly number[]> =>
  (await rowsOf(name)).map(({ id }) => Number(id));

describe("rows that are asked first, and the others later", () => {
  it("a run with --limit asks so many rows, and the run of all rows finds their answers and replaces its output", async () => {
    const few = await parrot(...OUT, "--limit", "20");
    expect([few.code, few.asked, (await idsOf("out.csv")).length]).toEqual([0, 20, 20]);
    expect(few.stderr).toMatch(/^20 of 30 rows are selected \(--limit 20\)\n/);
    const same = await parrot(...OUT, "--limit", "20");
    expect([same.asked, same.stderr]).toEqual([
      0,
      expect.stringContaining("Nothing to do: 20 rows were answered"),
    ]);
    const more = await parrot(...OUT, "--limit", "25");
    expect([more.code, more.asked]).toEqual([0, 5]);
    const all = await parrot(...OUT);
    expect([all.code, all.asked, (await idsOf("out.csv")).length]).toEqual([0, 5, 30]);
    expect(all.stderr).toMatch(/^30 rows answered, .*, 25 found in the journal, /m);
    expect(all.stderr).not.toContain("selected");
  });

  it("a selection does not replace an output that has rows which it does not ask, without --overwrite", async () => {
    await parrot(...OUT, "--offset", "4", "--limit", "5");
    expect(await idsOf("out.csv")).toEqual([5, 6, 7, 8, 9]);
    for (const options of [
      ["--limit", "5"],
      ["--offset", "5", "--limit", "9"],
      ["--where", "id > 4"],
      ["--sample", "9"],
    ]) {
      const { code, asked, stderr } = await parrot(...OUT, ...options);
      expect([code, asked]).toEqual([2, 0]);
      expect(stderr).toContain("it has rows that this run does not ask, which would be missing");
    }
    expect((await parrot(...OUT, "--offset", "3", "--limit", "7")).code).toBe(0);
    expect((await parrot(...OUT, "--limit", "2", "--overwrite")).code).toBe(0);
    expect(await idsOf("out.csv")).toEqual([1, 2]);
  });

  it("--columns does not replace an output that has columns which it leaves out, without --overwrite", async () => {
    await parrot(...OUT, "--limit", "2");
    const before = await read("out.csv");
    const { code, stderr } = await parrot(...OUT, "--limit", "2", "--columns", "id");
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining("it has columns that --columns would leave out"),
    ]);
    expect(await read("out.csv")).toBe(before);
    await parrot(...OUT, "--limit", "2", "--columns", "id", "--overwrite");
    expect((await parrot(...OUT, "--limit", "3", "--columns", "id,text")).code).toBe(0);
    expect((await parrot(...OUT)).code).toBe(0);
  });

  it("a larger sample has all rows of a smaller one, so that these are not asked again", async () => {
    const few = await parrot(...OUT, "--sample", "5");
    const first = await idsOf("out.csv");
    expect([few.asked, first.length]).toEqual([5, 5]);
    expect(few.stderr).toContain("5 of 30 rows are selected (--sample 5)\n");
    const more = await parrot(...OUT, "--sample", "12");
    expect([more.code, more.asked]).toEqual([0, 7]);
    expect(await idsOf("out.csv")).toEqual(expect.arrayContaining([...first]));
    const other = await parrot(...TEXT, "-o", "other.csv", "--sample", "5", "--sample-seed", "2");
    expect(other.stderr).toContain("(--sample 5 --sample-seed 2)");
    expect(await idsOf("other.csv")).not.toEqual(first);
  });
});

describe("which rows are asked", () => {
  it("--where, --skip-empty, --sample, --offset and --limit act in this order, and what cannot be compared is told", async () => {
    const where = await parrot(...OUT, "--where", "age > 10 && id <= 28", "--skip-empty", "text");
    expect(await idsOf("out.csv")).toEqual(
      Array.from({ length: 28 }, (_, index) => index + 1).filter((id) => id > 5 && id % 5 !== 0 && id !== 12),
    );
    expect(where.stderr).toContain(
      "18 of 30 rows are selected (--where 'age > 10 && id <= 28' --skip-empty text)\nIn 1 row --where compares what is no number, so that part of it is false there\n",
    );
    const all = [
      "--where",
      "id > 5",
      "--skip-empty",
      "text",
      "--sample",
      "15",
      "--offset",
      "3",
      "--limit",
      "6",
    ];
    const { stderr } = await parrot(...TEXT, "-o", "few.csv", ...all);
    expect(stderr).toContain("6 of 30 rows are selected");
    await parrot(...TEXT, "-o", "sample.csv", ...all.slice(0, 6));
    expect(await idsOf("few.csv")).toEqual((await idsOf("sample.csv")).slice(3, 9));
  });

  it("rows keep the numbers and lines of the input in lineage, in messages and in the list of failed rows", async () => {
    faults = ({ body }) =>
      JSON.stringify(body).includes("About 7:") ? { kind: "status", status: 422 } : undefined;
    const { code, stderr } = await parrot(
      ...OUT,
      "--where",
      "id > 4 && text != ''",
      "--lineage",
      "--order",
      "completion",
    );
    expect(code).toBe(3);
    const rows = await rowsOf("out.csv");
    expect(rows).toHaveLength(20);
    for (const { id, _row } of rows) expect(Number(_row)).toBe(Number(id) - 1);
    // The text of row 2 has two lines, and the header is a line too.
    expect(JSON.parse(await read("out.csv.failed.jsonl"))).toMatchObject({
      row: 6,
      line: 9,
      input: { id: "7" },
    });
    expect(stderr).toContain("row 7");
  });

  it("a run with a selection is resumed and retried with the same rows", async () => {
    faults = ({ body }) =>
      /About (?:9|11):/.test(JSON.stringify(body)) ? { kind: "status", status: 422 } : undefined;
    const first = await parrot(...OUT, "--offset", "6", "--limit", "8", "--max-failures", "1");
    expect(first.code).not.toBe(0);
    faults = () => undefined;
    const resumed = await parrot("resume", "--max-failures", "50%");
    expect(resumed.stderr).toContain("8 of 30 rows are selected (--offset 6 --limit 8)\n");
    const retried = await parrot("retry-failed", "--all");
    expect([retried.code, retried.asked]).toEqual([0, 2]);
    expect(await idsOf("out.csv")).toEqual([7, 8, 9, 10, 11, 12, 13, 14]);
  });

  it("explain and estimate look at the rows that would be asked", async () => {
    await parrot(...OUT, "--limit", "10");
    const explained = await parrot("explain", ...TEXT, "--offset", "8", "--limit", "6", "--json");
    const asked = explained.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { readonly row: number });
    expect(asked.map(({ row }) => row)).toEqual([10, 11, 12, 13]);
    const all = await parrot("explain", ...TEXT);
    expect(all.stdout).toContain("30 rows: 10 answered, 20 to be asked");
    const estimated = await parrot("estimate", ...TEXT, "--sample", "8", "--look-at", "3", "--json");
    expect(JSON.parse(estimated.stdout)).toMatchObject({ rows: 8, sampled: 3 });
    expect(estimated.stderr).toContain("8 of 30 rows are selected (--sample 8)");
  });

  it("a preview shows the first of the rows that are selected", async () => {
    const { stdout, asked } = await parrot(...TEXT, "--offset", "20", "--preview", "2");
    expect(asked).toBe(2);
    expect(stdout).toContain("text 21");
    expect(stdout).toContain("text 22");
  });

  it("--limit reads no more of standard input than it asks", async () => {
    const parameters = [...TEXT.with(1, "-"), "--from", "jsonl", "--limit", "2"];
    const environment = { OPENAI_API_KEY: simulator.apiKey, OPENAI_BASE_URL: simulator.baseUrl };
    const program = startParrot(parameters, environment, folder);
    // The input does not end: the program has to.
    program.stdin?.on("error", () => undefined);
    for (const id of [1, 2, 3]) program.stdin?.write(`{"id":${id},"text":"x"}\n`);
    const { code, stdout, stderr } = await program.finished;
    expect([code, stdout.trim().split("\n").length]).toEqual([0, 2]);
    expect(stderr).toContain("2 rows are selected (--limit 2)");
  });

  it("a selection without a row asks nothing and says so", async () => {
    const { code, asked, stderr } = await parrot(...OUT, "--where", "id > 99");
    expect([code, asked, await read("out.csv")]).toEqual([0, 0, "id,age,text,output\n"]);
    expect(stderr).toContain("0 of 30 rows are selected (--where 'id > 99')");
  });

  it.each([
    [["--where", "aged > 3"], 'has no column "aged" (did you mean "age"?)'],
    [["--skip-empty", "texts"], 'has no column "texts" (did you mean "text"?)'],
    [["--columns", "id,agee"], 'has no column "agee" (did you mean "age"?)'],
    [["--where", "age = 3"], "write == for equal"],
    [["--where", "text || age < 0"], "should be true or false is neither in row 1"],
    [["--cross", "in.csv"], 'it adds a column "id", which in.csv has already'],
    [["--cross", "none.csv"], "none.csv"],
    [["--repeat", "0"], "--repeat"],
  ])("a selection that cannot be is refused before anything is asked: %j", async (options, message) => {
    const { code, asked, stderr } = await parrot(...OUT, ...options);
    expect([code, asked]).toEqual([2, 0]);
    expect(stderr).toContain(message);
  });
});

describe("a selection over several files", () => {
  it("a row of the second file that fails is named by its file and line there, whichever rows are asked", async () => {
    await writeFile(join(folder, "a.csv"), "id,text\n1,tea\n2,rain\n");
    await writeFile(join(folder, "b.csv"), "id,text\n3,snow\n4,fog\n");
    faults = ({ body }) =>
      JSON.stringify(body).includes("About 4:") ? { kind: "status", status: 422 } : undefined;
    const parameters = ["text", "a.csv", "b.csv", ...TEXT.slice(2), "-o", "both.jsonl", "--where", "id != 2"];
    const { stderr } = await parrot(...parameters);
    expect(stderr).toContain("3 of 4 rows are selected (--where 'id != 2')");
    expect(stderr).toContain("row 4 (row 2 in b.csv on line 3)");
    expect(JSON.parse(await read("both.jsonl.failed.jsonl"))).toMatchObject({
      row: 3,
      file: "b.csv",
      line: 3,
    });
  });
});

describe("columns that the output keeps", () => {
  it("--columns keeps columns of the input in their order, and what answers add", async () => {
    await parrot(...OUT, "--columns", "text,id", "--limit", "3", "--lineage");
    expect((await read("out.csv")).split("\n")[0]).toBe("text,id,output,_row,_choice,_item,_warnings");
    const parquet = await parrot(...TEXT, "--columns", "text,id", "--limit", "3", "-o", "out.parquet");
    expect([parquet.code, parquet.asked]).toEqual([0, 0]);
    expect(Object.keys((await rowsOf("out.parquet"))[0] ?? {})).toEqual(["text", "id", "output"]);
  });

  it("--columns takes a column that the first row lacks", async () => {
    await writeFile(join(folder, "in.jsonl"), '{"id":1,"text":"a"}\n{"id":2,"text":"b","note":"c"}\n');
    const { code } = await parrot(...TEXT.with(1, "in.jsonl"), "--columns", "id,note", "-o", "out.jsonl");
    expect(code).toBe(0);
    expect(await rowsOf("out.jsonl")).toMatchObject([{ id: 1 }, { id: 2, note: "c" }]);
  });
});

describe("rows that are made", () => {
  const made = (output: string): readonly string[] => [
    "text",
    "in.csv",
    "--prompt",
    "As ${persona}: ${text}",
    "--model",
    "openai/sim",
    "--cross",
    "personas.csv",
    "-o",
    output,
  ];
  const MADE = made("made.jsonl");

  beforeEach(async () => {
    await writeFile(join(folder, "personas.csv"), "persona\npoet\njudge\n");
    await writeFile(join(folder, "in.csv"), "id,text\n1,tea\n2,rain\n");
  });

  it("--cross and --repeat make rows, each with an answer of its own, and more repetitions ask only what is new", async () => {
    const first = await parrot(...MADE, "--repeat", "2", "--columns", "id,persona,repetition");
    expect([first.code, first.asked]).toEqual([0, 8]);
    expect(first.stderr).toContain("8 rows are made by --cross personas.csv --repeat 2\n");
    const rows = await rowsOf("made.jsonl");
    expect(rows.map(({ id, persona, repetition }) => [id, persona, repetition])).toEqual(
      ["1", "2"].flatMap((id) =>
        ["poet", "judge"].flatMap((persona) => [1, 2].map((number) => [id, persona, number])),
      ),
    );
    const more = await parrot(...MADE, "--repeat", "5", "--columns", "id,persona,repetition");
    expect([more.code, more.asked, (await rowsOf("made.jsonl")).length]).toEqual([0, 12, 20]);
    const fewer = await parrot(...MADE, "--repeat", "3");
    expect([fewer.code, fewer.stderr]).toEqual([2, expect.stringContaining("which would be missing")]);
  });

  it("a table that was changed makes another run, which asks the new rows alone", async () => {
    await parrot(...MADE);
    expect((await parrot(...MADE)).stderr).toContain("Nothing to do");
    await writeFile(join(folder, "personas.csv"), "persona\npoet\njudge\ncook\n");
    const changed = await parrot(...MADE);
    expect([changed.code, changed.asked]).toEqual([0, 2]);
  });

  it("a made row that fails has the line of the row that it was made of", async () => {
    faults = ({ body }) =>
      JSON.stringify(body).includes("As judge: rain") ? { kind: "status", status: 422 } : undefined;
    await parrot(...MADE);
    expect(JSON.parse(await read("made.jsonl.failed.jsonl"))).toMatchObject({
      row: 3,
      line: 3,
      input: { persona: "judge" },
    });
  });

  it("made rows keep their types in Parquet", async () => {
    const { code } = await parrot(...made("made.parquet"), "--repeat", "2");
    expect(code).toBe(0);
    expect((await rowsOf("made.parquet"))[1]).toMatchObject({ id: "1", persona: "poet", repetition: 2 });
  });

  it("the output is not written over a table that the rows are crossed with", async () => {
    const { code, stderr } = await parrot(...made("personas.csv"));
    expect([code, await read("personas.csv")]).toEqual([2, "persona\npoet\njudge\n"]);
    expect(stderr).toContain("that is a table that the rows are crossed with");
  });
});
