// @module-tag slow

import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startParrot, type Finished } from "../../fixtures/run-parrot.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-finetune-"));
});
afterEach(() => rm(folder, { recursive: true }));

const write = (name: string, content: string): Promise<void> => writeFile(join(folder, name), content);
const systems = async (): Promise<unknown[]> =>
  (await readFile(join(folder, "train.jsonl"), "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).messages[0].content);

function finetune(input: string, options: readonly string[] = [], stdin?: string): Promise<Finished> {
  const parameters = ["--prompt-column", "q", "--completion-column", "a", "-o", "train.jsonl", ...options];
  const child = startParrot(["finetune", input, ...parameters], {}, folder);
  child.stdin?.end(stdin);
  return child.finished;
}

describe("parrot finetune", () => {
  it("finetune fills the system message from each row", async () => {
    await write("in.csv", "q,a,persona\nOne?,1,a poet\nTwo?,2,${q}\n");
    const { code } = await finetune("in.csv", ["--system", "You are ${persona}, at $$5"]);
    expect(code).toBe(0);
    expect(await systems()).toEqual(["You are a poet, at $5", "You are ${q}, at $5"]);
  });

  it("finetune removes the files of an earlier split that are no part of this one, and says which", async () => {
    await write("in.csv", "q,a\nOne?,1\nTwo?,2\nThree?,3\n");
    await write("one.csv", "q,a\nOne?,1\n");
    const split = ["--max-tokens-per-file", "20", "--overwrite"];
    expect((await finetune("in.csv", split)).stderr).not.toContain("earlier");
    expect(await finetune("one.csv", split)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("were removed: train.0002.jsonl and 1 more"),
    });
  });

  it("finetune leaves rows out that give no example, tells which and why, and exits with 3", async () => {
    await write(
      "in.jsonl",
      '{"q":"One?","a":"1","p":"x"}\n\n{"q":"Two?","a":" ","p":"x"}\n{"q":"Three?"}\n{"q":"Four?","a":"4"}\n' +
        `{"q":"Five?","a":"${"five ".repeat(60)}","p":"x"}\n`,
    );
    const { code, stderr } = await finetune("in.jsonl", [
      "--system",
      "You are $p",
      "--max-tokens-per-example",
      "50",
    ]);
    expect(code).toBe(3);
    expect(stderr.split("\n")).toEqual([
      expect.stringMatching(/^train\.jsonl: 1 example, \d+ tokens$/),
      "openai takes no training file of fewer than 10 examples, and train.jsonl has 1",
      "4 rows left out: 2 without a prompt or a completion, 1 without a value that the system message needs, 1 with too many tokens",
      'in.jsonl, line 3 (row 2): its column "a" is empty',
      'in.jsonl, line 4 (row 3): it has no column "a"',
      'in.jsonl, line 5 (row 4): Cannot render the template of row 4: the row has no column "p"; its columns are "q", "a"',
      expect.stringMatching(/^in\.jsonl, line 6 \(row 5\): it has \d+ tokens, and at most 50 are allowed$/),
      "",
    ]);
    expect(await systems()).toEqual(["You are x"]);
  });

  it.each([
    ["a prompt column", ["--prompt-column", "qq"], 'no column "qq" (did you mean "q"?)'],
    ["a completion column", ["--completion-column", "answr"], 'no column "answr" (did you mean "answer"?)'],
    ["a system message's column", ["--system", "$persna"], 'no column "persna" (did you mean "persona"?)'],
    ["a stray dollar sign", ["--system", "for $5"], 'stray "$" at line 1, column 5'],
  ])(
    "parrot finetune refuses %s that cannot be, in a file and in a pipe, before anything is written",
    async (_, options, message) => {
      const rows = '{"q":"x","a":"y","answer":"z","persona":"p"}\n';
      await write("in.jsonl", rows);
      for (const [input, more] of [
        ["in.jsonl", []],
        ["-", ["--from", "jsonl"]],
      ] as const) {
        const { code, stderr } = await finetune(input, [...options, ...more], rows);
        expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
      }
      expect(await readdir(folder)).toEqual(["in.jsonl"]);
    },
  );

  it("finetune reads CSV with another separator, and says when it should be told", async () => {
    await write("in.csv", "q;a\nOne?;1\n");
    const wrong = await finetune("in.csv", ["--delimiter", ","]);
    expect(wrong.stderr).toContain('give --delimiter ";"');
    const found = await finetune("in.csv");
    expect({ code: found.code, stderr: found.stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('separated by ";", as its first lines show'),
    });
  });

  it("finetune writes conversations and pairs in the form of a vendor, with a file to validate with", async () => {
    const chat = (id: number): unknown => [
      { role: "user", content: `Hi ${id}` },
      { role: "assistant", content: "Hello" },
    ];
    const rows = Array.from({ length: 40 }, (_, id) => JSON.stringify({ chat: chat(id), bad: "No" }));
    await writeFile(join(folder, "chats.jsonl"), rows.join("\n"));
    const parameters = [
      "chats.jsonl",
      "--messages-column",
      "chat",
      "--rejected-column",
      "bad",
      "-o",
      "pairs.jsonl",
    ];
    const run = async (...more: string[]): Promise<Finished> =>
      startParrot(["finetune", ...parameters, ...more], {}, folder).finished;
    const { code, stderr } = await run("--form", "trl", "--validation", "0.3");
    expect(code).toBe(0);
    expect(stderr).toMatch(/^pairs\.jsonl: \d+ examples, .*\npairs\.validation\.jsonl: \d+ examples/);
    const [line = ""] = (await readFile(join(folder, "pairs.jsonl"), "utf8")).split("\n");
    expect(Object.keys(JSON.parse(line) as object)).toEqual(["prompt", "chosen", "rejected"]);
    const again = await run("--form", "trl");
    expect({ code: again.code, stderr: again.stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/pairs\.jsonl: it exists already.*--overwrite/) as unknown,
    });
    const mistral = await run("--form", "mistral", "--overwrite");
    expect(mistral).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/mistral has none for rejected answers/) as unknown,
    });
    const unclear = await startParrot(["finetune", "chats.jsonl", "-o", "x.jsonl"], {}, folder).finished;
    expect(unclear).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--prompt-column or --messages-column/) as unknown,
    });
  });
});
