// @module-tag slow

import { MAX_FAULTS } from "@parallel-parrot/core";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Workplace } from "../../fixtures/workplace.ts";

/** Code that throws where rows of the output become text: those that ask for it in their own words. */
const FAULT = `
const { stringify } = JSON;
JSON.stringify = (value, ...others) => {
  if (Object.hasOwn(Object(value), "output") && String(value.text).includes("[no text]"))
    throw new Error("there is no text for this");
  return stringify(value, ...others);
};
`;
const COMMAND = ["text", "in.jsonl", "--prompt", "Say: ${text}", "--model", "openai/sim", "-o", "out.jsonl"];

let simulator: Simulator;
let place: Workplace;
beforeEach(async () => {
  simulator = await startSimulator();
  place = await Workplace.open(simulator);
  await place.write("fault.mjs", FAULT);
  place.environment["NODE_OPTIONS"] = "--import=./fault.mjs";
});
afterEach(async () => {
  await place.close();
  await simulator.close();
});

async function writeInput(rows: number, isBad: (id: number) => boolean): Promise<void> {
  const lines = Array.from({ length: rows }, (_, id) =>
    JSON.stringify({ id, text: `row ${id}${isBad(id) ? " [no text]" : ""}` }),
  );
  await place.write("in.jsonl", `${lines.join("\n")}\n`);
}

async function rowsIn(name: string): Promise<Record<string, unknown>[]> {
  const lines = (await place.read(name)).split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("a row over which the output throws", () => {
  it("a row over which the output throws fails as data: it is listed with its line and counted, and all others are in the output", async () => {
    await writeInput(600, (id) => id % 200 === 50);
    const { code, stderr } = await place.run(...COMMAND, "--on-failure", "drop");
    expect({ code, stderr }).toMatchObject({ code: 3 });
    expect((await rowsIn("out.jsonl")).map(({ id }) => id)).toEqual(
      Array.from({ length: 600 }, (_, id) => id).filter((id) => id % 200 !== 50),
    );
    expect(await rowsIn("out.jsonl.failed.jsonl")).toMatchObject(
      [50, 250, 450].map((id) => ({ row: id, line: id + 1, code: "STAGE_FAILED", stage: "formats" })),
    );
    expect(stderr).toContain("597 rows answered, 597 rows in out.jsonl");
    expect(stderr).toMatch(
      /3 rows failed, see out\.jsonl\.failed\.jsonl; the first: row 51 on line 51, id "50" \(STAGE_FAILED\): .*there is no text for this/,
    );
    expect(stderr).toContain("  3 STAGE_FAILED (rows 51, 251, 451): an error in code that must never throw");
  });

  it("a row over which the output throws leaves a row of nulls where failed rows are kept with nulls", async () => {
    await writeInput(5, (id) => id === 2);
    // The row of nulls has the text of the input too, so it is left out of the columns that the fault looks at.
    await place.write(
      "fault.mjs",
      FAULT.replace("String(value.text)", "value.output !== null && String(value.text)"),
    );
    expect(await place.run(...COMMAND)).toMatchObject({ code: 3 });
    const rows = await rowsIn("out.jsonl");
    expect(rows).toHaveLength(5);
    expect(rows[2]).toEqual({ id: 2, text: "row 2 [no text]", output: null });
    expect(await rowsIn("out.jsonl.failed.jsonl")).toMatchObject([{ row: 2, input: { id: 2 } }]);
  });

  it("a row over which the output throws ends the run with --on-failure stop, with every answer kept", async () => {
    await writeInput(5, (id) => id === 2);
    const { code, stderr } = await place.run(...COMMAND, "--on-failure", "stop");
    expect({ code, stderr }).toMatchObject({ code: 4 });
    expect(stderr).toContain("Cannot go on: row 3 failed (STAGE_FAILED)");
    expect(stderr).toContain("Every answer is kept.");
  });

  it(`the ${MAX_FAULTS}th row over which the output throws stops the run, which can be resumed and pays for nothing twice`, async () => {
    const rows = 2000;
    await writeInput(rows, (id) => id >= 300);
    const { code, stderr } = await place.run(...COMMAND, "--concurrency", "20");
    expect({ code, stderr }).toMatchObject({ code: 4 });
    expect(stderr).toMatch(/^parrot: 100 rows failed because of an error in code/m);
    expect(stderr).toContain("Please report it with these lines: parrot");
    expect(stderr).toContain("Every answer is kept. Go on with: parrot resume");
    expect((await rowsIn("out.partial.jsonl")).filter(({ id }) => Number(id) < 300)).toHaveLength(300);
    delete place.environment["NODE_OPTIONS"];
    expect(await place.run("resume", "--quiet")).toMatchObject({ code: 0 });
    expect(await rowsIn("out.jsonl")).toHaveLength(rows);
    expect(simulator.ledger.received).toBe(rows);
  });

  it("a row over which the output throws fails as data in parrot explode as well", async () => {
    const lines = Array.from({ length: 4 }, (_, id) =>
      JSON.stringify({ text: id === 1 ? "[no text]" : "", output: [id, id] }),
    );
    await place.write("in.jsonl", `${lines.join("\n")}\n`);
    const { code, stderr } = await place.run("explode", "in.jsonl", "--column", "output", "-o", "out.jsonl");
    expect({ code, stderr }).toMatchObject({ code: 3 });
    expect((await rowsIn("out.jsonl")).map(({ output }) => output)).toEqual([0, 0, 2, 2, 3, 3]);
    expect(await rowsIn("out.jsonl.failed.jsonl")).toMatchObject([{ row: 1, line: 2, code: "STAGE_FAILED" }]);
    expect(stderr).toContain("6 rows in out.jsonl");
  });
});
