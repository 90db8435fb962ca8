// @module-tag slow

import { hash, randomBytes } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Row } from "@parallel-parrot/core";
import { openSink, openSource, type ColumnType, type ColumnTypes } from "@parallel-parrot/formats";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Workplace } from "../../fixtures/workplace.ts";

/** Made by pyarrow: rows with a column of every type. */
const ALL_TYPES = fileURLToPath(
  new URL("../../../../packages/formats/fixtures/all-types.parquet", import.meta.url),
);

const [TEXT, INTEGER, DOUBLE]: readonly ColumnType[] = [
  { type: "text" },
  { type: "integer", bits: 64, signed: true },
  { type: "float", bits: 64 },
];

let simulator: Simulator;
let place: Workplace;
/** Whether rows whose prompt has this word are refused. */
let refused: string | undefined;
/** Which rows are never answered, by a word of their prompt. */
let stalled: string | undefined;

beforeEach(async () => {
  [refused, stalled] = [undefined, undefined];
  simulator = await startSimulator({
    answer: ({ messages }) =>
      JSON.stringify(messages).includes("JSON") ? '{"n":5,"score":0.5,"tags":["a"]}' : "a colour",
    faults: ({ body }) => {
      const text = JSON.stringify(body);
      if (stalled !== undefined && text.includes(stalled)) return { kind: "stall" };
      return refused !== undefined && text.includes(refused) ? { kind: "status", status: 400 } : undefined;
    },
  });
  place = await Workplace.open(simulator);
  const source = openSource(ALL_TYPES);
  const columnTypes = (await source.columnTypes()) ?? new Map();
  // Of the row whose cells are all null, no question can be made.
  const rows = (await Array.fromAsync(source)).filter(({ text }) => text !== null);
  await ReadableStream.from(rows).pipeTo(await openSink(place.path("in.parquet"), { columnTypes }));
});
afterEach(async () => {
  await place.close();
  await simulator.close();
});

const ASK = [
  "--prompt",
  "Of ${text}, ${decimal9}, ${timestamp ns}: ${list}",
  "--model",
  "openai/gpt-4o-mini",
];

async function rowsOf(name: string): Promise<Row[]> {
  return Array.fromAsync(openSource(place.path(name)));
}

async function typesOf(name: string): Promise<ColumnTypes> {
  const source = openSource(place.path(name));
  const types = (await source.columnTypes()) ?? new Map();
  await source.cancel();
  return types;
}

describe("Parquet on the command line", () => {
  it("parrot adds a column to a Parquet file and keeps every cell and type of the others", async () => {
    const { code, stderr } = await place.run("text", "in.parquet", ...ASK, "-o", "out.parquet", "--lineage");
    expect([code, stderr]).toEqual([0, expect.stringContaining("8 rows")]);
    const [before, after] = [await typesOf("in.parquet"), await typesOf("out.parquet")];
    expect([...after].slice(0, before.size)).toEqual([...before]);
    expect([...after].slice(before.size)).toEqual([
      ["output", TEXT],
      ["_row", INTEGER],
      ["_choice", INTEGER],
      ["_item", INTEGER],
      ["_warnings", TEXT],
    ]);
    const rows = await rowsOf("in.parquet");
    expect(await rowsOf("out.parquet")).toEqual(
      rows.map((row, index) =>
        Object.assign(row, {
          output: "a colour",
          _row: index,
          _choice: 0,
          _item: 0,
          _warnings: null,
        }),
      ),
    );
    const prompts = simulator.ledger.entries.map(({ body }) => JSON.stringify(body)).join("\n");
    expect(prompts).toContain("-0.25, 2026-09-21T14:13:20.123456789: []");
    const again = await place.run("text", "in.parquet", ...ASK, "-o", "out.parquet", "--lineage");
    expect(again.stderr).toContain("Nothing to do");
  });

  it("parrot writes Parquet to standard output where Parquet came in, as the same command writes it to a file", async () => {
    const child = place.start(["text", "in.parquet", ...ASK]);
    if (child.stdout === null) throw new Error("there is no standard output");
    const chunks: Uint8Array[] = [];
    child.stdout.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    expect((await child.finished).code).toBe(0);
    await writeFile(place.path("stdout.parquet"), Buffer.concat(chunks));
    expect((await place.run("text", "in.parquet", ...ASK, "-o", "out.parquet")).code).toBe(0);
    expect(await readFile(place.path("stdout.parquet"))).toEqual(await readFile(place.path("out.parquet")));
  });

  it("types the columns of answers by their schema, and those of JSON Lines by their cells", async () => {
    await place.write(
      "in.jsonl",
      '{"id":1,"price":2,"name":"a","at":{"x":[1]}}\n{"id":2,"price":2.5,"name":null}\n',
    );
    await place.write(
      "schema.json",
      JSON.stringify({
        type: "object",
        properties: {
          n: { type: "integer" },
          score: { type: ["number", "null"] },
          tags: { type: "array", items: { type: "string" } },
        },
        required: ["n", "score", "tags"],
        additionalProperties: false,
      }),
    );
    const { code, stderr } = await place.run(
      "data",
      "in.jsonl",
      "--prompt",
      "JSON of ${id}",
      "--schema",
      "schema.json",
      "--single",
      "--model",
      "openai/gpt-4o-mini",
      "-o",
      "out.parquet",
    );
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    const list: ColumnType = { type: "list", of: INTEGER ?? { type: "text" } };
    expect([...(await typesOf("out.parquet"))]).toEqual([
      ["id", INTEGER],
      ["price", DOUBLE],
      ["name", TEXT],
      ["at", { type: "struct", fields: new Map([["x", list]]) }],
      ["n", INTEGER],
      ["score", DOUBLE],
      ["tags", { type: "list", of: TEXT }],
    ]);
    const answer = { n: 5, score: 0.5, tags: ["a"] };
    expect(await rowsOf("out.parquet")).toEqual([
      { id: 1, price: 2, name: "a", at: { x: [1] }, ...answer },
      { id: 2, price: 2.5, name: null, at: null, ...answer },
    ]);
  });

  it("parrot lists failed rows as Parquet with the types of the input, and retry-failed completes the output", async () => {
    refused = "text 4 ";
    const options = [...ASK, "-o", "out.parquet", "--failed", "failed.parquet"];
    expect((await place.run("text", "in.parquet", ...options)).code).toBe(3);
    const types = await typesOf("failed.parquet");
    expect(types.get("decimal30")).toEqual({ type: "decimal", precision: 30, scale: 2 });
    expect(types.get("failure_row")).toEqual(INTEGER);
    const [failed] = await rowsOf("failed.parquet");
    const rows = await rowsOf("in.parquet");
    expect(failed).toMatchObject({ ...rows[3], failure_row: 3, failure_line: null });
    expect((await rowsOf("out.parquet"))[3]).toMatchObject({ ...rows[3], output: null });
    refused = undefined;
    const { code } = await place.run("retry-failed", "--all");
    expect(code).toBe(0);
    expect(await rowsOf("out.parquet")).toEqual(
      rows.map((row) => Object.assign(row, { output: "a colour" })),
    );
    expect(await place.files()).not.toContain("failed.parquet");
  });

  it("retry-failed completes a Parquet output whose run was stopped", async () => {
    refused = "text 5 ";
    const options = [...ASK, "-o", "out.parquet", "--max-failures", "0"];
    expect((await place.run("text", "in.parquet", ...options)).code).not.toBe(0);
    expect(await place.files()).not.toContain("out.parquet");
    refused = undefined;
    const { code, stderr } = await place.run("retry-failed", "--all");
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    const rows = await rowsOf("in.parquet");
    expect(await rowsOf("out.parquet")).toEqual(
      rows.map((row) => Object.assign(row, { output: "a colour" })),
    );
    expect((await place.files()).filter((name) => name.includes("partial"))).toEqual([]);
  });

  it("parrot writes CSV of Parquet and Parquet of CSV, whose cells are text", async () => {
    await place.write("in.csv", "id,text\n1,a\n");
    const ask = ["--prompt", "${text}", "--model", "openai/gpt-4o-mini"];
    expect((await place.run("text", "in.csv", ...ask, "-o", "out.parquet")).code).toBe(0);
    expect(await rowsOf("out.parquet")).toEqual([{ id: "1", text: "a", output: "a colour" }]);
    expect((await place.run("text", "out.parquet", ...ask, "-o", "back.csv")).code).toBe(0);
    expect(await place.read("back.csv")).toBe("id,text,output,output_2\n1,a,a colour,a colour\n");
  });

  it("explodes a list into rows whose other columns keep their types", async () => {
    const { code, stderr } = await place.run(
      "explode",
      "in.parquet",
      "--column",
      "list of structs",
      "-o",
      "out.parquet",
      "--on-empty",
      "drop",
    );
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    const [before, after] = [await typesOf("in.parquet"), await typesOf("out.parquet")];
    expect(after.get("timestamp ns")).toEqual(before.get("timestamp ns"));
    expect(after.get("decimal50")).toEqual(before.get("decimal50"));
    // What the lists of structs hold keeps its type, too.
    expect(after.get("a")).toEqual({ type: "integer", bits: 32, signed: true });
    expect(after.get("b")).toEqual({ type: "list", of: TEXT });
    expect((await rowsOf("out.parquet"))[0]).toMatchObject({ text: expect.any(String), a: 0, b: [] });
  });

  it.each<readonly [string, string, Uint8Array | string, string]>([
    [
      "text that is called .parquet",
      "broken.parquet",
      "a,b\n1,2\n",
      "it is not a Parquet file, which begins with PAR1",
    ],
    [
      "a file that is cut off",
      "broken.parquet",
      "PAR1 and no more",
      "it does not end as a Parquet file does",
    ],
  ])(
    "parrot says what is wrong with a Parquet file, %s, before it asks anything",
    async (_, name, content, message) => {
      await writeFile(place.path(name), content);
      const { code, stderr } = await place.run("text", name, ...ASK, "-o", "out.csv");
      expect(code).toBe(2);
      expect(stderr).toContain(message);
      expect(simulator.ledger.received).toBe(0);
    },
  );

  it("parrot says what to do where Parquet cannot be read from standard input, or made of it", async () => {
    for (const [from, to, message] of [
      ["parquet", "csv", "save it as a file and name that"],
      ["jsonl", "parquet", "save it as a file and name that, or choose --to jsonl"],
    ] as const) {
      const child = place.start(["text", "-", ...ASK, "--from", from, "--to", to, "-o", "out"]);
      child.stdin?.on("error", () => undefined);
      child.stdin?.end('{"text":"a","decimal9":1,"timestamp ns":1,"list":[]}\n');
      const { code, stderr } = await child.finished;
      expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
    }
    expect(simulator.ledger.received).toBe(0);
  });
});

describe("a Parquet output whose run is killed", () => {
  const ROWS = 150;
  /** With rows so large, a row group ends after about a hundred of them. */
  const TEXT_BYTES = 128 * 1024;
  const COMMAND = ["text", "large.parquet", "--prompt", "About ${id}.", "--model", "openai/gpt-4o-mini"];
  const PARTIAL = "out.partial.parquet";

  beforeEach(async () => {
    const columnTypes: ColumnTypes = new Map<string, ColumnType>([
      ["id", { type: "integer", bits: 32, signed: false }],
      ["text", { type: "text" }],
      ["at", { type: "timestamp", unit: "nanos", utc: true }],
    ]);
    const rows = Array.from({ length: ROWS }, (_, id) => ({
      id,
      text: randomBytes(TEXT_BYTES / 2).toString("hex"),
      at: `2026-11-30T12:00:00.${String(id).padStart(9, "1")}Z`,
    }));
    await ReadableStream.from(rows).pipeTo(await openSink(place.path("large.parquet"), { columnTypes }));
  });

  async function digestOf(name: string): Promise<string> {
    return hash("sha256", await readFile(place.path(name)));
  }

  /** Kills a run that has written a row group, and of which one row has no answer. */
  async function runAndKill(parameters: readonly string[]): Promise<void> {
    stalled = `About ${ROWS - 1}.`;
    const child = place.start(parameters);
    const size = async (): Promise<number> =>
      (await stat(place.path(PARTIAL)).catch(() => undefined))?.size ?? 0;
    // Where it ends by itself, its exit code fails the test.
    while ((await size()) < 2 ** 20 && child.exitCode === null) await sleep(20);
    child.kill("SIGKILL");
    expect((await child.finished).code).toBeNull();
    stalled = undefined;
  }

  it("resume writes a Parquet output whose run was killed as if it had not been", async () => {
    expect((await place.run(...COMMAND, "-o", "whole.parquet", "--journal", "whole.db")).code).toBe(0);
    const before = simulator.ledger.received;
    await runAndKill([...COMMAND, "-o", "out.parquet"]);
    expect(await place.files()).not.toContain("out.parquet");
    await expect(rowsOf(PARTIAL)).rejects.toThrow("it does not end as a Parquet file does; is it cut off?");

    const { code, stderr } = await place.run("resume");
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    expect(await digestOf("out.parquet")).toBe(await digestOf("whole.parquet"));
    expect([...(await typesOf("out.parquet"))]).toEqual([
      ...(await typesOf("large.parquet")),
      ["output", TEXT],
    ]);
    expect(await place.files()).not.toContain(PARTIAL);
    expect(simulator.ledger.received - before).toBeLessThan(ROWS + 60);
  });
});

describe("a Parquet file without rows on the command line", () => {
  it("parrot reads the columns and no rows of a Parquet file without rows", async () => {
    const columnTypes: ColumnTypes = new Map<string, ColumnType>([["text", { type: "text" }]]);
    await new ReadableStream<Row>({ start: (controller) => controller.close() }).pipeTo(
      await openSink(place.path("empty.parquet"), { columnTypes }),
    );
    const { code } = await place.run(
      "text",
      "empty.parquet",
      "--prompt",
      "${text}",
      "--model",
      "openai/gpt-4o-mini",
      "-o",
      "out.parquet",
    );
    expect(code).toBe(0);
    expect([...(await typesOf("out.parquet")).keys()]).toEqual(["text", "output"]);
    expect(await rowsOf("out.parquet")).toEqual([]);
  });
});
