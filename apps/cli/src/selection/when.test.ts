// @module-tag slow

import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Workplace } from "../../fixtures/workplace.ts";

let simulator: Simulator;
let place: Workplace;

beforeEach(async () => {
  simulator = await startSimulator({ answer: () => "better" });
  place = await Workplace.open(simulator);
  await place.write("in.csv", "text,score\na,5\nb,1\nc,\nd,2\n");
});
afterEach(async () => {
  await place.close();
  await simulator.close();
});

const ASK = ["--prompt", "Improve ${text}", "--model", "openai/sim"];
const WHEN = ["--when", "score < 3", "--output-key", "text", "--on-collision", "overwrite"];

describe("--when", () => {
  it("rows for which the condition is not true are in the output as they are, and are counted", async () => {
    const { code, stderr } = await place.run("text", "in.csv", ...ASK, ...WHEN, "-o", "out.csv");
    expect(await place.read("out.csv")).toBe("text,score\na,5\nbetter,1\nc,\nbetter,2\n");
    expect(stderr).toContain("2 rows answered, 2 passed as --when says, 4 rows in out.csv");
    expect(code).toBe(0);
    expect(simulator.ledger.received).toBe(2);
  });

  it("explain and estimate count rows that pass", async () => {
    const explained = await place.run("explain", "text", "in.csv", ...ASK, ...WHEN);
    expect(explained.stdout).toContain("4 rows: 0 answered, 2 pass as --when says, 2 to be asked");
    const { stdout } = await place.run("estimate", "text", "in.csv", ...ASK, ...WHEN, "--json");
    expect(JSON.parse(stdout)).toMatchObject({ rows: 4, toAsk: 2, passes: 2 });
  });

  it("a condition on a column that is not there is refused before anything is sent", async () => {
    const { code, stderr } = await place.run("text", "in.csv", ...ASK, "--when", "scroe < 3");
    expect(stderr).toContain('no column "scroe" (did you mean "score"?)');
    expect(code).toBe(2);
    expect(simulator.ledger.received).toBe(0);
  });

  it("another condition is another job, whose output is not replaced", async () => {
    await place.run("text", "in.csv", ...ASK, ...WHEN, "-o", "out.csv");
    const other = ["--when", "score < 2", "--output-key", "text", "--on-collision", "overwrite"];
    const { code, stderr } = await place.run("text", "in.csv", ...ASK, ...other, "-o", "out.csv");
    expect(stderr).toContain("out.csv");
    expect(code).toBe(2);
    expect(simulator.ledger.received).toBe(2);
  });
});
