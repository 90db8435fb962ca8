// @module-tag slow

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Workplace } from "../../fixtures/workplace.ts";

let place: Workplace;

beforeAll(async () => {
  place = await Workplace.open({ baseUrl: "http://127.0.0.1:1/v1", apiKey: "none" });
  await place.write(
    "out.csv",
    "id,lang,label,output@small,output@large\n1,de,good,good,Good.\n2,de,bad,good,bad\n3,en,bad,bad,bad\n4,en,good,,good\n5,en,,good,good\n",
  );
  await place.write("numbers.jsonl", '{"n":1,"output":2}\n{"n":3,"output":3}\n{"n":5,"output":4}\n');
});
afterAll(() => place.close());

describe("parrot score", () => {
  it("score compares each column of compared models with the labels, and asks nobody", async () => {
    const { code, stdout } = await place.run("score", "out.csv", "--against", "label");
    expect(code).toBe(0);
    expect(stdout).toContain(
      "output@small against label: 3 rows, and 1 without an answer, and 1 without label\n  accuracy 66.7 % (2 the same); 50.0 % of 4, where a row without an answer is wrong\n  Cohen's kappa 0.400",
    );
    expect(stdout).toContain(
      "output@large against label: 4 rows, and 1 without label\n  accuracy 100.0 % (4 the same, 3 of them to the letter)\n  Cohen's kappa 1.000",
    );
    expect(stdout).toMatch(/good +1 +0\.500 +1\.000 +0\.667/);
    expect(stdout).toMatch(/label ↓ given → +bad +good *\nbad +1 +1/);
  });

  it("score takes the name of the answers for the columns of all models that were compared", async () => {
    const { stdout } = await place.run("score", "out.csv", "--against", "label", "--column", "output");
    expect(stdout).toContain("output@small against label: 3 rows");
    expect(stdout).toContain("output@large against label: 4 rows");
  });

  it("score says why there is no table where there are too many different labels", async () => {
    const rows = Array.from({ length: 60 }, (_, at) => `t${at},t${at}`).join("\n");
    await place.write("texts.csv", `label,output\n${rows}\n`);
    const { stdout } = await place.run("score", "texts.csv", "--against", "label");
    expect(stdout).toContain("(60 the same)\n  more than 50 different labels, so each is taken for a text");
  });

  it("score tells the format that standard input needs, and calls it that where a column is not there", async () => {
    const unknown = await place.run("score", "-", "--against", "label");
    expect(unknown.stderr).toBe(
      "parrot: Cannot tell the format of standard input; name it with --from csv|tsv|jsonl|json|arrow\n",
    );
    const child = place.start(["score", "-", "--from", "csv", "--against", "label"]);
    child.stdin?.end("id,output\n1,a\n");
    const missing = await child.finished;
    expect(missing.stderr).toContain('standard input has no column "label"');
  });

  it("finetune and explode take a selection, and name a row by its number in the input", async () => {
    await place.write("lists.csv", 'id,l\n1,"[1,2]"\n2,"[3]"\n3,no list\n4,"[4]"\n');
    const exploded = await place.run(
      "explode",
      "lists.csv",
      "--column",
      "l",
      "--where",
      "id > 1",
      "--limit",
      "2",
    );
    expect(exploded).toMatchObject({ code: 3, stdout: "id,l\n2,3\n3,no list\n" });
    expect(exploded.stderr).toContain("2 rows are selected (--where 'id > 1' --limit 2)");
    expect(exploded.stderr).toContain("the first: row 3 on line 4");
    await place.write("pairs.csv", "id,q,a\n1,one?,1\n2,two?,2\n3,,3\n4,four?,4\n");
    const columns = ["--prompt-column", "q", "--completion-column", "a", "-o", "train.jsonl"];
    const tuned = await place.run("finetune", "pairs.csv", ...columns, "--where", "id > 1");
    expect(tuned.stderr).toContain("train.jsonl: 2 examples");
    expect(tuned.stderr).toContain("line 4 (row 3)");
    expect(tuned.stderr).toContain("3 rows are selected");
    const unknown = await place.run("finetune", "pairs.csv", ...columns, "--where", "idd > 1");
    expect(unknown.stderr).toContain('did you mean "id"?');
  });

  it("an option that is misspelt is told before one that is missing", async () => {
    const { code, stderr } = await place.run("score", "out.csv", "--agains", "label");
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        "parrot: unknown option '--agains'\n(Did you mean --against?)\n(add --help for the options and examples)\n",
    });
  });

  it("score tells how far numbers are off, and everything as JSON", async () => {
    const line = ["score", "numbers.jsonl", "--against", "n"];
    const { stdout } = await place.run(...line);
    expect(stdout).toContain(
      "off by 0.6667 on average (root mean square 0.8165, at most 1), 0 too high on the whole",
    );
    const json = await place.run(...line, "--json");
    expect(JSON.parse(json.stdout)).toMatchObject([
      { column: "output", against: "n", scored: 3, same: 1, numbers: { meanError: 0, explained: 0.75 } },
    ]);
  });

  it("score takes a selection of the rows", async () => {
    const line = ["score", "out.csv", "--against", "label", "--column", "output@small"];
    const { stdout, stderr } = await place.run(...line, "--where", 'lang == "de"');
    expect(stdout).toContain("output@small against label: 2 rows\n  accuracy 50.0 % (1 the same)");
    expect(stderr).toContain("--where");
  });

  it.each([
    [["--against", "nope"], 'out.csv has no column "nope"'],
    [["--against", "label", "--column", "nope"], 'out.csv has no column "nope"'],
    [["--against", "label", "--column", "label"], "Cannot score label against itself"],
    [[], "--against"],
  ])("score refuses the options %j and says what is wrong", async (options, message) => {
    const { code, stderr } = await place.run("score", "out.csv", ...options);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
  });

  it("score says which columns there are where it cannot tell which has the answers", async () => {
    await place.write("other.csv", "label,sentiment\na,a\n");
    const { code, stderr } = await place.run("score", "other.csv", "--against", "label");
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining("name it with --column: label, sentiment"),
    });
  });
});
