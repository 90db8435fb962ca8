// @module-tag slow

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startParrot, type Finished } from "../../fixtures/run-parrot.ts";

let folder: string;
let simulator: Simulator;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-shapes-"));
  simulator = await startSimulator({ answer: () => "fine" });
});
afterEach(async () => {
  await simulator.close();
  await rm(folder, { recursive: true });
});

function parrot(...parameters: readonly string[]): Promise<Finished> {
  const { apiKey, baseUrl } = simulator;
  return startParrot(parameters, { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseUrl }, folder).finished;
}

const ASK = ["--prompt", "${a}", "--model", "openai/sim", "--quiet"];
const write = (text: string): Promise<void> => writeFile(join(folder, "in.json"), text);
const read = async (): Promise<unknown> => JSON.parse(await readFile(join(folder, "out.json"), "utf8"));

it("a run over a list in a JSON object asks its elements, and tells where the rows are and what is left out", async () => {
  await write('{"total": 2, "data": [{"a": "x"}, {"a": "y", "b": NaN}]}');
  const { code, stderr } = await parrot("text", "in.json", ...ASK.slice(0, -1), "-o", "out.json");
  expect(code).toBe(0);
  expect(await read()).toEqual([
    { a: "x", output: "fine" },
    { a: "y", b: null, output: "fine" },
  ]);
  expect(stderr).toMatch(
    /^The rows are the elements of "data", .* --records \. reads the input as one row$/m,
  );
  expect(stderr).toMatch(/^1 member of the input beside its list of rows is not in the rows: total$/m);
  expect(stderr).toMatch(
    /^1 number of the input is no JSON, .* became null: NaN; --nan error refuses them$/m,
  );
});

it("a run with --records asks the list that it names, and another list is another run", async () => {
  await write('{"first": [{"a": "x"}], "second": [{"a": "y"}, {"a": "z"}]}');
  const unclear = await parrot("text", "in.json", ...ASK, "-o", "out.json");
  expect(unclear.code).toBe(2);
  expect(unclear.stderr).toMatch(/several lists of objects, "first", "second"; .*--records/);
  await parrot("text", "in.json", ...ASK, "--records", "second", "-o", "out.json");
  expect(await read()).toHaveLength(2);
  const other = await parrot(
    "text",
    "in.json",
    ...ASK,
    "--records",
    "first",
    "-o",
    "out.json",
    "--overwrite",
  );
  expect(other.code).toBe(0);
  expect(await read()).toHaveLength(1);
});

it("a run with --nan error refuses the input before it asks, and names the option", async () => {
  await write('[{"a": 1}, {"a": Infinity}]');
  const { code, stderr } = await parrot("text", "in.json", ...ASK, "--nan", "error", "-o", "out.json");
  expect(code).toBe(2);
  expect(stderr).toMatch(/in\.json, line 1: element 2: .*; Infinity is no JSON.*--nan null/);
  expect(simulator.ledger.received).toBe(0);
});
