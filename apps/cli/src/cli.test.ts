// @module-tag slow

import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { gunzipSync, zstdCompressSync } from "node:zlib";
import { startSimulator, type Simulator, type SimulatorOptions } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { interrupt, startParrot, TEST_ENVIRONMENT, type Finished } from "../fixtures/run-parrot.ts";

let folder: string;
let simulator: Simulator;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-cli-"));
  simulator = await startSimulator();
});
afterEach(async () => {
  await simulator.close();
  await rm(folder, { recursive: true });
});

async function simulate(options: SimulatorOptions): Promise<void> {
  await simulator.close();
  simulator = await startSimulator(options);
}

const environment = (): Record<string, string> => ({
  OPENAI_API_KEY: simulator.apiKey,
  OPENAI_BASE_URL: simulator.baseUrl,
});
const start = (...parameters: string[]): ReturnType<typeof startParrot> =>
  startParrot(parameters, environment(), folder);
const parrot = (...parameters: string[]): Promise<Finished> => start(...parameters).finished;
const write = (name: string, content: string | Uint8Array): Promise<void> =>
  writeFile(join(folder, name), content);
/** What is in the folder besides the journal. */
const files = async (): Promise<string[]> => (await readdir(folder)).filter((name) => name !== ".parrot");
const read = (name: string): Promise<string> => readFile(join(folder, name), "utf8");
const readRows = async (name: string): Promise<Record<string, unknown>[]> =>
  (await read(name))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

const REVIEWS = "id,review\n1,I love it. Excellent!\n2,Terrible. It broke.\n3,It is a lamp.\n";
const TEXT = ["--prompt", "Sentiment of: ${review}", "--model", "openai/sim"];

/** `review,n` and a row, as the program bzip2 packs it. */
const BZIP2 = "QlpoOTFBWSZTWX/8LbgAAAbdgAAQAAQgAAAEAiWRoCAAIhNHpD1P1QgGgDeQSB007NQfF3JFOFCQf/wtuA==";

describe("parrot text", () => {
  it("text adds a column, in the format of the input, at the output's name", async () => {
    await write("in.csv", REVIEWS);
    const { code, stdout, stderr } = await parrot(
      "text",
      "in.csv",
      ...TEXT,
      "--output-key",
      "sentiment",
      "-o",
      "out.csv",
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect((await read("out.csv")).toLowerCase()).toBe(
      "id,review,sentiment\n1,i love it. excellent!,positive\n2,terrible. it broke.,negative\n3,it is a lamp.,neutral\n",
    );
    expect(stderr).toMatch(
      /^Answers are kept in \.parrot\/journal\.db\n3 requests, \d+ input tokens, \d+ output tokens; the price of this model at this server is not known; give it with --price or --price-of\n3 rows answered, 3 rows in out\.csv, in \d+\.\d s\n$/,
    );
    expect(await files()).toEqual(["in.csv", "out.csv"]);
  });

  it("text writes data alone to standard output, and nothing to standard error with --quiet", async () => {
    await write("in.csv", REVIEWS);
    const { stdout, stderr } = await parrot("text", "in.csv", ...TEXT, "--quiet", "--to", "jsonl");
    expect(stderr).toBe("");
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => Object.keys(JSON.parse(line))),
    ).toEqual(Array.from({ length: 3 }, () => ["id", "review", "output"]));
  });

  it("text reads standard input and converts between formats and compressions", async () => {
    const child = start("text", "-", "--from", "jsonl", ...TEXT, "-o", "out.json.gz");
    child.stdin?.end('{"review":"Lovely, I love it"}\n');
    expect((await child.finished).code).toBe(0);
    expect(JSON.parse(gunzipSync(await readFile(join(folder, "out.json.gz"))).toString())).toEqual([
      { review: "Lovely, I love it", output: expect.stringMatching(/positive/i) },
    ]);
    await write("in.tsv.zst", zstdCompressSync("review\tn\nLovely\t1\n"));
    expect(await parrot("text", "in.tsv.zst", ...TEXT, "--quiet")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^review\tn\toutput\nLovely\t1\t/),
    });
    await write("in.csv.bz2", Buffer.from(BZIP2, "base64"));
    expect(await parrot("text", "in.csv.bz2", ...TEXT, "--quiet")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^review,n,output\nLovely,1,/),
    });
  });

  it("text takes the prompt from a file, with a system message and sampling options", async () => {
    await write("in.csv", REVIEWS);
    await write("prompt.txt", "\nTranslate ${review}\n");
    await parrot(
      "text",
      "in.csv",
      "--prompt-file",
      "prompt.txt",
      "--system",
      "You know row ${id}",
      "--model",
      "openai/sim",
      "--temperature",
      "0.5",
      "--max-tokens",
      "50",
      "--seed",
      "7",
      "--stop",
      "END",
      "--",
    );
    expect(simulator.ledger.entries[0]?.body).toEqual({
      model: "sim",
      messages: [
        { role: "system", content: "You know row 1" },
        { role: "user", content: "Translate I love it. Excellent!" },
      ],
      temperature: 0.5,
      max_tokens: 50,
      seed: 7,
      stop: ["END"],
    });
  });

  it("--preview shows rows as a table and writes nothing", async () => {
    await write("in.csv", REVIEWS);
    const { code, stdout } = await parrot("text", "in.csv", ...TEXT, "--preview", "2", "-o", "out.csv");
    expect(code).toBe(0);
    expect(stdout).toContain("│ row │ review");
    expect(stdout).toMatch(/positive/i);
    expect(simulator.ledger.received).toBe(2);
    expect(await files()).toEqual(["in.csv"]);
  });

  it("text escapes what a model made of a formula, and leaves numbers and input cells alone", async () => {
    await simulate({ answer: ({ messages }) => (JSON.stringify(messages).includes("row1") ? "=1+1" : "-5") });
    await write("in.csv", "id,review\n=row1,x\nrow2,x\n");
    await parrot("text", "in.csv", "--prompt", "${id}", "--model", "openai/sim", "-o", "out.csv");
    expect(await read("out.csv")).toBe("id,review,output\n=row1,x,'=1+1\nrow2,x,-5\n");
    await parrot(
      "text",
      "in.csv",
      "--prompt",
      "${id}",
      "--model",
      "openai/sim",
      "-o",
      "raw.csv",
      "--no-escape-formulas",
    );
    expect(await read("raw.csv")).toContain("=row1,x,=1+1\n");
  });

  it("text keeps failed rows apart and exits with 3", async () => {
    await simulate({
      faults: ({ body }) =>
        JSON.stringify(body).includes("Terrible") ? { kind: "status", status: 400 } : undefined,
    });
    await write("in.csv", REVIEWS);
    const { code, stderr } = await parrot("text", "in.csv", ...TEXT, "-o", "out.csv");
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /1 row failed, see out\.csv\.failed\.jsonl; the first: row 2 on line 3, id "2" \(BAD_REQUEST\)/,
    );
    expect((await read("out.csv")).split("\n")[2]).toBe("2,Terrible. It broke.,");
    expect(await readRows("out.csv.failed.jsonl")).toMatchObject([
      { row: 1, line: 3, code: "BAD_REQUEST", stage: "transport", attempts: 1, input: { id: "2" } },
    ]);

    const few = await parrot("text", "in.csv", ...TEXT, "-o", "few.csv", "--on-failure", "drop");
    expect(few.code).toBe(3);
    expect((await read("few.csv")).split("\n")).toHaveLength(4);

    const stopped = await parrot(
      "text",
      "in.csv",
      ...TEXT,
      "-o",
      "stopped.csv",
      "--on-failure",
      "stop",
      "--concurrency",
      "1",
    );
    expect(stopped.code).toBe(4);
    expect(stopped.stderr).toContain("row 2 failed (BAD_REQUEST)");
    expect((await read("stopped.partial.csv")).split("\n")[1]).toMatch(/^1,/);
    expect(await files()).not.toContain("stopped.csv");
  });
});

describe("parrot data", () => {
  const ARTICLE =
    '{"title":"Lamp","text":"The lamp is a device that gives light. The lamp was invented in 1850."}\n';

  it("data makes a row of each object, by keys", async () => {
    await write("in.jsonl", ARTICLE);
    const { code } = await parrot(
      "data",
      "in.jsonl",
      "--prompt",
      "Question and answer pairs: ${text}",
      "--keys",
      "question,answer",
      "--model",
      "openai/sim",
      "-o",
      "out.jsonl",
      "--lineage",
    );
    expect(code).toBe(0);
    const rows = await readRows("out.jsonl");
    expect(rows.length).toBeGreaterThan(1);
    expect(Object.keys(rows[0] ?? {})).toEqual([
      "title",
      "text",
      "question",
      "answer",
      "_row",
      "_choice",
      "_item",
      "_warnings",
    ]);
  });

  it("data takes a JSON Schema, of one object or of a list", async () => {
    const schema = {
      type: "object",
      properties: { year: { type: "integer" }, kind: { enum: ["person", "thing"] } },
      required: ["year", "kind"],
    };
    await write("in.jsonl", ARTICLE);
    await write("one.json", JSON.stringify(schema));
    await write("list.json", JSON.stringify({ type: "array", items: schema }));
    await parrot(
      "data",
      "in.jsonl",
      "--prompt",
      "Sort: ${text}",
      "--schema",
      "one.json",
      "--single",
      "--model",
      "openai/sim",
      "-o",
      "one.jsonl",
    );
    const [row] = await readRows("one.jsonl");
    expect(Number.isInteger(row?.["year"])).toBe(true);
    expect(["person", "thing"]).toContain(row?.["kind"]);
    expect(
      (
        await parrot(
          "data",
          "in.jsonl",
          "--prompt",
          "Sort: ${text}",
          "--schema",
          "list.json",
          "--model",
          "openai/sim",
          "-o",
          "list.jsonl",
        )
      ).code,
    ).toBe(0);
  });
});

describe("parrot finetune and simulate", () => {
  it("finetune writes training files", async () => {
    await write("in.csv", "q,a\nOne?,1\nTwo?,2\n");
    const { code, stderr } = await parrot(
      "finetune",
      "in.csv",
      "--prompt-column",
      "q",
      "--completion-column",
      "a",
      "-o",
      "train.jsonl",
    );
    expect(code).toBe(0);
    expect(stderr).toMatch(/train\.jsonl: 2 examples, \d+ tokens/);
    expect((await readRows("train.jsonl"))[0]).toEqual({
      messages: [
        { role: "user", content: "One?" },
        { role: "assistant", content: "1" },
      ],
    });
  });

  it("simulate says when its port is taken", async () => {
    const port = new URL(simulator.baseUrl).port;
    const { code, stderr } = await parrot("simulate", "--port", port);
    expect(code).toBe(2);
    expect(stderr).toContain(`port ${port} is in use; name another with --port`);
  });

  it("simulate runs a server that answers parrot", async () => {
    const server = start("simulate", "--port", "0", "--latency", "1", "--key", "made-up");
    let said = "";
    server.stderr?.on("data", (chunk) => (said += String(chunk)));
    while (!said.includes("Ctrl-C ends it")) await sleep(10);
    const [baseUrl = ""] = /http:\/\/127\.0\.0\.1:\d+\/v1/.exec(said) ?? [];
    await write("in.csv", REVIEWS);
    const run = await startParrot(
      ["text", "in.csv", ...TEXT, "--base-url", baseUrl, "--quiet"],
      { OPENAI_API_KEY: "made-up" },
      folder,
    ).finished;
    expect(run.code).toBe(0);
    server.kill("SIGINT");
    expect((await server.finished).code).toBe(0);
    expect(said).toContain("3 requests: 3 answered");
  });
});

describe("help and usage", () => {
  it("the help of each command teaches by example", async () => {
    const { code, stdout } = await parrot("--help");
    expect(code).toBe(0);
    expect(stdout).toContain("parrot data articles.jsonl --keys");
    for (const command of ["text", "data", "explode", "finetune", "providers", "simulate"]) {
      expect((await parrot(command, "--help")).stdout).toContain("Example");
    }
  });

  it.each([
    [["text"], "missing required argument 'inputs'"],
    [["text", "in.csv", "--nope"], "unknown option '--nope'"],
    [["text", "in.csv", ...TEXT, "--n", "many"], "Expected a whole number"],
    [["text", "in.csv", "--model", "openai/sim"], "give either --prompt TEXT or --prompt-file FILE"],
    [["text", "in.csv", "--prompt", "${review}"], "write --model PROVIDER/MODEL"],
    [["text", "in.csv", "--prompt", "${review}", "--model", "nobody/m"], "providers: openai"],
    [
      ["text", "in.csv", "--prompt", "Summarise ", "--model", "openai/sim"],
      "In a shell, put it in single quotes",
    ],
    [["text", "in.csv", ...TEXT, "--output-key", ""], "Cannot add a column without a name"],
    [["text", "in.csv", "--prompt", "a $ b", "--model", "openai/sim"], "line 1, column 3"],
    [["data", "in.csv", ...TEXT], "--keys, such as --keys question,answer, or --schema FILE"],
    [["data", "in.csv", ...TEXT, "--schema", "nope.json"], "Cannot read nope.json, given as --schema"],
  ])(
    "a wrong command line is refused with exit code 2 and one clear message: %j",
    async (parameters, message) => {
      await write("in.csv", REVIEWS);
      const { code, stderr } = await parrot(...parameters);
      expect(code).toBe(2);
      expect(stderr).toContain(message);
      expect(stderr).not.toMatch(/\n\s+at /);
      expect(simulator.ledger.received).toBe(0);
    },
  );
});

describe("bad input", () => {
  const cases: [name: string, input: string | Uint8Array, message: RegExp][] = [
    ["empty.csv", "", /empty\.csv.* empty/],
    ["column.csv", "id,text\n1,x\n", /no column "review".*"id", "text"/],
    ["ragged.csv", "id,review\n1,x\n2,y,z\n", /ragged\.csv.*line 3/],
    ["quote.csv", 'id,review\n1,x\n2,"y\n', /quote\.csv.*line 3/],
    ["title.csv", "Reviews of May\nid,review\n1,x\n", /line 2: .*; lines above the header .* --skip-lines$/m],
    [
      "semicolons.csv",
      "Reviews, May\nid;review\n1;x\n2;y\n",
      /line 1: .*; if it is a title, leave it out with --skip-lines; if it is the header, name its delimiter$/m,
    ],
    [
      "after.csv",
      'id,review\n1,"x" y\n',
      /line 2: column "review": text after .*, or use --no-quotes to read/,
    ],
    [
      "escape.csv",
      'id,review\n1,"5\\" disk"\n',
      /line 2: column "review": text after .*, set --escape to "\\\\"$/m,
    ],
    [
      "utf8.csv",
      Buffer.from([...Buffer.from("id,review\n1,x\n2,"), 0xff, 0xfe, 0x0a]),
      /utf8\.csv.*(UTF-8|byte)/,
    ],
    ["open.json", '[{"review":"x"},{"review":"y"}', /open\.json.*never closed/],
    ["line.jsonl", '{"review":"x"}\n{"review":\n', /line\.jsonl.*line 2/],
    ["lacks.jsonl", '{"text":"x"}\n', /no column "review"/],
    ["what.xyz", "id", /format.*--from/],
  ];

  it.each(cases)(
    "an input like %s is refused before the first request, and nothing is left behind",
    async (name, content, message) => {
      await write(name, content);
      const { code, stdout, stderr } = await parrot("text", name, ...TEXT, "-o", "out.csv");
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(message);
      expect(stderr.trim().split("\n")).toHaveLength(1);
      expect(stderr).not.toMatch(/\n\s+at /);
      expect(simulator.ledger.received).toBe(0);
      expect(await files()).toEqual([name]);
    },
  );

  it.each([
    ["an input that is not there", ["nope.csv", "-o", "out.csv"], /nope\.csv.*no such file/],
    [
      "an output directory that is not there",
      ["in.csv", "-o", "nowhere/out.csv"],
      /nowhere\/out\.csv.*directory nowhere does not exist/,
    ],
    [
      "an output that is the input",
      ["in.csv", "-o", "in.csv"],
      /the output to in\.csv: that is the input.*-o$/m,
    ],
    ["an output of no known format", ["in.csv", "-o", "out.xyz"], /out\.xyz.*--to/],
    ["an output of bzip2", ["in.csv", "-o", "out.csv.bz2"], /out\.csv\.bz2: bzip2 is read and not written/],
  ])("%s is refused before the first request", async (_, parameters, message) => {
    await write("in.csv", REVIEWS);
    const { code, stderr } = await parrot("text", ...parameters, ...TEXT);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(simulator.ledger.received).toBe(0);
    expect(await files()).toEqual(["in.csv"]);
  });

  it.each([
    ["the input", ["--failed", "in.csv"], /in\.csv.*--failed/],
    ["the output", ["--failed", "out.csv"], /out\.csv.*--failed/],
    ["a file without a format", ["--failed", "failed.txt"], /failed\.txt: its name tells no format/],
    ["a file of bzip2", ["--failed", "failed.csv.bz2"], /failed\.csv\.bz2: bzip2 is read and not written/],
    ["a directory that is not there", ["--failed", "nowhere/failed.jsonl"], /nowhere.*does not exist/],
  ])(
    "failed rows that would go to %s are refused before the first request",
    async (_, parameters, message) => {
      await write("in.csv", REVIEWS);
      const { code, stderr } = await parrot("text", "in.csv", ...TEXT, "-o", "out.csv", ...parameters);
      expect(code).toBe(2);
      expect(stderr).toMatch(message);
      expect(await files()).toEqual(["in.csv"]);
      expect(await read("in.csv")).toBe(REVIEWS);
    },
  );

  it("a stranger's list of failed rows is not replaced, and with --overwrite kept under another name", async () => {
    await write("in.csv", REVIEWS);
    await write("out.csv.failed.jsonl", "{}\n");
    expect((await parrot("text", "in.csv", ...TEXT, "-o", "out.csv")).code).toBe(2);
    const { code, stderr } = await parrot("text", "in.csv", ...TEXT, "-o", "out.csv", "--overwrite");
    expect([code, stderr]).toEqual([0, expect.stringContaining("kept as out.csv.failed.earlier-1.jsonl\n")]);
    expect(await files()).toEqual(["in.csv", "out.csv", "out.csv.failed.earlier-1.jsonl"]);
    expect(await read("out.csv.failed.earlier-1.jsonl")).toBe("{}\n");
  });

  it("an option that cannot be leaves nothing behind", async () => {
    await write("in.csv", REVIEWS);
    const { code, stderr } = await parrot("text", "in.csv", ...TEXT, "-o", "out.csv", "--n", "0");
    expect(code).toBe(2);
    expect(stderr).toMatch(/Cannot use --n: expected a whole number of at least 1, got 0/);
    expect(await files()).toEqual(["in.csv"]);
  });

  it("an input that can be read only once is read as it comes", async () => {
    await write("in.csv", REVIEWS);
    const program = join(import.meta.dirname, "../dist/main.js");
    const script = `"$0" "$1" text <(cat in.csv) --from csv --prompt '\${review}' --model openai/sim --quiet`;
    const { stdout } = await promisify(execFile)("bash", ["-c", script, process.execPath, program], {
      cwd: folder,
      env: { ...TEST_ENVIRONMENT, ...environment() },
    });
    expect(stdout.trim().split("\n")).toHaveLength(4);
  });

  it("an input with a header alone makes an output with a header alone", async () => {
    await write("in.csv", "id,review\n");
    const { code } = await parrot("text", "in.csv", ...TEXT, "-o", "out.csv");
    expect(code).toBe(0);
    expect(await read("out.csv")).toBe("id,review,output\n");
    await write("text.csv", "id,text\n");
    expect((await parrot("text", "text.csv", ...TEXT, "-o", "text.out.csv")).code).toBe(2);
    await write("in.json", "[]");
    expect((await parrot("text", "in.json", ...TEXT, "-o", "out.json")).code).toBe(0);
    expect(JSON.parse(await read("out.json"))).toEqual([]);
  });

  it("an input may have one column, and a cell of 5 MB", async () => {
    await write("in.csv", `review\n${"lovely ".repeat(750_000)}\nshort\n`);
    const { code } = await parrot("text", "in.csv", ...TEXT, "-o", "out.jsonl");
    expect(code).toBe(0);
    expect(await readRows("out.jsonl")).toHaveLength(2);
  });

  it.each([
    ["semicolons", "id;review\n1;x\n", /separated by ";", as its first lines show/],
    ["tabs", "id\treview\n1\tx\n", /separated by a tab, as its first lines show/],
  ])("CSV with %s is read and written so, which is told", async (_, content, message) => {
    await write("in.csv", content);
    const { code, stdout, stderr } = await parrot("text", "in.csv", ...TEXT);
    expect(code).toBe(0);
    expect(stderr).toMatch(message);
    expect(stdout).toMatch(/^id[;\t]review[;\t]output\n1[;\t]x[;\t]/);
    const told = await parrot("text", "in.csv", ...TEXT, "--delimiter", content.charAt(2), "--quiet");
    expect(told.stdout).toBe(stdout);
    const strict = await parrot("text", "in.csv", ...TEXT, "--strict");
    expect({ code: strict.code, stderr: strict.stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/line 1: the cells seem to be separated by .*; set --delimiter to it$/m),
    });
  });

  it("JSONL whose rows differ becomes CSV with all columns, and its own cells stay as they are", async () => {
    await write("in.jsonl", '{"review":"=1+1"}\n{"review":"b","extra":"c"}\n');
    const { code, stdout } = await parrot("text", "in.jsonl", ...TEXT, "--to", "csv", "--quiet");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^review,extra,output\n=1\+1,,.+\nb,c,.+\n$/);
  });

  it("the finished rows of an earlier run are not replaced", async () => {
    await write("in.csv", REVIEWS);
    await write("out.partial.csv", "paid for\n");
    const { code, stderr } = await parrot("text", "in.csv", ...TEXT, "-o", "out.csv");
    expect(code).toBe(2);
    expect(stderr).toMatch(/out\.partial\.csv holds the finished rows of an earlier run/);
  });

  it("a later row that lacks a column fails alone", async () => {
    await write("in.jsonl", '{"review":"x"}\n{"text":"y"}\n{"review":"z"}\n');
    const { code } = await parrot("text", "in.jsonl", ...TEXT, "-o", "out.jsonl");
    expect(code).toBe(3);
    expect(await readRows("out.jsonl")).toHaveLength(3);
    expect(await readRows("out.jsonl.failed.jsonl")).toMatchObject([
      { row: 1, code: "MISSING_VALUE", input: { text: "y" } },
    ]);
  });
});

describe("a provider that answers nothing", () => {
  it.each([
    ["no key", { OPENAI_API_KEY: "", OPENAI_BASE_URL: "" }, {}, /OPENAI_API_KEY/],
    ["a wrong key", { OPENAI_API_KEY: "canary-wrong-key" }, {}, /refused the API key/],
    ["a model that does not exist", {}, { models: ["other"] }, /does not know the model/],
    [
      "a server that is not there",
      { OPENAI_BASE_URL: "http://127.0.0.1:9/v1" },
      {},
      /Cannot reach http:\/\/127\.0\.0\.1:9\/v1.*ECONNREFUSED/,
    ],
    ["a server that answers HTML", {}, { faults: () => ({ kind: "html" }) }, /does not answer like the API/],
  ] as const)(
    "a provider that answers nothing, as with %s, ends with one clear message and exit code 2, and nothing is left behind",
    async (_, env, options, message) => {
      await simulate(options as SimulatorOptions);
      await write("in.csv", REVIEWS);
      const { code, stderr } = await startParrot(
        ["text", "in.csv", ...TEXT, "-o", "out.csv", "--quiet"],
        { ...environment(), ...env },
        folder,
      ).finished;
      expect(code).toBe(2);
      expect(stderr).toMatch(message);
      expect(stderr.trim().split("\n")).toHaveLength(1);
      expect(stderr).not.toContain("canary-wrong-key");
      expect(await files()).toEqual(["in.csv"]);
    },
  );
});

describe("an early end", () => {
  const rows = (count: number): string =>
    `id,review\n${Array.from({ length: count }, (_, id) => `${id},Review number ${id}.`).join("\n")}\n`;

  it("a run keeps the finished rows when the credit runs out, and exits with 4", async () => {
    await simulate({ faults: ({ sequence }) => (sequence > 40 ? { kind: "noCredit" } : undefined) });
    await write("in.csv", rows(100));
    const { code, stderr } = await parrot("text", "in.csv", ...TEXT, "-o", "out.csv", "--concurrency", "5");
    expect(code).toBe(4);
    expect(stderr).toContain("no credit left");
    expect(stderr).toContain("Stopped: 40 rows answered, 40 rows in out.partial.csv, in ");
    expect(await files()).toEqual(["in.csv", "out.partial.csv"]);
    expect((await read("out.partial.csv")).trim().split("\n")).toHaveLength(41);
  });

  it("Ctrl-C sends nothing more, awaits what is in flight, keeps it and exits with 130", async () => {
    await simulate({ latency: { kind: "fixed", ms: 100 } });
    await write("in.csv", rows(500));
    const child = start("text", "in.csv", ...TEXT, "-o", "out.csv", "--concurrency", "5");
    while (simulator.ledger.received < 20) await sleep(5);
    child.kill("SIGINT");
    const { code, stderr } = await child.finished;
    expect(code).toBe(130);
    expect(stderr).toContain("Stopping:");
    const kept = (await read("out.partial.csv")).trim().split("\n").length - 1;
    expect(kept).toBe(simulator.ledger.answered().length);
    expect(simulator.ledger.received).toBeLessThan(40);
    expect(await files()).toEqual(["in.csv", "out.partial.csv"]);
  });

  it("SIGTERM ends a run like Ctrl-C, with its own exit code", async () => {
    await simulate({ latency: { kind: "fixed", ms: 50 } });
    await write("in.csv", rows(500));
    const child = start("text", "in.csv", ...TEXT, "-o", "out", "--to", "csv", "--concurrency", "5");
    while (simulator.ledger.received < 20) await sleep(5);
    child.kill("SIGTERM");
    expect((await child.finished).code).toBe(143);
    expect(await files()).toEqual(["in.csv", "out.partial"]);
  });

  it("a run keeps what is in flight when standard input breaks off", async () => {
    await simulate({ latency: { kind: "fixed", ms: 30 } });
    const child = start("text", "-", "--from", "jsonl", ...TEXT, "-o", "out.jsonl");
    child.stdin?.write('{"review":"a"}\n{"review":"b"}\n{"review":"c"}\n');
    while (simulator.ledger.received < 3) await sleep(5);
    child.stdin?.end('{"review"');
    const { code, stderr } = await child.finished;
    expect(code).toBe(4);
    expect(stderr).toMatch(/line 4/);
    expect(await readRows("out.partial.jsonl")).toHaveLength(3);
  });

  it("a run that the server makes wait ends at once after Ctrl-C", async () => {
    await simulate({
      faults: ({ sequence }) =>
        sequence > 3 ? { kind: "status", status: 429, headers: { "retry-after": "600" } } : undefined,
    });
    await write("in.csv", rows(50));
    const child = start("text", "in.csv", ...TEXT, "-o", "out.csv", "--concurrency", "2");
    while (simulator.ledger.received < 4) await sleep(5);
    await sleep(100);
    child.kill("SIGINT");
    expect((await child.finished).code).toBe(130);
    expect((await read("out.partial.csv")).trim().split("\n")).toHaveLength(4);
  });

  it("a second Ctrl-C ends a run at once", async () => {
    await simulate({ faults: ({ sequence }) => (sequence > 5 ? { kind: "stall" } : undefined) });
    await write("in.csv", rows(50));
    const child = start("text", "in.csv", ...TEXT, "-o", "out.csv", "--concurrency", "5");
    while (simulator.ledger.received < 10) await sleep(5);
    await interrupt(child);
    child.kill("SIGINT");
    expect((await child.finished).code).toBe(130);
  });

  it("a reader that leaves ends the run without a fuss", async () => {
    await simulate({ latency: { kind: "fixed", ms: 20 } });
    await write("in.csv", rows(500));
    const child = start("text", "in.csv", ...TEXT, "--concurrency", "5", "--quiet");
    child.stdout?.once("data", () => child.stdout?.destroy());
    const code = await new Promise((resolve) => child.once("exit", resolve));
    expect(code).toBe(0);
    expect(simulator.ledger.received).toBeLessThan(100);
  });
});
