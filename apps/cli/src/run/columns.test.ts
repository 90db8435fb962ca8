// @module-tag slow

import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Workplace } from "../../fixtures/workplace.ts";

let simulator: Simulator;
let place: Workplace;

beforeAll(async () => {
  simulator = await startSimulator();
  place = await Workplace.open({ baseUrl: simulator.baseUrl, apiKey: simulator.apiKey });
  await place.write("in.csv", "id,body\n1,The kettle does not boil.\n2,The tent leaks.\n");
  await place.write("one.json", JSON.stringify(SCHEMA));
  await place.write("list.json", JSON.stringify({ type: "array", items: SCHEMA }));
});
afterAll(async () => {
  await simulator.close();
  await place.close();
});

const SCHEMA = {
  type: "object",
  properties: { product: { type: "string" }, days: { type: "integer" } },
  required: ["product", "days"],
};
const ASK = ["--prompt", "Sort this ticket: ${body}", "--model", "openai/sim"];

describe("parrot columns", () => {
  it("columns adds a column for each key, and as many rows come out as went in", async () => {
    const { code } = await place.run("columns", "in.csv", ...ASK, "--keys", "product,team", "-o", "out.csv");
    expect(code).toBe(0);
    expect((await place.read("out.csv")).split("\n")).toEqual([
      "id,body,product,team",
      expect.stringMatching(/^1,The kettle does not boil\.,.+,.+$/),
      expect.stringMatching(/^2,The tent leaks\.,.+,.+$/),
      "",
    ]);
  });

  it("columns takes a schema, whose types the values have", async () => {
    const line = ["columns", "in.csv", ...ASK, "--schema", "one.json", "-o", "typed.jsonl"];
    expect((await place.run(...line)).code).toBe(0);
    const rows = (await place.read("typed.jsonl")).trim().split("\n");
    expect(rows.map((row): unknown => JSON.parse(row))).toEqual([
      { id: "1", body: expect.any(String), product: expect.any(String), days: expect.any(Number) },
      { id: "2", body: expect.any(String), product: expect.any(String), days: expect.any(Number) },
    ]);
  });

  it("columns finds the answers that data --single has asked for, and asks nothing", async () => {
    const asked = [...ASK, "--keys", "product,urgency"];
    await place.run("data", "in.csv", ...asked, "--single", "-o", "single.csv");
    const { requests } = simulator.stats();
    const { stderr } = await place.run("columns", "in.csv", ...asked, "-o", "columns.csv");
    expect(stderr).toMatch(/^2 rows answered, .*, 2 found in the journal, /m);
    expect(simulator.stats().requests).toBe(requests);
    expect(await place.read("columns.csv")).toBe(await place.read("single.csv"));
  });

  it("columns refuses the schema of a list and names the command that makes rows of one", async () => {
    const { code, stderr } = await place.run("columns", "in.csv", ...ASK, "--schema", "list.json");
    expect(code).toBe(2);
    expect(stderr).toContain("parrot columns asks for one object per row; parrot data makes a row of each");
  });

  it("estimate and explain take the options of columns", async () => {
    const line = ["columns", "in.csv", ...ASK, "--keys", "shape"];
    expect(await place.run("estimate", ...line)).toMatchObject({ code: 0 });
    const explained = await place.run("explain", ...line);
    expect(explained).toMatchObject({ code: 0, stdout: expect.stringContaining("2 to be asked") });
  });

  it("data tells that it asks for a list where its schema describes one object, and not with --single", async () => {
    const line = ["data", "in.csv", ...ASK, "--schema", "one.json", "--preview", "1"];
    const told =
      "one.json describes one object, and parrot data asks for a list of such objects for each row";
    expect((await place.run(...line)).stderr).toContain(told);
    expect((await place.run(...line, "--single")).stderr).not.toContain(told);
    expect((await place.run(...line, "--quiet")).stderr).not.toContain(told);
  });
});
