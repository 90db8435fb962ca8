// @module-tag slow

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startParrot, type Finished } from "../../fixtures/run-parrot.ts";

let folder: string;
let simulator: Simulator;

const ROWS = 400;
const TEXT = [
  "text",
  "in.csv",
  "--prompt",
  "Summarise ${id}: ${text}",
  "--model",
  "openai/sim",
  "-o",
  "out.csv",
];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-budget-"));
  simulator = await startSimulator({
    answer: ({ messages }) => "word ".repeat((String(messages[0]?.parts).length % 40) + 1),
    latency: { kind: "fixed", ms: 2 },
  });
  const lines = Array.from({ length: ROWS }, (_, id) => `${id},${"text ".repeat(1 + (id % 50))}`);
  await writeFile(join(folder, "in.csv"), `id,text\n${lines.join("\n")}\n`);
});
afterEach(async () => {
  await simulator.close();
  await rm(folder, { recursive: true });
});

const parrot = (...parameters: string[]): Promise<Finished> =>
  startParrot(parameters, { OPENAI_API_KEY: simulator.apiKey, OPENAI_BASE_URL: simulator.baseUrl }, folder)
    .finished;
const partialRows = async (): Promise<number> =>
  (await readFile(join(folder, "out.partial.csv"), "utf8")).trim().split("\n").length - 1;

describe("parrot with a budget", () => {
  it("a run stops before --max-cost is passed, keeps the finished rows and exits with 4", async () => {
    const { code, stderr } = await parrot(
      ...TEXT,
      "--price",
      "input=2,output=8,cached=0.5",
      "--max-tokens",
      "60",
      "--max-cost",
      "0.05",
    );
    expect(code).toBe(4);
    const { inputTokens, outputTokens, answered } = simulator.stats();
    const bill = (inputTokens * 2 + outputTokens * 8) / 1e6;
    expect(bill).toBeLessThanOrEqual(0.05);
    expect(bill).toBeGreaterThan(0.045);
    expect(await partialRows()).toBe(answered);
    expect(stderr).toMatch(
      /^Answers are kept in .*\n.* output tokens; \$0\.04\d*\nparrot: The budget is used up: \$0\.04\d* of --max-cost \$0\.05 spent/,
    );
    expect(stderr).toContain(`Stopped: ${answered} rows answered, ${answered} rows in out.partial.csv, in `);
    expect(stderr).toMatch(
      /, \$0\.04\d*\. Every answer is kept\. Go on with: parrot resume, with a larger --max-cost\n$/,
    );
  });

  it("a run keeps to --max-total-tokens and to --max-requests", async () => {
    const tokens = await parrot(...TEXT, "--max-total-tokens", "5000", "--max-tokens", "60");
    expect(tokens.code).toBe(4);
    expect(tokens.stderr).toMatch(/The budget is used up: .* of --max-total-tokens 5,000 /);
    const { inputTokens, outputTokens } = simulator.stats();
    expect(inputTokens + outputTokens).toBeLessThanOrEqual(5000);
    expect(inputTokens + outputTokens).toBeGreaterThan(4500);
    simulator.reset();
    const requests = await parrot(...TEXT, "--max-requests", "25", "--overwrite");
    expect(requests.code).toBe(4);
    expect(simulator.ledger.received).toBe(25);
    expect(await partialRows()).toBe(25);
  });

  it("a run tells its cost at the end where it has a price, and nowhere else", async () => {
    const priced = await parrot(...TEXT, "--price", "input=2,output=8");
    expect(priced.code).toBe(0);
    expect(priced.stderr).toMatch(/\d output tokens; \$0\.\d+\n/);
    const unknown = await parrot(...TEXT, "--overwrite");
    expect(unknown.stderr).toMatch(
      /; the price of this model at this server is not known; give it with --price or --price-of\n/,
    );
  });

  it.each([
    [["--max-cost", "5"], /Cannot keep to --max-cost: the price of the model sim at .* is not known/],
    [
      ["--max-total-tokens", "5000"],
      /nothing bounds the tokens of an answer.*\(here: --max-tokens, or max-output in --price\)/,
    ],
    [["--max-cost", "0"], /Expected a number above 0/],
    [["--price", "input=1"], /Expected US dollars per million tokens, such as input=0\.4,output=1\.6/],
    [["--price", "input=1,output=-2"], /Expected US dollars per million tokens/],
    [["--price", "input=1,output=2,other=3"], /Expected US dollars per million tokens/],
  ])("a budget of %o is refused before anything is sent", async (flags, message) => {
    const { code, stderr } = await parrot(...TEXT, ...flags);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(simulator.ledger.received).toBe(0);
  });
});
