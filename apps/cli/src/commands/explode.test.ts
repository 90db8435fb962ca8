// @module-tag slow

import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSink, openSource, type ColumnType } from "@parallel-parrot/formats";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startParrot, type Finished } from "../../fixtures/run-parrot.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-explode-"));
});
afterEach(() => rm(folder, { recursive: true }));

const write = (name: string, content: string): Promise<void> => writeFile(join(folder, name), content);
const read = (name: string): Promise<string> => readFile(join(folder, name), "utf8");

function explode(parameters: readonly string[], input?: string): Promise<Finished> {
  const child = startParrot(["explode", ...parameters], {}, folder);
  child.stdin?.end(input);
  return child.finished;
}

describe("parrot explode", () => {
  it("explode makes a row of each element, and keeps a cell that it cannot read as it is", async () => {
    await write("in.csv", 'id,list\n1,"[{""q"":""a""},{""q"":""b""}]"\n2,[]\n3,oops\n');
    const { code, stderr } = await explode(["in.csv", "--column", "list", "-o", "out.csv"]);
    expect(code).toBe(3);
    expect(stderr).toContain("1 row failed, see out.csv.failed.jsonl");
    expect(stderr).toContain("Rows that failed are in the output as they were");
    expect(await read("out.csv")).toBe("id,q,list\n1,a,\n1,b,\n2,,\n3,,oops\n");
    // Without a journal nobody knows who has written the list.
    const again = await explode([
      "in.csv",
      "--column",
      "list",
      "-o",
      "other.csv",
      "--failed",
      "out.csv.failed.jsonl",
    ]);
    expect([again.code, again.stderr]).toEqual([
      2,
      expect.stringContaining(
        "out.csv.failed.jsonl: it exists. Move it away, name another file with --failed, or use --overwrite",
      ),
    ]);
  });

  it.each([
    ["drop", "id,q\n1,a\n"],
    ["null", "id,q\n1,a\n2,\n"],
    ["keep", "id,q,list\n1,a,\n2,,oops\n"],
  ])("explode --on-failure %s, to a file and to standard output", async (policy, output) => {
    await write("in.csv", 'id,list\n1,"[{""q"":""a""}]"\n2,oops\n');
    const parameters = ["in.csv", "--column", "list", "--on-failure", policy];
    expect((await explode([...parameters, "-o", "out.csv"])).code).toBe(3);
    expect(await read("out.csv")).toBe(output);
    expect(await explode(parameters)).toMatchObject({ code: 3, stdout: output });
  });

  it("explode --on-failure stop ends with the row", async () => {
    await write("in.csv", "id,list\n1,oops\n");
    const { code, stderr } = await explode(["in.csv", "--column", "list", "--on-failure", "stop"]);
    expect(code).toBe(2);
    expect(stderr).toContain("INVALID_CELL");
  });

  it("explode reads what answers of models are, and tells of it", async () => {
    const cells = [
      "[{'q': 'a', 'n': None}]",
      '```json\n[{"q":"b"}]\n```',
      '[{"q":"c","n":1234567890123456789}]',
    ];
    await write("in.jsonl", cells.map((list, id) => `${JSON.stringify({ id, list })}\n`).join(""));
    const { code, stdout, stderr } = await explode(["in.jsonl", "--column", "list"]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: '{"id":0,"q":"a","n":null}\n{"id":1,"q":"b"}\n{"id":2,"q":"c","n":1234567890123456789}\n',
    });
    expect(stderr).toMatch(/^3 rows\n2 cells are not valid JSON .* and could be read\n$/);
    const quiet = await explode(["in.jsonl", "--column", "list", "--quiet"]);
    expect(quiet.stderr).toBe("");
  });

  it("explode tells of rows without the column, in a sentence", async () => {
    await write("in.jsonl", '{"id":1}\n{"id":2,"list":"[1]"}\n{"id":3}\n');
    const { code, stdout, stderr } = await explode(["in.jsonl", "--column", "list"]);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: '{"id":1,"list":null}\n{"id":2,"list":1}\n{"id":3,"list":null}\n',
      stderr: '3 rows\n2 rows have no column "list": read as an empty list\n',
    });
  });

  it("a column that comes after the header of a pipe is refused with the ways out that the command line has", async () => {
    const rows = '[{"id":1,"list":[{"a":1}]},{"id":2,"list":[{"b":2}]}]';
    const { code, stderr } = await explode(["-", "--from", "json", "--to", "csv", "--column", "list"], rows);
    expect(code).toBe(2);
    expect(stderr).toBe(
      'parrot: Cannot write row 2: its column "b" is not in the header, which is already written; write to a file with -o, or as JSON Lines with --to jsonl, or explode with --columns\n',
    );
  });

  it("elements with other members each are one CSV on standard output, from a file and, with --columns, from a pipe", async () => {
    const rows = '[{"id":1,"list":[{"a":1,"b":2}]},{"id":2,"list":[{"b":3,"c":4}]},{"id":3,"list":[]}]';
    await write("in.json", rows);
    const { code, stdout, stderr } = await explode(["in.json", "--to", "csv", "--column", "list"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "id,a,b,c\n1,1,2,\n2,,3,4\n3,,,\n" });
    expect(stderr).toMatch(/^The column "list" would be empty in every row, and is left out$/m);
    const piped = ["-", "--from", "json", "--to", "csv", "--column", "list", "--columns", "c,id"];
    expect(await explode(piped, rows)).toMatchObject({ code: 0, stdout: "c,id\n,1\n4,2\n,3\n" });
    const kept = await explode(["in.json", "--column", "list", "--columns", "b,id", "-o", "out.jsonl"]);
    expect(kept.code).toBe(0);
    expect(await read("out.jsonl")).toBe('{"b":2,"id":1}\n{"b":3,"id":2}\n{"id":3}\n');
    const wrong = await explode(["in.json", "--to", "csv", "--column", "list", "--columns", "id,d"]);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toMatch(/--columns: exploding in\.json gives no column "d"/);
  });

  it("a column of empty lists alone is not left out", async () => {
    await write("in.csv", "id,list\n1,[]\n");
    expect((await explode(["in.csv", "--column", "list"])).stdout).toBe("id,list\n1,\n");
  });

  it("what a list of Parquet holds keeps its types when it is exploded to Parquet", async () => {
    const date = { type: "date" } as const;
    const small = { type: "integer", bits: 16, signed: true } as const;
    const fields = new Map<string, ColumnType>([
      ["day", date],
      ["id", small],
    ]);
    const columnTypes = new Map<string, ColumnType>([
      ["id", { type: "integer", bits: 32, signed: true }],
      ["list", { type: "list", of: { type: "struct", fields } }],
      ["days", { type: "list", of: date }],
    ]);
    const rows = [{ id: 7, list: [{ day: "2026-11-30", id: 1 }], days: ["2026-01-01"] }];
    await ReadableStream.from(rows).pipeTo(await openSink(join(folder, "in.parquet"), { columnTypes }));
    const typesOf = async (column: string): Promise<unknown> => {
      const out = join(folder, `${column}.parquet`);
      expect((await explode(["in.parquet", "--column", column, "-o", out])).code).toBe(0);
      const source = openSource(out);
      const types = Object.fromEntries((await source.columnTypes()) ?? []);
      await source.cancel();
      return types;
    };
    expect(await typesOf("days")).toMatchObject({ id: { bits: 32 }, days: date });
    expect(await typesOf("list")).toMatchObject({ id: { bits: 32 }, day: date, id_2: small });
  });

  it("explode has one header for all rows of a pipe", async () => {
    const rows = '[{"id":1,"list":[]},{"id":2,"list":"oops"}]';
    const told = await explode(["-", "--from", "json", "--to", "csv", "--column", "list"], rows);
    expect(told).toMatchObject({ code: 3, stdout: "list,id\n,1\noops,2\n" });
  });
});

describe("a column that is not there", () => {
  const JSONL = '{"id":1,"list":[]}\n';
  const ASK = ["--model", "openai/sim", "-o", "out.jsonl"];
  const COMMANDS: [option: string, command: (input: string) => string[]][] = [
    ["--column", (input) => ["explode", input, "--column", "lst", "-o", "out.jsonl"]],
    ["--prompt", (input) => ["text", input, "--prompt", "${lst}", ...ASK]],
    [
      "--system",
      (input) => ["data", input, "--prompt", "${id}", "--system", "${lst}", "--keys", "q", ...ASK],
    ],
    ["--image-column", (input) => ["text", input, "--prompt", "${id}", "--image-column", "lst", ...ASK]],
    [
      "estimate",
      (input) => ["estimate", "text", input, "--prompt", "${lst}", "--output-tokens", "9", ...ASK],
    ],
    ["explain", (input) => ["explain", "text", input, "--prompt", "${lst}", "--no-journal", ...ASK]],
  ];
  it.each(COMMANDS)(
    "%s: refused with the nearest, in a file and in a pipe, nothing written",
    async (_, command) => {
      await write("in.jsonl", JSONL);
      for (const parameters of [command("in.jsonl"), [...command("-"), "--from", "jsonl"]]) {
        const environment = { OPENAI_API_KEY: "none", OPENAI_BASE_URL: "http://127.0.0.1:9/v1" };
        const child = startParrot(parameters, environment, folder);
        child.stdin?.end(JSONL);
        const { code, stdout, stderr } = await child.finished;
        expect({ code, stdout, stderr }).toEqual({
          code: 2,
          stdout: "",
          stderr: expect.stringContaining(
            'no column "lst" (did you mean "list"?); the columns are "id", "list"',
          ),
        });
        expect(stderr).not.toContain("Warning");
      }
      const files = await readdir(folder);
      expect(files.filter((name) => name !== ".parrot")).toEqual(["in.jsonl"]);
    },
  );

  it("a column is missing where no row of a file has it, and not where a single row lacks it", async () => {
    await write("in.jsonl", '{"id":1}\n{"id":2,"list":"[3]"}\n');
    expect((await explode(["in.jsonl", "--column", "list", "--quiet"])).code).toBe(0);
    expect((await explode(["-", "--from", "jsonl", "--column", "list"], await read("in.jsonl"))).code).toBe(
      2,
    );
  });

  it("a missing column is known from a header", async () => {
    await write("in.csv", "id,list\n1,[]\n");
    const { code, stderr } = await explode(["in.csv", "--column", "lst"]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'parrot: in.csv has no column "lst" (did you mean "list"?); the columns are "id", "list"\n',
    });
  });

  it("a missing column is told as a wrong delimiter where it is that", async () => {
    await write("in.csv", "id;list\n1;[]\n");
    const { code, stderr } = await explode(["in.csv", "--column", "list", "--delimiter", ","]);
    expect(code).toBe(2);
    expect(stderr).toContain('give --delimiter ";"');
    expect((await explode(["in.csv", "--column", "list", "--delimiter", ";"])).stdout).toBe("id;list\n1;\n");
  });
});

describe("process warnings", () => {
  it.each([
    ["ParrotWarning", "few sockets\n"],
    ["Warning", "Node.js warns: few sockets\n"],
    ["ExperimentalWarning", ""],
    ["DeprecationWarning", ""],
  ])("%s reaches users as a sentence, or not at all", async (name, said) => {
    await write("in.jsonl", '{"list":[1]}\n');
    const emit = `process.emitWarning("few sockets", ${JSON.stringify(name)})`;
    await write("emit.mjs", `process.once("beforeExit", () => ${emit});`);
    const environment = { NODE_OPTIONS: "--import=./emit.mjs" };
    const { stderr } = await startParrot(
      ["explode", "in.jsonl", "--column", "list", "--quiet"],
      environment,
      folder,
    ).finished;
    expect(stderr).toBe(said);
  });
});
