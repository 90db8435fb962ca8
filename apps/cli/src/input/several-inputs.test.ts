// @module-tag slow

import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Workplace } from "../../fixtures/workplace.ts";

let simulator: Simulator;
let place: Workplace;

beforeEach(async () => {
  simulator = await startSimulator();
  place = await Workplace.open(simulator);
  await place.makeFolder("data");
  await place.write("data/part-2.csv", "id,text\n1,one\n2,two\n");
  await place.write("data/part-10.csv", "text,id,lang\nthree,3,en\n");
});
afterEach(async () => {
  await place.close();
  await simulator.close();
});

const ASK = ["--prompt", "Say ${text}", "--model", "openai/sim"];

/** The column of a CSV output whose cells are plain. */
async function column(name: string, file = "out.csv"): Promise<(string | undefined)[]> {
  const [header = "", ...lines] = (await place.read(file)).trimEnd().split("\n");
  const at = header.split(",").indexOf(name);
  return lines.map((line) => line.split(",")[at]);
}

describe("a run over several inputs", () => {
  it("a folder of files is asked in the order of their numbers, and only new rows once a file is added", async () => {
    const command = ["text", "data", ...ASK, "-o", "out.csv", "--source-column", "file"];
    const first = await place.run(...command);
    expect(first.code).toBe(0);
    expect(first.stderr).toContain("The rows are those of 2 inputs: data/part-2.csv, data/part-10.csv");
    expect(first.stderr).toContain('which stay empty there: data/part-2.csv has no "lang"');
    expect(await column("id")).toEqual(["1", "2", "3"]);
    expect(await column("lang")).toEqual(["", "", "en"]);
    expect(await column("file")).toEqual(["data/part-2.csv", "data/part-2.csv", "data/part-10.csv"]);

    const again = await place.run(...command);
    expect(again.stderr).toContain("Nothing to do");
    await place.write("data/part-3.jsonl", '{"id":4,"text":"four"}\n');
    await place.write("data/README.md", "# Parts\n");
    const asked = simulator.ledger.received;
    const more = await place.run(...command);
    expect(more.stderr).toContain("The inputs are not those of run 1 any more");
    expect(more.stderr).toContain("1 file is of no known format and left out: data/README.md");
    expect(simulator.ledger.received - asked).toBe(1);
    expect(await column("id")).toEqual(["1", "2", "4", "3"]);
  });

  it("a run over a quoted pattern and a file goes on with resume, and the journal shows both names", async () => {
    await place.write("more.jsonl", '{"text":"four"}\n');
    const stopped = await place.run(
      "text",
      "data/*.csv",
      "more.jsonl",
      ...ASK,
      "-o",
      "out.jsonl",
      "--max-requests",
      "2",
    );
    expect(stopped.code).toBe(4);
    expect((await place.run("journal", "show")).stdout).toContain("data/*.csv, more.jsonl");
    const asked = simulator.ledger.received;
    const resumed = await place.run("resume", "--max-requests", "10");
    expect(resumed).toMatchObject({ code: 0 });
    expect(simulator.ledger.received - asked).toBe(2);
    expect((await place.read("out.jsonl")).trimEnd().split("\n")).toHaveLength(4);
  });

  it("an input that lacks a column of the prompt is refused by its name before anything is asked", async () => {
    const { code, stderr } = await place.run(
      "text",
      "data",
      "--prompt",
      "${lang}",
      "--model",
      "openai/sim",
      "-o",
      "out.csv",
    );
    expect(code).toBe(2);
    expect(stderr).toContain("lang");
    expect(stderr).toContain("data/part-2.csv");
    expect(simulator.ledger.received).toBe(0);
  });

  it.each([
    [
      "an output among the inputs",
      ["data", "-o", "data/out.csv"],
      "it would be one of the files of the input data",
    ],
    ["an output that a pattern matches", ["data/*.csv", "-o", "data/x.csv"], "files of the input data/*.csv"],
    [
      "an input that is named twice",
      ["data", "data/part-2.csv", "-o", "out.csv"],
      "Cannot read data/part-2.csv twice",
    ],
    ["a pattern without files", ["*.parquet", "-o", "out.csv"], "Cannot read *.parquet: no file matches it"],
    [
      "words of a prompt without quotes",
      ["data", "-o", "out.csv", "and", "more"],
      "Cannot tell the format of and",
    ],
  ])("%s is refused before anything is asked", async (_, words, message) => {
    const { code, stderr } = await place.run("text", ...words, ...ASK);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(simulator.ledger.received).toBe(0);
  });

  it("inputs of several formats have none for standard output, which --to names", async () => {
    await place.write("more.jsonl", '{"text":"four"}\n');
    const refused = await place.run("text", "data", "more.jsonl", ...ASK);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toContain("name it with --to");
    const told = await place.run("text", "data", "more.jsonl", ...ASK, "--to", "jsonl");
    expect(told.stdout.trimEnd().split("\n")).toHaveLength(4);
  });
});

describe("rows of several inputs in messages", () => {
  it("explode names the file and line of a row that fails, in its message and its list", async () => {
    await place.write("a.csv", 'id,list\n1,"[1,2]"\n');
    await place.write("b.csv", "id,list\n2,[3]\n\n3,no list\n");
    const { code, stderr } = await place.run(
      "explode",
      "a.csv",
      "b.csv",
      "--column",
      "list",
      "-o",
      "out.csv",
      "--failed",
      "failed.csv",
    );
    expect(code).toBe(3);
    expect(stderr).toContain("row 3 (row 2 in b.csv on line 4)");
    expect(await column("failure_file", "failed.csv")).toEqual(["b.csv"]);
    expect(await column("failure_line", "failed.csv")).toEqual(["4"]);
    expect(await column("failure_row", "failed.csv")).toEqual(["2"]);
  });

  it("finetune names the file and line of a row that is left out", async () => {
    await place.write("a.csv", "q,a\none,two\n");
    await place.write("b.csv", "q,a\nthree,\n");
    const { stderr } = await place.run(
      "finetune",
      "a.csv",
      "b.csv",
      "--prompt-column",
      "q",
      "--completion-column",
      "a",
      "-o",
      "t.jsonl",
    );
    expect(stderr).toContain("b.csv, line 2 (row 2): ");
  });

  it("estimate and explain count the rows of all inputs", async () => {
    const estimate = await place.run("estimate", "text", "data", ...ASK, "--json");
    expect(JSON.parse(estimate.stdout)).toMatchObject({ rows: 3 });
    const explain = await place.run("explain", "text", "data/*", ...ASK, "--no-journal");
    expect(explain.stdout).toContain("3 rows");
  });
});
