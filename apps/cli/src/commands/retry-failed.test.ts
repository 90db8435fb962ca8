// @module-tag slow

import { setTimeout as sleep } from "node:timers/promises";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Workplace } from "../../fixtures/workplace.ts";
import type { Finished } from "../../fixtures/run-parrot.ts";

let simulator: Simulator;
let place: Workplace;
/** Whether answers never come from now on. */
let stalls: boolean;

interface Body {
  readonly model: string;
  readonly max_tokens?: number;
  readonly temperature?: number;
}

/**
 * What goes wrong with a request follows from its words: `[long]` rows take 300 tokens, `[longer]` ones 600, the
 * small model's filter refuses `[filtered]` rows, and `[down]` rows are refused as malformed.
 */
function faultOf(body: unknown): "lengthCutOff" | "contentFilter" | "status" | "stall" | undefined {
  const words = JSON.stringify(body);
  const { max_tokens: most = 0, model } = body as Body;
  if (stalls) return "stall";
  if (words.includes("[down]")) return "status";
  if (words.includes("[filtered]") && model === "small") return "contentFilter";
  const isCut = (words.includes("[long]") && most < 300) || (words.includes("[longer]") && most < 600);
  return isCut ? "lengthCutOff" : undefined;
}

beforeEach(async () => {
  stalls = false;
  simulator = await startSimulator({
    answer: ({ model }) => `{"q": "${model} answered"}`,
    faults: ({ body }) => {
      const kind = faultOf(body);
      if (kind === undefined) return undefined;
      return kind === "status" ? { kind, status: 400 } : { kind };
    },
  });
  place = await Workplace.open(simulator);
  await place.write("in.csv", `id,text\n${TEXTS.map((text, id) => `${id},${text}\n`).join("")}`);
});
afterEach(async () => {
  await place.close();
  await simulator.close();
});

const TEXTS = ["plain", "is [long]", "plain", "is [filtered]", "is [longer]", "plain"];
const ASKS = ["--prompt", "About ${id}: ${text}", "--keys", "q", "--single", "--max-tokens", "40"];
const COMMAND = ["data", "in.csv", ...ASKS, "--model", "openai/small", "-o", "out.csv"];

/** Runs the program; tells also what it asked. */
async function parrot(...parameters: string[]): Promise<Finished & { asked: Body[] }> {
  const before = simulator.ledger.received;
  const finished = await place.run(...parameters);
  return { ...finished, asked: simulator.ledger.entries.slice(before).map(({ body }) => body as Body) };
}

/** Which model answered each row; empty for a row with no answer. */
async function answeredBy(name = "out.csv"): Promise<string[]> {
  const [, ...rows] = (await place.read(name)).trim().split("\n");
  return rows.map((row) => row.split(",")[2]?.split(" ")[0] ?? "");
}

describe("parrot retry-failed with other options", () => {
  it("retry-failed asks those rows alone that failed and that the options can help, and keeps every other answer", async () => {
    const first = await parrot(...COMMAND);
    expect([first.code, first.asked.length]).toEqual([3, 6]);
    expect(first.stderr).toContain(
      '3 rows failed, see out.csv.failed.jsonl; the first: row 2 on line 3, id "1" (OUTPUT_TRUNCATED): ',
    );
    expect(first.stderr).toMatch(
      / {2}2 OUTPUT_TRUNCATED \(rows 2, [45]\): the token limit cut the answer off, and would do so again; parrot retry-failed --max-tokens N with a larger number\n/,
    );
    expect(first.stderr).toMatch(
      / {2}1 CONTENT_FILTERED \(row [45]\): a content filter refused it, and would do so again; parrot retry-failed --model/,
    );
    expect(first.stderr).toMatch(/\. Next: parrot retry-failed --max-tokens N\n$/);
    expect(await answeredBy()).toEqual(["small", "", "small", "", "", "small"]);

    const plain = await parrot("retry-failed");
    expect([plain.code, plain.asked]).toEqual([3, []]);
    expect(plain.stderr).toContain(
      "not asked again, as they would fail the same way: 2 OUTPUT_TRUNCATED, 1 CONTENT_FILTERED; --all asks them too\n",
    );

    const longer = await parrot("retry-failed", "--max-tokens", "400");
    expect(longer.stderr).toContain("Failed rows are asked with other options: --max-tokens (40 → 400)\n");
    expect(longer.stderr).toContain("the same way: 1 CONTENT_FILTERED; --all");
    expect(longer.stderr).toMatch(/\. Next: parrot retry-failed --model PROVIDER\/MODEL\n$/);
    expect(longer.asked).toMatchObject([{ max_tokens: 400 }, { max_tokens: 400 }]);
    expect(await answeredBy()).toEqual(["small", "small", "small", "", "", "small"]);
    // Once more is the same once more: with the options of the retry before.
    expect((await parrot("retry-failed")).asked).toEqual([]);
  });

  it("retry-failed adds to what the retry before it changed, until every row is answered", async () => {
    await parrot(...COMMAND);
    const longest = await parrot("retry-failed", "--max-tokens", "800");
    expect([longest.code, longest.asked]).toMatchObject([3, [{ max_tokens: 800 }, { max_tokens: 800 }]]);
    const other = await parrot("retry-failed", "--model", "openai/large");
    expect([other.code, other.asked]).toMatchObject([0, [{ max_tokens: 800, model: "large" }]]);
    expect(await answeredBy()).toEqual(["small", "small", "small", "large", "small", "small"]);
    expect(await place.files()).not.toContain("out.csv.failed.jsonl");
    expect((await parrot(...COMMAND)).stderr).toContain("Nothing to do: 6 rows were answered");
  });

  it("answers of retry-failed are found by the first command, in whatever form", async () => {
    await parrot(...COMMAND);
    await parrot("retry-failed", "--max-tokens", "800", "--model", "openai/large");
    const output = await place.read("out.csv");
    const told =
      "asked again with other options: the model (openai/small → openai/large) and --max-tokens (40 → 800)\n";
    for (const more of ["--overwrite", "--reparse"]) {
      expect(await parrot(...COMMAND, more)).toMatchObject({
        code: 0,
        asked: [],
        stderr: expect.stringContaining(told),
      });
      expect(await place.read("out.csv")).toBe(output);
    }
    expect(await parrot(...COMMAND.slice(0, -1), "other.jsonl")).toMatchObject({ code: 0, asked: [] });
    expect((await parrot("explain", ...COMMAND)).stdout).toContain("6 rows: 6 answered, 0 to be asked");
  });

  it("retry-failed gives a row of another input no answer of a model that it was not to be asked of", async () => {
    await parrot(...COMMAND);
    await parrot("retry-failed", "--model", "openai/large");
    await place.write("other.csv", await place.read("in.csv"));
    const { code, asked } = await parrot(...COMMAND.with(1, "other.csv"), "--overwrite");
    expect([code, asked]).toEqual([3, []]);
    expect(await answeredBy()).toEqual(["small", "", "small", "", "", "small"]);
  });

  it("retry-failed goes back to the model of the run, at the address that it had", async () => {
    await parrot(...COMMAND, "--base-url", simulator.baseUrl);
    await parrot("retry-failed", "--model", "openai/large", "--base-url", `${simulator.baseUrl}/`);
    const { asked } = await parrot("retry-failed", "--model", "openai/small", "--max-tokens", "900");
    expect(asked.map(({ model }) => model)).toEqual(["small", "small"]);
  });

  it("retry-failed is named with the number of the run that is meant, where a later one has failed rows too", async () => {
    await parrot(...COMMAND);
    await parrot(...COMMAND.slice(0, -1), "other.csv");
    const { stderr } = await parrot(...COMMAND);
    const [command = ""] = /(?<=to ask again: parrot )retry-failed 1$/m.exec(stderr) ?? [];
    await parrot(...command.split(" "), "--max-tokens", "800", "--model", "openai/large");
    expect(await answeredBy()).toEqual(["small", "large", "small", "large", "large", "small"]);
    expect(await place.read("other.csv.failed.jsonl")).not.toBe("");
  });

  it("retry-failed --all asks rows again that would fail the same way", async () => {
    await parrot(...COMMAND);
    expect((await parrot("retry-failed", "--all")).asked).toHaveLength(3);
  });

  it("retry-failed asks rows whose failure may pass, and says how", async () => {
    await place.write("in.csv", "id,text\n7,is [down]\n8,plain\n");
    const { stderr } = await parrot(...COMMAND);
    expect(stderr).toMatch(/, \d+ failed, in .*\. Next: parrot retry-failed\n$/);
    expect((await parrot("retry-failed")).asked).toHaveLength(1);
  });

  it.each(["resume", "retry-failed"])(
    "%s goes on with a retry that was killed, with its options",
    async (command) => {
      await parrot(...COMMAND);
      stalls = true;
      const child = place.start(["retry-failed", "--max-tokens", "800", "--quiet"]);
      while (simulator.ledger.received === TEXTS.length) await sleep(5);
      child.kill("SIGKILL");
      await child.finished;
      stalls = false;
      const { code, asked } = await parrot(command, "--quiet");
      expect([code, asked]).toMatchObject([3, [{ max_tokens: 800 }, { max_tokens: 800 }]]);
      expect(await answeredBy()).toEqual(["small", "small", "small", "", "small", "small"]);
    },
  );

  it("retry-failed asks another provider with its own address and key, and keeps what the first one was told", async () => {
    await using other = await startSimulator({ answer: () => '{"q":"other 1"}' });
    await place.write("other.key", other.apiKey);
    const priced = [...COMMAND, "--price", "input=1,output=1", "--temperature", "0.5"];
    await parrot(...priced);
    const server = ["--model", "openai-compatible/other", "--base-url", other.baseUrl];
    const retry = await parrot("retry-failed", ...server, "--key-file", "other.key");
    expect([retry.code, retry.asked]).toEqual([0, []]);
    expect(retry.stderr).toContain("the price of this model at this server is not known");
    expect(other.ledger.entries.map(({ body }) => body)).toMatchObject(
      [1, 2, 3].map(() => ({ model: "other", temperature: 0.5 })),
    );
    expect(await answeredBy()).toEqual(["small", "other", "small", "other", "other", "small"]);
  });
});

describe("a row that failed", () => {
  const TEXT = ["text", "in.csv", "--prompt", "${text}", "--model", "openai/small"];
  const LIST = ["data", "in.csv", "--prompt", "${text}", "--keys", "q", "--model", "openai/small"];

  it.each<[string, string[], number]>([
    ["stays with nulls in the output of text", TEXT, 6],
    ["is left out of it on request", [...TEXT, "--on-failure", "drop"], 5],
    ["stays where there is one object for each row", [...LIST, "--single"], 6],
    ["is left out where there is a list", LIST, 5],
    ["stays there on request", [...LIST, "--on-failure", "null"], 6],
  ])("%s", async (_, command, rows) => {
    await place.write(
      "in.csv",
      `id,text\n${[0, 1, 2, 3, 4, 5].map((id) => `${id},${id === 3 ? "[filtered]" : "plain"}\n`).join("")}`,
    );
    const { code } = await parrot(...command, "--max-tokens", "900", "-o", "out.jsonl");
    const output = (await place.read("out.jsonl")).trim().split("\n");
    expect([code, output.length]).toEqual([3, rows]);
    const kept = output
      .filter((line) => line.includes("[filtered]"))
      .map((line) => Object.values(JSON.parse(line)));
    expect(kept).toEqual(rows === 6 ? [["3", "[filtered]", null]] : []);
    expect((await place.read("out.jsonl.failed.jsonl")).trim().split("\n")).toHaveLength(1);
  });

  it("a row that failed is told with commands that can help, and no others", async () => {
    await place.write("in.csv", "id,text\n3,[filtered]\n4,plain\n");
    const alone = await parrot(...TEXT, "-o", "out.csv", "--no-journal");
    expect(alone.stderr).toContain("; the same command --model PROVIDER/MODEL, or another prompt\n");
    expect(alone.stderr).toContain(
      "\nWithout a journal, the same command asks all rows again, and needs --overw",
    );
    await parrot(...TEXT, "-o", "kept.csv");
    const read = await parrot(...TEXT, "-o", "kept.csv", "--reparse");
    expect(read.stderr).toMatch(
      / CONTENT_FILTERED \(row 1\): a content filter refused it, and would do so again\n--reparse only/,
    );
    const child = place.start(["text", "-", "--from", "csv", ...TEXT.slice(2), "-o", "piped.csv"]);
    child.stdin?.end("id,text\n3,[filtered]\n4,plain\n");
    expect((await child.finished).stderr).toContain(
      "\nWith the same input, the same command asks again the rows",
    );
  });

  it("a row that failed is listed with the line where it begins and found by its first cell", async () => {
    await place.write("in.csv", `note,text\n"two\nlines",plain\n\n"${"long 😀 ".repeat(20)}",[filtered]\n`);
    const { stderr } = await parrot(...TEXT, "-o", "out.csv");
    expect(stderr).toMatch(
      /the first: row 2 on line 5, note "long 😀 (?:long 😀 ){4,7}lo?n?g? ?…" \(CONTENT_FILTERED\): /u,
    );
    expect(JSON.parse(await place.read("out.csv.failed.jsonl"))).toMatchObject({ row: 1, line: 5 });
    await parrot(...TEXT, "-o", "out.csv", "--failed", "bad.csv");
    const [header, ...rows] = (await place.read("bad.csv")).split("\n");
    expect(header).toContain("text,failure_row,failure_line,failure_code,");
    expect(rows.join("")).toContain(",[filtered],1,5,CONTENT_FILTERED,");
    const child = place.start(["text", "-", "--from", "jsonl", ...TEXT.slice(2), "-o", "piped.jsonl"]);
    child.stdin?.end('{"text":"plain"}\n\n{"text":"[filtered]"}\n');
    expect((await child.finished).stderr).toContain('the first: row 2 on line 3, text "[filtered]" (CONT');
  });
});
