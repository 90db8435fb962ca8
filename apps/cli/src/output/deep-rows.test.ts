// @module-tag slow

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startParrot, type Finished } from "../../fixtures/run-parrot.ts";

const DEPTH = 5000;
const deep = (inner: string): string => `${`{"a":[`.repeat(DEPTH / 2)}${inner}${"]}".repeat(DEPTH / 2)}`;

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

let folder: string;
let simulator: Simulator;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-deep-"));
  simulator = await startSimulator();
});
afterEach(async () => {
  await simulator.close();
  await rm(folder, { recursive: true });
});

const run = (...parameters: readonly string[]): Promise<Finished> =>
  startParrot(
    [...parameters, "--quiet"],
    { OPENAI_API_KEY: simulator.apiKey, OPENAI_BASE_URL: simulator.baseUrl },
    folder,
  ).finished;
const read = (name: string): Promise<string> => readFile(join(folder, name), "utf8");

/** A number inside that a reviver is needed for, and one that none is needed for. */
const INNER = ["1", "1234567890123456789"] as const;

describe("parrot with a row that is nested 5000 levels deep", () => {
  const FORMATS = ["jsonl", "json", "csv"] as const;
  it.each(INNER.flatMap((inner) => FORMATS.map((to) => [inner, to] as const)))(
    "a row that is nested 5000 levels deep fails alone, is listed whole, and does the same again, with %s inside and %s out",
    async (inner, to) => {
      const lines = [`{"id":1,"x":null}`, `{"id":2,"x":${deep(inner)}}`, `{"id":3,"x":[[1]]}`];
      const isJsonl = to === "jsonl";
      const input = isJsonl ? "in.jsonl" : "in.json";
      await writeFile(join(folder, input), isJsonl ? lines.join("\n") : `[${lines.join(",")}]`);
      const command = ["text", input, "--prompt", "Say ${id}", "--model", "openai/sim", "-o", `out.${to}`];
      for (const again of [[], ["--overwrite"]]) {
        const { code, stderr } = await run(...command, ...again);
        expect({ code, stderr }).toMatchObject({
          code: 3,
          stderr: expect.stringContaining("INVALID_CELL") as string,
        });
        const listed = await read(`out.${to}.failed.jsonl`);
        expect(listed.includes(`"input":{"id":2,"x":${deep(inner)}}`)).toBe(true);
        expect(listed.slice(0, 200)).toContain("is nested deeper than 1000 levels");
        // A failed row stays, with null in place of an answer, and whole.
        const out = await read(`out.${to}`);
        expect(out.match(/Say \d/g)).toEqual(["Say 1", "Say 3"]);
        expect(
          out.includes(to === "csv" ? quoted(deep(inner)) : `{"id":2,"x":${deep(inner)},"output":null}`),
        ).toBe(true);
      }
    },
  );

  it.each(INNER)(
    "explode keeps a row that is nested too deep as it is and explodes the others, with %s inside",
    async (inner) => {
      const cell = `[${deep(inner)}]`;
      const list = "[1,2]";
      await writeFile(join(folder, "in.csv"), `id,list\n1,${quoted(list)}\n2,${quoted(cell)}\n`);
      const { code, stderr } = await run("explode", "in.csv", "--column", "list", "-o", "out.csv");
      expect({ code, stderr }).toMatchObject({
        code: 3,
        stderr: expect.stringContaining("INVALID_CELL") as string,
      });
      expect((await read("out.csv")) === `id,list\n1,1\n1,2\n2,${quoted(cell)}\n`).toBe(true);
      const rows = [`{"id":1,"x":${deep(inner)},"list":${list}}`, `{"id":2,"list":${cell}}`];
      await writeFile(join(folder, "in.jsonl"), rows.join("\n"));
      await run("explode", "in.jsonl", "--column", "list", "-o", "out.jsonl");
      const first = `{"id":1,"x":${deep(inner)},"list":`;
      expect((await read("out.jsonl")) === `${first}1}\n${first}2}\n{"id":2,"list":${cell}}\n`).toBe(true);
    },
  );
});
