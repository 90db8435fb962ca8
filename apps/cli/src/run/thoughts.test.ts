// @module-tag slow

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startParrot, type Finished } from "../../fixtures/run-parrot.ts";

let folder: string;
let simulator: Simulator;

const ANSWERS: Readonly<Record<string, string>> = {
  a: '<think>It is "good".</think>\n\n{"label":"positive"}',
  b: 'Hm, so so.\n</think>\n\n{"label":"neutral"}',
  c: '{"label":"none"}',
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-thoughts-"));
  simulator = await startSimulator({
    answer: ({ messages }) => ANSWERS[messages.at(-1)?.parts.at(-1)?.at(-1) ?? ""],
  });
  await writeFile(join(folder, "in.csv"), "id\na\nb\nc\n");
});
afterAll(async () => {
  await simulator.close();
  await rm(folder, { recursive: true });
});

const parrot = (...parameters: string[]): Promise<Finished> =>
  startParrot(
    [...parameters, "--prompt", "Label: ${id}", "--model", "openai/sim", "--base-url", simulator.baseUrl],
    { OPENAI_API_KEY: simulator.apiKey },
    folder,
  ).finished;

describe("parrot with a model that thinks aloud", () => {
  it("thoughts of the model are left out, and read from the journal into a column when asked for", async () => {
    expect(await parrot("data", "in.csv", "--keys", "label", "--single", "-o", "out.csv")).toMatchObject({
      code: 0,
    });
    expect(await readFile(join(folder, "out.csv"), "utf8")).toBe("id,label\na,positive\nb,neutral\nc,none\n");
    const asked = simulator.ledger.received;
    const again = ["--keys", "label", "--single", "--thoughts", "why", "--reparse", "-o", "why.csv"];
    expect(await parrot("data", "in.csv", ...again)).toMatchObject({ code: 0 });
    expect(await readFile(join(folder, "why.csv"), "utf8")).toBe(
      'id,label,why\na,positive,"It is ""good""."\nb,neutral,"Hm, so so."\nc,none,\n',
    );
    expect(simulator.ledger.received).toBe(asked);
  });

  it("thoughts of the model are left out of a text too", async () => {
    expect(await parrot("text", "in.csv", "--thoughts", "why", "-o", "text.jsonl")).toMatchObject({
      code: 0,
    });
    const rows = (await readFile(join(folder, "text.jsonl"), "utf8")).trim().split("\n");
    expect(rows.map((row): unknown => JSON.parse(row))).toEqual([
      { id: "a", output: '{"label":"positive"}', why: 'It is "good".' },
      { id: "b", output: '{"label":"neutral"}', why: "Hm, so so." },
      { id: "c", output: '{"label":"none"}', why: null },
    ]);
  });

  it("a column for thoughts that the answer has too is refused", async () => {
    expect(await parrot("text", "in.csv", "--thoughts", "output", "-o", "x.csv")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('the answer already has a column "output"') as string,
    });
  });
});
