// @module-tag slow

import { hash, randomBytes } from "node:crypto";
import { copyFile, readFile, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Row } from "@parallel-parrot/core";
import {
  openSink,
  openSource,
  type ColumnType,
  type OpenSinkOptions,
  type OpenSourceOptions,
} from "@parallel-parrot/formats";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Workplace } from "../../fixtures/workplace.ts";

function fixture(name: string): string {
  return fileURLToPath(new URL(`../../../../packages/formats/fixtures/${name}`, import.meta.url));
}

let simulator: Simulator;
let place: Workplace;
/** Which rows are never answered, by a word of their prompt. */
let stalled: string | undefined;

beforeEach(async () => {
  stalled = undefined;
  simulator = await startSimulator({
    answer: ({ messages }) => (JSON.stringify(messages).includes("sum") ? "=SUM(A1:A2)" : "a colour"),
    faults: ({ body }) =>
      stalled !== undefined && JSON.stringify(body).includes(stalled) ? { kind: "stall" } : undefined,
  });
  place = await Workplace.open(simulator);
  await copyFile(fixture("openpyxl.xlsx"), place.path("in.xlsx"));
  await copyFile(fixture("python.db"), place.path("in.db"));
});
afterEach(async () => {
  await place.close();
  await simulator.close();
});

const MODEL = ["--model", "openai/gpt-4o-mini"];

async function rowsOf(name: string, options: OpenSourceOptions = {}): Promise<Row[]> {
  return Array.fromAsync(openSource(place.path(name), options));
}

async function typesOf(name: string): Promise<(readonly [string, ColumnType])[]> {
  const source = openSource(place.path(name));
  const types = await source.columnTypes();
  await source.cancel();
  return [...(types ?? [])];
}

async function write(name: string, rows: readonly Row[], options: OpenSinkOptions = {}): Promise<void> {
  await ReadableStream.from(rows).pipeTo(await openSink(place.path(name), options));
}

describe("Excel on the command line", () => {
  it("parrot adds a column to a sheet, keeps the types of the others, and tells what was left out", async () => {
    const ask = ["text", "in.xlsx", "--prompt", "Of ${id}, ${moment}: ${day}", ...MODEL, "-o", "out.xlsx"];
    const { code, stderr } = await place.run(...ask);
    expect([code, stderr]).toEqual([0, expect.stringContaining("3 rows")]);
    for (const told of [
      "The first sheet was read; 1 other sheet has rows: Other; --sheet names the one to read",
      "2 cells of the input show an error, and are read as empty; the first: #DIV/0! in K4",
      "1 formula of the input was never computed, and is read as empty: L4; open the file in Excel and save it",
      "1 row of the sheet is empty, and was left out: row 5",
    ])
      expect(stderr).toContain(told);
    const rows = await rowsOf("in.xlsx");
    expect(await rowsOf("out.xlsx")).toEqual(rows.map((row) => Object.assign(row, { output: "a colour" })));
    const [before, after] = [await typesOf("in.xlsx"), await typesOf("out.xlsx")];
    expect(after).toEqual([...before, ["output", { type: "text" }]]);
    const prompts = simulator.ledger.entries.map(({ body }) => JSON.stringify(body)).join("\n");
    expect(prompts).toContain("Of 1, 2026-11-30T12:34:56.789: 2026-11-30");
    expect((await place.run(...ask)).stderr).toContain("Nothing to do");
  });

  it("parrot reads the sheet that --sheet names, and calls the sheet that it writes the same", async () => {
    const ask = [
      "text",
      "in.xlsx",
      "--sheet",
      "Other",
      "--prompt",
      "sum of ${a}",
      ...MODEL,
      "-o",
      "out.xlsx",
    ];
    expect((await place.run(...ask)).code).toBe(0);
    // The answer looks like a formula, and is a text.
    expect(await rowsOf("out.xlsx", { sheet: "Other" })).toEqual([{ a: 1, b: 2, output: "=SUM(A1:A2)" }]);
    const missing = await place.run("text", "in.xlsx", "--sheet", "9", "--prompt", "x ${a}", ...MODEL);
    expect([missing.code, missing.stderr]).toEqual([
      2,
      expect.stringContaining('it has no sheet "9"; its sheets are'),
    ]);
    expect(missing.stderr).toContain("--sheet");
  });

  it.each<readonly [string, () => Promise<string>, string]>([
    ["an Excel file of before 2007", () => named("old.xls", "x"), "open it in Excel and save it as .xlsx"],
    ["text that is called .xlsx", () => named("text.xlsx", "a,b\n1,2\n"), "it is not an Excel file"],
    [
      "a cell that is too long for Excel",
      () => named("long.csv", `a,b\n1,${"x".repeat(32_768)}\n`),
      "has 32768 characters, and a cell holds 32767",
    ],
    ["standard input", async () => "-", "save it as a file and name that"],
  ])("parrot refuses %s before it asks anything", async (_, make, message) => {
    const input = await make();
    const from = input === "-" ? ["--from", "xlsx"] : [];
    const child = place.start(["text", input, ...from, "--prompt", "x ${a}", ...MODEL, "-o", "out.xlsx"]);
    child.stdin?.on("error", () => undefined);
    child.stdin?.end("x");
    const { code, stderr } = await child.finished;
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
    expect(simulator.ledger.received).toBe(0);
  });

  async function named(name: string, content: string): Promise<string> {
    await place.write(name, content);
    return name;
  }

  it("parrot fails the row alone whose answer is longer than a cell of Excel", async () => {
    await place.write("in.csv", `id,text\n1,${"y".repeat(100)}\n2,b\n`);
    const long = await startSimulator({
      answer: ({ messages }) => (JSON.stringify(messages).includes("yy") ? "z".repeat(40_000) : "short"),
    });
    try {
      const { code, stderr } = await place.run(
        "text",
        "in.csv",
        "--prompt",
        "${text}",
        ...MODEL,
        "--base-url",
        long.baseUrl,
        "-o",
        "out.xlsx",
      );
      expect([code, stderr]).toEqual([3, expect.stringContaining("a cell of Excel has at most 32767")]);
    } finally {
      await long.close();
    }
    expect(await rowsOf("out.xlsx")).toMatchObject([
      { id: "1", output: null },
      { id: "2", output: "short" },
    ]);
  });

  it("resume writes an Excel output whose run was killed as if it had not been", async () => {
    const types: readonly (readonly [string, ColumnType])[] = [
      ["id", { type: "integer", bits: 64, signed: true }],
      ["text", { type: "text" }],
      ["day", { type: "date" }],
    ];
    const rows = Array.from({ length: 150 }, (_, id) => ({
      id,
      text: randomBytes(15_000).toString("hex"),
      day: "2026-11-30",
    }));
    await write("large.xlsx", rows, { columnTypes: new Map(types) });
    const ask = ["text", "large.xlsx", "--prompt", "About ${id}.", ...MODEL];
    expect((await place.run(...ask, "-o", "whole.xlsx", "--journal", "whole.db")).code).toBe(0);
    stalled = "About 149.";
    const child = place.start([...ask, "-o", "out.xlsx"]);
    const size = async (): Promise<number> =>
      (await stat(place.path("out.partial.xlsx")).catch(() => undefined))?.size ?? 0;
    // Where it ends by itself, its exit code fails the test.
    while ((await size()) < 2 ** 20 && child.exitCode === null) await sleep(20);
    child.kill("SIGKILL");
    expect((await child.finished).code).toBeNull();
    stalled = undefined;
    expect(await place.files()).not.toContain("out.xlsx");
    const { code, stderr } = await place.run("resume");
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    const digest = async (name: string): Promise<string> => hash("sha256", await readFile(place.path(name)));
    expect(await digest("out.xlsx")).toBe(await digest("whole.xlsx"));
    expect(await place.files()).not.toContain("out.partial.xlsx");
  });
});

describe("SQLite on the command line", () => {
  it.each([
    ["text", "--prompt", "Of ${a}", ...MODEL],
    ["explode", "--column", "list"],
  ])("parrot %s tells of infinities that are null in JSON", async (command, ...rest) => {
    const rows = [
      { a: Infinity, list: "[1]" },
      { a: -Infinity, list: "[2]" },
    ];
    const columnTypes = new Map<string, ColumnType>([
      ["a", { type: "float", bits: 64 }],
      ["list", { type: "text" }],
    ]);
    await write("endless.db", rows, { columnTypes });
    const { code, stderr } = await place.run(command, "endless.db", ...rest, "-o", "out.jsonl");
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining(
        "2 values were written as null, as the format of the output has no NaN and no infinity",
      ),
    ]);
    expect((await rowsOf("out.jsonl")).map(({ a }) => a)).toEqual([null, null]);
  });

  it("parrot adds a column to a table, keeps every cell and type of the others, and calls the table as --table says", async () => {
    const ask = ["text", "in.db", "--table", "All Types", "--prompt", "Of ${id}", ...MODEL];
    const { code, stderr } = await place.run(...ask, "-o", "out.db");
    expect([code, stderr]).toEqual([0, expect.stringContaining("4 rows")]);
    const rows = await rowsOf("in.db");
    // A column with cells of several kinds is one of text.
    const mixed = ["1", "two", "[1]", "2.5"];
    const texts = rows.map((row, index) => Object.assign(row, { mixed: mixed[index], output: "a colour" }));
    expect(await rowsOf("out.db", { table: "All Types" })).toEqual(texts);
    expect((await place.run(...ask, "-o", "out.db")).stderr).toContain("Nothing to do");
  });

  it("parrot asks for the rows of --query, which cannot change the database, and says that it runs", async () => {
    const before = await readFile(place.path("in.db"));
    const query = 'SELECT id, text FROM "all types" WHERE id > 1 ORDER BY id DESC';
    const ask = ["text", "in.db", "--prompt", "Of ${id}", ...MODEL, "-o", "out.jsonl", "--query"];
    const { code, stderr } = await place.run(...ask, query);
    expect([code, stderr]).toEqual([0, expect.stringContaining("Running the query")]);
    expect(await rowsOf("out.jsonl")).toEqual([
      { id: 9, text: null, output: "a colour" },
      { id: 7, text: "007", output: "a colour" },
      { id: 2, text: "", output: "a colour" },
    ]);
    const asked = simulator.ledger.received;
    const refused = await place.run(...ask, 'DELETE FROM "all types"', "--overwrite");
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("has to begin with SELECT")]);
    expect(await readFile(place.path("in.db"))).toEqual(before);
    expect(simulator.ledger.received).toBe(asked);
  });

  it("parrot refuses its own journal as an input, and a database with several tables until one is named", async () => {
    const ask = ["--prompt", "Of ${id}", ...MODEL, "-o"];
    expect((await place.run("text", "in.db", ...ask, "out.jsonl")).code).toBe(0);
    const journal = await place.run("text", ".parrot/journal.db", ...ask, "x.jsonl");
    expect([journal.code, journal.stderr]).toEqual([2, expect.stringContaining("it is a journal of parrot")]);
  });
});
