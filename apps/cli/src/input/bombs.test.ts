// @module-tag slow

import { createWriteStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip, createZstdCompress } from "node:zlib";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startParrot, type Finished } from "../../fixtures/run-parrot.ts";

const MIB = 2 ** 20;
/** The heap of each run: whatever is read whole and is larger ends the process. */
const HEAP_MIB = 192;

let folder: string;
let simulator: Simulator;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-bomb-"));
  simulator = await startSimulator();
});
afterEach(async () => {
  await simulator.close();
  await rm(folder, { recursive: true });
});

const run = (...parameters: readonly string[]): Promise<Finished> =>
  startParrot(
    [...parameters, "--quiet", "--model", "openai/sim", "--no-journal", "-o", "out.csv"],
    {
      OPENAI_API_KEY: simulator.apiKey,
      OPENAI_BASE_URL: simulator.baseUrl,
      NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}`,
    },
    folder,
  ).finished;

/** A file that is small as it is stored, and hundreds of MiB as it is read. */
async function writeBomb(name: string, { head = "", unit, mib, tail = "" }: Bomb): Promise<void> {
  function* pieces(): Generator<Buffer> {
    yield Buffer.from(head);
    const piece = Buffer.from(unit.repeat(MIB / unit.length));
    for (let count = 0; count < mib; count++) yield piece;
    yield Buffer.from(tail);
  }
  const compress = name.endsWith(".gz") ? createGzip() : createZstdCompress();
  await pipeline(Readable.from(pieces()), compress, createWriteStream(join(folder, name)));
}

interface Bomb {
  readonly head?: string;
  readonly unit: string;
  readonly mib: number;
  readonly tail?: string;
}

const BOMBS: readonly (readonly [what: string, name: string, bomb: Bomb, message: RegExp])[] = [
  ["a header", "in.csv.zst", { unit: "a", mib: 300 }, /line 1: the record has more than 16777216 bytes/],
  [
    "a header of columns",
    "in.csv.zst",
    { unit: ",", mib: 300 },
    /line 1: the row has more than 100000 cells/,
  ],
  [
    "a row of cells",
    "in.csv.gz",
    { head: "a,b\n", unit: ",", mib: 300 },
    /line 2: the row has more than 100000 cells/,
  ],
  [
    "a cell",
    "in.csv.zst",
    { head: 'a,b\n"', unit: "a", mib: 300 },
    /line 2: the record has more than 16777216 bytes/,
  ],
  [
    "a cell of quotes",
    "in.csv.zst",
    { head: 'a,b\n"', unit: '""', mib: 300 },
    /line 2: the record has more than 16777216 bytes/,
  ],
  [
    "a line",
    "in.jsonl.gz",
    { head: '{"a":"', unit: "a", mib: 300 },
    /line 1: the record has more than 16777216 bytes/,
  ],
  [
    "an element",
    "in.json.zst",
    { head: '[{"a":[', unit: "[],", mib: 300 },
    /line 1: the record has more than 16777216 bytes/,
  ],
];

describe("parrot", () => {
  it.each(BOMBS)("parrot refuses %s of 300 MiB before it is in memory", async (_, name, bomb, message) => {
    await writeBomb(name, bomb);
    const { code, stderr } = await run("text", name, "--prompt", "Say ${a}");
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringMatching(message) as string });
    expect(stderr).toContain(`Cannot read ${name}`);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(simulator.ledger.received).toBe(0);
  });

  it("parrot refuses rows that have no column in common before anything is paid for", async () => {
    const lines = Array.from({ length: 300_000 }, (_, id) => `{"a":1,"c${id}":1}`);
    await writeFile(join(folder, "in.jsonl"), lines.join("\n"));
    const { code, stderr } = await run("text", "in.jsonl", "--prompt", "Say ${a}");
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        "parrot: in.jsonl has more than 10000 different columns, too many for a table; name an output that ends in .jsonl\n",
    });
    expect(simulator.ledger.received).toBe(0);
  });

  const DEPTH = 5000;
  it.each<[string, () => string, RegExp]>([
    [
      "a schema that is nested 5000 levels deep",
      () => `${`{"type":"object","properties":{"a":`.repeat(DEPTH)}{}${"}}".repeat(DEPTH)}`,
      /JSON Schema: it is nested deeper than 200 levels/,
    ],
    [
      "a schema of 4 MiB",
      () =>
        JSON.stringify({
          type: "object",
          properties: { a: { type: "string", description: "x".repeat(4 * MIB) } },
        }),
      /JSON Schema: it has 419\d+ characters; the most is 1048576/,
    ],
    ["a schema of 20 MiB", () => `{"description":"${"x".repeat(20 * MIB)}"}`, /more than 16777216 bytes/],
    ["a schema that is itself", () => `{"$ref":"#"}`, /its reference "#" leads straight back to itself/],
    [
      "a schema that goes round in a circle",
      () =>
        JSON.stringify({ $ref: "#/$defs/a", $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } } }),
      /its reference "#\/\$defs\/a" leads straight back to itself/,
    ],
  ])("parrot refuses %s in one line", async (_, schema, message) => {
    await writeFile(join(folder, "in.csv"), "a\n1\n");
    await writeFile(join(folder, "schema.json"), schema());
    const { code, stderr } = await run("data", "in.csv", "--prompt", "Say ${a}", "--schema", "schema.json");
    expect({ code, stderr: stderr.slice(0, 500) }).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(message) as string,
    });
    expect(stderr).not.toContain("call stack");
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(simulator.ledger.received).toBe(0);
  });

  it("parrot asks with a template of 1 MiB and 100,000 places", async () => {
    await writeFile(join(folder, "in.csv"), "a\n1\n");
    await writeFile(join(folder, "prompt.txt"), `${"x".repeat(MIB)}${" ${a}".repeat(100_000)}`);
    const { code, stderr } = await run("text", "in.csv", "--prompt-file", "prompt.txt");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  it("parrot holds no more rows with many lists in them than fit", async () => {
    // Each takes some 40 times of its length in memory.
    const line = `{"a":1,"x":[${"[],".repeat(MIB / 3)}0]}\n`;
    await writeFile(join(folder, "in.jsonl"), line.repeat(24));
    const { code, stderr } = await run("text", "in.jsonl", "--prompt", "Say ${a}");
    expect({ code, stderr: stderr.slice(0, 500) }).toEqual({ code: 0, stderr: "" });
  });
});
