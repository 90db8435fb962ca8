// @module-tag slow

import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Workplace } from "../../fixtures/workplace.ts";

let simulator: Simulator;
let place: Workplace;
beforeEach(async () => {
  simulator = await startSimulator();
  place = await Workplace.open(simulator);
  await place.makeFolder("in");
  await place.write("in/a.jsonl", '{"id":1,"big":9007199254740993}\n{"id":2}\n{"id":3,"big":1}\n');
});
afterEach(async () => {
  await place.close();
  await simulator.close();
});

const RUN = ["text", "a.jsonl", "--model", "openai/sim", "-o", "out.jsonl", "--system", "Be brief"];

interface Line {
  readonly run: number;
  readonly row: number;
  readonly input: unknown;
  readonly prompt: unknown;
}

async function exported(
  ...parameters: string[]
): Promise<{ readonly lines: Line[]; readonly stderr: string }> {
  const { stdout, stderr } = await place.run("journal", "export", "--journal", "in/j.db", ...parameters);
  const lines = stdout.trim().split("\n");
  return { lines: lines.map((line) => JSON.parse(line) as Line), stderr };
}

describe("parrot journal export --with-rows", () => {
  it("journal export --with-rows gives the row and the prompt of each answer, by its number in the input, from any folder", async () => {
    const run = [...RUN, "--prompt", "About ${id}", "--journal", "j.db", "--offset", "1"];
    await place.startIn("in", [...run, "--repeat", "2"]).finished;
    const { lines, stderr } = await exported("--with-rows");
    expect(stderr).toBe("");
    expect(lines).toHaveLength(5);
    const first = lines.find(({ row }) => row === 1);
    expect(first?.input).toMatchObject({ id: 1, repetition: 2 });
    expect(first?.prompt).toEqual([
      { role: "system", content: "Be brief" },
      { role: "user", content: "About 1" },
    ]);
    // All digits of a long number are in the text.
    const { stdout } = await place.run("journal", "export", "--journal", "in/j.db", "--with-rows");
    expect(stdout).toContain('"big":9007199254740993');
    expect((await exported()).lines[0]).not.toHaveProperty("input");
  });

  it("journal export --with-rows leaves out the rows of an input that has changed since, and says so once", async () => {
    await place.startIn("in", [...RUN, "--prompt", "About ${id}", "--journal", "j.db"]).finished;
    await place.write("in/a.jsonl", '{"id":7}\n');
    const { lines, stderr } = await exported("--with-rows");
    expect(lines.map(({ input, prompt }) => [input, prompt])).toEqual([
      [null, null],
      [null, null],
      [null, null],
    ]);
    expect(stderr).toBe("The rows of run 1 are left out: its input has changed since\n");
  });

  it("journal export --with-rows reads no file that the run of somebody else names", async () => {
    await place.startIn("in", [...RUN, "--prompt", "About ${id}", "--journal", "j.db"]).finished;
    place.environment["XDG_STATE_HOME"] = place.path("another-user");
    const { lines, stderr } = await exported("--with-rows");
    expect(lines[0]?.input).toBeNull();
    expect(stderr).toBe("The rows of run 1 are left out: it is not yours\n");
  });
});
