// @module-tag slow

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startParrot, type Finished } from "../../fixtures/run-parrot.ts";

let folder: string;
let simulator: Simulator;

const ID = "1234567890123456789";
const ANSWERS: Readonly<Record<string, string>> = {
  a: `{"id":${ID},"Price":1.10,"label":"not_spam"}`,
  b: '{"name":"output","arguments":{"id":5,"price":1e400,"label":" NOT SPAM"}}',
  c: '{"status":"ok","data":{"id":7,"price":-0,"label":"spam"}}',
};
const SCHEMA = {
  $schema: "http://json-schema.org/draft-07/schema#",
  type: "object",
  properties: { id: { type: "integer" }, label: { enum: ["spam", "not_spam"] } },
  required: ["id", "label"],
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-answers-"));
  simulator = await startSimulator({
    answer: ({ messages }) => ANSWERS[messages.at(-1)?.parts.at(-1)?.at(-1) ?? ""],
  });
  await writeFile(join(folder, "in.csv"), "row\na\nb\nc\n");
  await writeFile(join(folder, "schema.json"), JSON.stringify(SCHEMA));
});
afterAll(async () => {
  await simulator.close();
  await rm(folder, { recursive: true });
});

const parrot = (...parameters: string[]): Promise<Finished> =>
  startParrot(
    ["data", "in.csv", "--single", "--lineage", ...parameters, "--prompt", "Label: ${row}"].concat([
      "--model",
      "openai/sim",
      "--base-url",
      simulator.baseUrl,
    ]),
    { OPENAI_API_KEY: simulator.apiKey },
    folder,
  ).finished;

describe("parrot data with answers that are not quite as asked for", () => {
  it("data keeps values as they were written, and tells which were read as the only thing that fits", async () => {
    const { code, stderr } = await parrot("--keys", "id,price,label", "-o", "keys.csv");
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining("1 answer with keys or values not quite as asked for") as string,
    });
    expect(await readFile(join(folder, "keys.csv"), "utf8")).toBe(
      [
        "row,id,price,label,_row,_choice,_item,_warnings",
        `a,${ID},1.10,not_spam,0,0,0,ADJUSTED`,
        "b,5,1e400, NOT SPAM,1,0,0,",
        "c,7,-0,spam,2,0,0,",
        "",
      ].join("\n"),
    );
  });

  it("data with a schema loses no digit, also with a schema of an older draft", async () => {
    expect(await parrot("--schema", "schema.json", "-o", "schema.jsonl")).toMatchObject({ code: 0 });
    const lines = (await readFile(join(folder, "schema.jsonl"), "utf8")).trim().split("\n");
    expect(lines[0]).toContain(`"id":${ID},`);
    expect(lines[1]).toContain('"id":5,');
    expect(lines[1]).toContain('"label":"not_spam"');
    expect(lines[1]).toContain("ADJUSTED");
    expect(lines[2]).toContain('"id":7,');
  });
});
