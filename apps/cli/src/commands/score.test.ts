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
