// @module-tag slow

import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Workplace } from "../../fixtures/workplace.ts";

let simulator: Simulator;
let place: Workplace;

/** What is answered to a row, by its number. */
const ANSWERS = [
  "What is a lamp?",
  "What is a lamp?",
  "what is a lamp",
  "Who made this one?",
  "refused",
  "refused",
];

beforeEach(async () => {
  simulator = await startSimulator({
    answer: ({ messages }) => ANSWERS[Number(/About (\d)/.exec(JSON.stringify(messages))?.[1])] ?? "",
    faults: ({ body }) =>
      /About [45]/.test(JSON.stringify(body)) ? { kind: "status", status: 400 } : undefined,
    latency: { kind: "lognormal", medianMs: 5, p99Ms: 100 },
  });
  place = await Workplace.open(simulator);
  await place.write("in.csv", `id\n${ANSWERS.map((_, id) => id).join("\n")}\n`);
});
afterEach(async () => {
  await place.close();
  await simulator.close();
});

const ASK = ["text", "in.csv", "--prompt", "About ${id}", "--model", "openai/gpt-4o-mini", "-o", "out.csv"];

describe("--dedupe", () => {
  it("--dedupe keeps the first row of each answer, and every row that failed, and tells how many it left out", async () => {
    const { code, stderr } = await place.run(...ASK, "--dedupe", "--lineage");
    expect([code, stderr]).toEqual([3, expect.stringContaining("4 rows answered, 5 rows in out.csv")]);
    expect(stderr).toContain("1 row was left out, as an earlier row has the same answer");
    const lines = (await place.read("out.csv"))
      .split("\n")
      .map((line) => line.slice(0, line.indexOf(",", 2)));
    expect(lines.slice(1, 6)).toEqual([
      "0,What is a lamp?",
      "2,what is a lamp",
      "3,Who made this one?",
      "4,",
      "5,",
    ]);
  });

  it("--dedupe-near also leaves out what is nearly the same, whatever answer comes first", async () => {
    for (const journal of ["one.db", "other.db"]) {
      const { stderr } = await place.run(...ASK, "--dedupe-near", "0.9", "--journal", journal, "--overwrite");
      expect(stderr).toContain("1 row was left out, as an earlier row has the same answer");
      expect(stderr).toContain(
        "1 row was left out, as an earlier row has nearly the same text (--dedupe-near 0.9)",
      );
      expect(await place.read("out.csv")).toBe(
        "id,output\n0,What is a lamp?\n3,Who made this one?\n4,\n5,\n",
      );
    }
  });

  it("the summary names the columns of --dedupe-by, by which rows were left out", async () => {
    await place.write("in.csv", `id,kind\n0,a\n3,a\n2,b\n`);
    const { stderr } = await place.run(...ASK, "--dedupe-by", "kind", "--dedupe-near", "0.9");
    expect(stderr).toContain('1 row was left out, as an earlier row has the same "kind"');
    expect(await place.read("out.csv")).toBe("id,kind,output\n0,a,What is a lamp?\n2,b,what is a lamp\n");
  });

  it("--dedupe does not replace an output of rows that it would leave out, without --overwrite", async () => {
    await place.run(...ASK);
    const before = await place.read("out.csv");
    const refused = await place.run(...ASK, "--dedupe");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("it has rows that --dedupe would leave out");
    expect(await place.read("out.csv")).toBe(before);
    expect((await place.run(...ASK, "--dedupe", "--overwrite")).code).toBe(3);
    expect((await place.run(...ASK)).code).toBe(3);
    expect(await place.read("out.csv")).toBe(before);
  });

  it("--dedupe-rows bounds what is remembered, which is told when it was not enough", async () => {
    await place.write("lists.jsonl", '{"id":1,"l":["a","b","c","a"]}\n{"id":2,"l":["a","b"]}\n');
    const explode = ["explode", "lists.jsonl", "--column", "l", "-o", "l.csv", "--dedupe"];
    const { stderr } = await place.run(...explode);
    expect(stderr).toContain("3 rows were left out, as an earlier row has the same element");
    expect(await place.read("l.csv")).toBe("id,l\n1,a\n1,b\n1,c\n");
    const few = await place.run(...explode, "--dedupe-rows", "2", "--overwrite");
    expect(few.stderr).toContain("Each row was compared with the last 2 different rows before it");
  });

  it.each<[options: readonly string[], message: string]>([
    [["--dedupe-rows", "5"], "add --dedupe, --dedupe-by or --dedupe-near"],
    [["--dedupe-by", "outptu"], 'did you mean "output"?'],
    [["--dedupe-near", "90"], "a share from 0.5 to 1"],
  ])("parrot refuses %s before it asks anything", async (options, message) => {
    const { code, stderr } = await place.run(...ASK, ...options);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
    expect(simulator.ledger.received).toBe(0);
  });
});
