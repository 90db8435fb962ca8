// @module-tag slow

import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { openJournal } from "@parallel-parrot/journal";
import { startSimulator, type Simulator, type SimulatorOptions } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SECRET_FILE, startParrot, type Finished } from "../../fixtures/run-parrot.ts";

let folder: string;
let simulator: Simulator;

/** Answers as long as the row's number says, from a few tokens to hundreds. */
const answer: NonNullable<SimulatorOptions["answer"]> = ({ messages }) => {
  const id = Number(/row (\d+)/.exec(messages[0]?.parts[0] ?? "")?.[1]);
  return "word ".repeat(3 + ((id * 7919) % 300));
};

const ROWS = 300;
const PROMPT = ["--prompt", "About row ${id}: ${text}"];
const PRICE = ["--price", "input=2,output=8"];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-estimate-"));
  simulator = await startSimulator({ answer });
  const lines = Array.from({ length: ROWS }, (_, id) => `${id},${"text ".repeat(1 + ((id * 31) % 50))}`);
  await writeFile(join(folder, "in.csv"), `id,text\n${lines.join("\n")}\n`);
});
afterEach(async () => {
  await simulator.close();
  await rm(folder, { recursive: true });
});

const start = (
  parameters: readonly string[],
  environment: Record<string, string> = {
    OPENAI_API_KEY: simulator.apiKey,
    OPENAI_BASE_URL: simulator.baseUrl,
  },
): ReturnType<typeof startParrot> => startParrot(parameters, environment, folder);
const parrot = (...parameters: string[]): Promise<Finished> => start(parameters).finished;
const estimate = (...parameters: string[]): Promise<Finished> =>
  parrot("estimate", "text", "in.csv", ...PROMPT, "--model", "openai/sim", ...parameters);

interface Total {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

function expectInside({ low, high }: Total, truth: number): void {
  expect(truth).toBeGreaterThanOrEqual(low);
  expect(truth).toBeLessThanOrEqual(high);
}

describe("parrot estimate --batch", () => {
  it("estimate --batch tells the jobs that are made, and their price and the direct one", async () => {
    const keys = { OPENAI_API_KEY: "key", ANTHROPIC_API_KEY: "key" };
    const line = ["estimate", "text", "in.csv", ...PROMPT, ...PRICE, "--output-tokens", "20"];
    const { stdout } = await start([...line, "--model", "anthropic/m", "--batch"], keys).finished;
    expect(stdout).toMatch(
      /\nbatch {5}1 job, \$\S+ \(95 %: .*\) instead of \$\S+, at 50 % of the direct price; the first row goes directly/,
    );
    const asked = [...line, "--model", "anthropic/m", "--json"];
    const [direct, batch] = await Promise.all(
      [asked, [...asked, "--batch"]].map(async (each) =>
        JSON.parse((await start(each, keys).finished).stdout),
      ),
    );
    expect(direct.batch).toBeNull();
    expect(batch.cost).toEqual(direct.cost);
    const share = (0.5 * (ROWS - 1) + 1) / ROWS;
    expect(batch.batch).toEqual({
      factor: 0.5,
      cost: {
        estimate: expect.closeTo(direct.cost.estimate * share, 9),
        low: expect.closeTo(direct.cost.low * share, 9),
        high: expect.closeTo(direct.cost.high * share, 9),
      },
      jobs: 1,
      atOnce: 1,
      queue: { limit: 100_000, counts: "requests", known: { from: "documents", of: "tier 1" } },
    });
    const whom = ["--model", "anthropic/m", "--batch"];
    const explained = await start(["explain", "text", "in.csv", ...PROMPT, ...PRICE, ...whom], keys).finished;
    expect(explained.stdout).toMatch(
      /\nbatch {5}1 job, \$\S+ .*instead of \$\S+, at 50 % of the direct price;/,
    );
    const few = await start([...line, "--model", "anthropic/m", "--batch", "--limit", "50"], keys).finished;
    expect(few.stdout).toContain("\nbatch     no job is made, as so few requests go directly");
  });

  it("estimate --batch names the limit of the queue that holds jobs back, as the journal or the documents tell it", async () => {
    const text = "long text ".repeat(1500);
    const rows = Array.from({ length: ROWS }, (_, id) => `${id},${text}\n`);
    await writeFile(join(folder, "long.csv"), `id,text\n${rows.join("")}`);
    const long = ["estimate", "text", "long.csv", ...PROMPT, "--batch", "--journal", "kept.db"];
    const documented = await start([...long, "--model", "gemini/m"], { GEMINI_API_KEY: "key" }).finished;
    expect(documented.stdout).toContain("\nbatch     1 job, at 50 % of the direct price\n");
    expect(documented.stdout).not.toContain("\nqueue ");
    await mkdir(dirname(SECRET_FILE), { recursive: true });
    // The user of the tests may have one already.
    await writeFile(SECRET_FILE, randomBytes(32), { mode: 0o600, flag: "wx" }).catch(() => undefined);
    const journal = await openJournal(join(folder, "kept.db"), { secret: await readFile(SECRET_FILE) });
    const { batches } = await journal.begin();
    const job = await batches?.plan({
      provider: "openai",
      url: simulator.baseUrl,
      model: "sim",
      name: "a-name-of-a-job",
      bytes: 1,
      inputTokens: 1,
      requests: [{ key: "a-key", row: 0, replicate: 0, attempts: 1 }],
    });
    await batches?.close(job?.id ?? 0, "refused", {
      error: "HTTP 429: Enqueued token limit reached for sim. Limit: 500,000 enqueued tokens.",
    });
    await journal.close();
    const { stdout } = await start([...long, "--model", "openai/sim"]).finished;
    expect(stdout).toContain("\nbatch     3 jobs, not known at what price at this server");
    expect(stdout).toContain(
      "\nqueue     the limit of 500,000 queued input tokens, as openai told when it refused a job, holds 1 job at a time; the next is made when one has ended\n",
    );
  });

  it("estimate --batch says where the price of batches is not known, and refuses a provider without them", async () => {
    const { stdout } = await estimate("--batch", ...PRICE);
    expect(stdout).toContain("\nbatch     1 job, not known at what price at this server");
    const line = ["estimate", "text", "in.csv", ...PROMPT, "--model", "ollama/m", "--batch", "--ask"];
    expect(await start(line).finished).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Cannot use --batch: the provider ollama has no batches"),
    });
  });
});

describe("parrot estimate", () => {
  it.each([
    ["fail", 0, "would fail (--on-context skip or truncate prevents that)"],
    ["skip", 0, "would be left without an answer"],
    ["truncate", 128_000, "would be cut, and are counted at the most tokens that fit"],
  ])(
    "parrot estimate counts rows that are too long for a known model as --on-context %s does",
    async (onContext, tokens, words) => {
      const texts = ["short", "word ".repeat(130_000)];
      await writeFile(
        join(folder, "long.jsonl"),
        texts.map((text) => `${JSON.stringify({ text })}\n`).join(""),
      );
      const parameters = [
        "estimate",
        "text",
        "long.jsonl",
        "--prompt",
        "About ${text}",
        "--model",
        "openai/gpt-4o-mini",
      ];
      const options = onContext === "fail" ? [] : ["--on-context", onContext];
      const { stdout } = await start([...parameters, ...options], {}).finished;
      expect(stdout).toContain(
        `too long  1 of the sampled rows, each with more than the 128,000 tokens that the model takes, ${words}\n`,
      );
      const json = JSON.parse((await start([...parameters, ...options, "--json"], {}).finished).stdout) as {
        readonly inputTokens: Total;
      };
      expect(json).toMatchObject({ tooLong: { rows: 1, maxInputTokens: 128_000, onContext } });
      expect(json.inputTokens.estimate - tokens).toBeLessThan(20);
    },
  );

  it("an estimate says that it has counted no images, unless it has asked", async () => {
    const images = [...PROMPT, "--image-column", "photo", "--model", "openai/sim"];
    await writeFile(join(folder, "photos.csv"), "id,text,photo\n1,a,https://e.org/a\n2,b,https://e.org/b\n");
    const counted = await parrot("estimate", "text", "photos.csv", ...images);
    expect(counted.stdout).toContain("Not counted: the images, which may be most of it, retries");
    const asked = await parrot("estimate", "text", "photos.csv", ...images, "--ask", "--json");
    expect(JSON.parse(asked.stdout)).toMatchObject({ withoutImages: false, asked: { requests: 2 } });
    const none = await estimate("--json");
    expect(JSON.parse(none.stdout)).toMatchObject({ withoutImages: false });
    expect((await estimate()).stdout).toContain("Not counted: retries");
  });

  it("an estimate counts on this machine, sends nothing, needs no key and writes no file", async () => {
    const { code, stdout, stderr } = await start(
      ["estimate", "text", "in.csv", ...PROMPT, "--model", "openai/gpt-4.1-mini", "--output-tokens", "60"],
      {},
    ).finished;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(
      /^300 requests, \$0\.0\d+ for 300 rows\nsample {4}20 rows of these, counted here: nothing was asked, nothing was spent\n/,
    );
    expect(stdout).toMatch(
      /\ninput {5}[\d,]+ \(95 %: [\d,]+ to [\d,]+\) tokens, counted with the model's tokenizer\n/,
    );
    expect(stdout).toContain("output    18,000 tokens, as assumed: 60 a row (--output-tokens)\n");
    expect(stdout).toMatch(
      /\ncost {6}\$0\.03\d* \(95 %: .*; openai\/gpt-4\.1-mini at \$0\.40 in and \$1\.60 out/,
    );
    expect(stdout).toContain("time      not known: give the limits with --rpm and --tpm");
    expect(await readdir(folder)).toEqual(["in.csv"]);
  });

  it("an estimate says that the output is not known, or what it takes for it", async () => {
    const unknown = await estimate(...PRICE);
    expect(unknown.stdout).toContain("output    not known without asking: give --output-tokens");
    expect(unknown.stdout).toContain(" for the input alone; ");
    const capped = await estimate(...PRICE, "--max-tokens", "100", "--n", "2");
    expect(capped.stdout).toContain("output    at most 60,000 tokens: the cap of 200 a row (--max-tokens)\n");
    expect(capped.stdout).toMatch(/\ncost {6}at most \$/);
    expect((await estimate("--max-tokens", "100")).stdout).toContain(
      "cost      not known: there is no known",
    );
    expect(simulator.ledger.received).toBe(0);
  });

  it("an estimate has the true input inside its interval, by characters where there is no tokenizer", async () => {
    const { stdout } = await estimate("--json", "--look-at", "40", "--sample-seed", "2");
    await parrot("text", "in.csv", ...PROMPT, "--model", "openai/sim", "--quiet", "-o", "out.csv");
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ rows: ROWS, sampled: 40, outputTokens: null, cost: null, asked: null });
    expectInside(result.inputTokens, simulator.stats().inputTokens);
  });

  it.each(["2", "3", "4", "6"])(
    "parrot estimate --ask asks a sample for real: the interval has what the whole run then takes (seed %s)",
    async (seed) => {
      const { code, stdout, stderr } = await estimate(...PRICE, "--ask", "--json", "--sample-seed", seed);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      const result = JSON.parse(stdout);
      const spent = simulator.stats();
      expect(spent.requests).toBe(20);
      expect(result.asked).toMatchObject({
        requests: 20,
        answered: 20,
        inputTokens: spent.inputTokens,
        outputTokens: spent.outputTokens,
        cost: expect.closeTo((spent.inputTokens * 2 + spent.outputTokens * 8) / 1e6, 9),
      });
      simulator.reset();
      await parrot("text", "in.csv", ...PROMPT, "--model", "openai/sim", "--quiet", "-o", "out.csv");
      const { inputTokens, outputTokens } = simulator.stats();
      expect(result.requests).toEqual({ estimate: ROWS, low: ROWS, high: ROWS });
      expectInside(result.inputTokens, inputTokens);
      expectInside(result.outputTokens, outputTokens);
      expectInside(result.cost, (inputTokens * 2 + outputTokens * 8) / 1e6);
      expect(result.outputTokens.basis).toBe("asked");
    },
  );

  it("an estimate of a sample of everything is exact, and says what it has spent", async () => {
    const { stdout } = await estimate(...PRICE, "--ask", "--look-at", "300");
    const { inputTokens, outputTokens } = simulator.stats();
    const count = (tokens: number): string => tokens.toLocaleString("en-US");
    expect(stdout).toContain(`\nsample    all of these rows, asked for real, 300 answered; this has spent $`);
    expect(stdout).toContain(
      `(300 requests, ${count(inputTokens)} input and ${count(outputTokens)} output tokens)`,
    );
    expect(stdout).toContain(`input     ${count(inputTokens)} tokens, as the server counts them\n`);
    expect(stdout).toContain(`output    ${count(outputTokens)} tokens, as answered\n`);
  });

  it("an estimate tells the time at the limit that binds, given or learned", async () => {
    const given = await estimate("--output-tokens", "100", "--rpm", "60", "--tpm", "1000000", "--json");
    expect(JSON.parse(given.stdout).limits).toMatchObject([
      { dimension: "requests", limit: 60, seconds: 300 },
      { dimension: "tokens", limit: 1_000_000 },
    ]);
    const shown = await estimate("--output-tokens", "100", "--rpm", "60", "--tpm", "1000000");
    expect(shown.stdout).toMatch(
      /\ntime {6}5 min 0 s at the limit of 60 requests a minute, which binds; 1,000,000 tokens a minute alone \d/,
    );
    simulator.setLimits({ requestsPerMinute: 6000, tokensPerMinute: 100_000 });
    const learned = JSON.parse((await estimate("--ask", "--json")).stdout);
    expect(learned.limits).toMatchObject([
      { dimension: "tokens", limit: 100_000 },
      { dimension: "requests", limit: 6000, seconds: 3 },
    ]);
    const tokens = learned.inputTokens.estimate + learned.outputTokens.estimate;
    expect(learned.limits[0].seconds).toBeCloseTo((tokens / 100_000) * 60, 5);
  });

  it("an estimate counts what is asked again", async () => {
    await simulator.close();
    simulator = await startSimulator({
      faults: ({ attempt, body }) =>
        attempt === 1 && JSON.stringify(body).includes("row 1")
          ? { kind: "badContent", form: "notJson" }
          : undefined,
    });
    const { stdout } = await parrot(
      "estimate",
      "data",
      "in.csv",
      ...PROMPT,
      "--keys",
      "question,answer",
      "--model",
      "openai/sim",
      "--ask",
      "--json",
      "--look-at",
      "300",
    );
    const result = JSON.parse(stdout);
    expect(simulator.ledger.received).toBeGreaterThan(ROWS);
    expect(result.requests.estimate).toBe(simulator.ledger.received);
    expect(result.inputTokens.estimate).toBe(simulator.stats().inputTokens);
    expect(result.outputTokens.estimate).toBe(simulator.stats().outputTokens);
  });

  it("an estimate reads standard input, and an input without rows", async () => {
    const child = start([
      "estimate",
      "text",
      "-",
      "--from",
      "jsonl",
      ...PROMPT,
      "--model",
      "openai/sim",
      "--json",
    ]);
    child.stdin?.end('{"id":1,"text":"a"}\n{"id":2,"text":"b"}\n');
    expect(JSON.parse((await child.finished).stdout)).toMatchObject({ rows: 2, sampled: 2 });
    await writeFile(join(folder, "empty.csv"), "id,text\n");
    const empty = await parrot("estimate", "text", "empty.csv", ...PROMPT, "--model", "openai/sim", "--json");
    expect([empty.code, JSON.parse(empty.stdout).rows]).toEqual([0, 0]);
  });

  it("an estimate keeps to the budget when it asks, and estimates from what was answered", async () => {
    const { code, stdout, stderr } = await estimate("--ask", "--json", "--max-requests", "8");
    expect(code).toBe(4);
    expect(stderr).toMatch(/^parrot: The budget is used up: 8 requests of --max-requests 8 .*\n$/);
    expect(JSON.parse(stdout)).toMatchObject({ sampled: 20, asked: { requests: 8, answered: 8 } });
    expect(simulator.ledger.received).toBe(8);
  });

  it("an estimate exits with 3 where sampled rows fail, and with 2 where nothing can be estimated", async () => {
    await simulator.close();
    simulator = await startSimulator({
      faults: ({ body }) =>
        JSON.stringify(body).includes("row 7") ? { kind: "status", status: 400 } : undefined,
    });
    const failed = await estimate("--ask", "--look-at", "300");
    expect(failed.code).toBe(3);
    expect(failed.stderr).toMatch(/^11 of the sampled rows failed; the first: BAD_REQUEST: HTTP 400/);
    const wrongKey = await start(
      ["estimate", "text", "in.csv", ...PROMPT, "--model", "openai/sim", "--ask", "--no-journal"],
      { OPENAI_API_KEY: "wrong", OPENAI_BASE_URL: simulator.baseUrl },
    ).finished;
    expect([wrongKey.code, wrongKey.stdout]).toEqual([2, ""]);
    expect(wrongKey.stderr).toContain("refused the API key");
    const wrongColumn = await parrot(
      "estimate",
      "text",
      "in.csv",
      "--prompt",
      "${nope}",
      "--model",
      "openai/sim",
    );
    expect(wrongColumn.code).toBe(2);
    expect((await estimate("--look-at", "1")).stderr).toContain("give --look-at 2 or more");
    expect((await parrot("estimate", "text")).code).toBe(2);
  });

  it("an estimate counts what is sent besides the prompt, and by the answers of a preview is right to a hundredth", async () => {
    await simulator.close();
    simulator = await startSimulator();
    const asked = ["columns", "in.csv", ...PROMPT, "--model", "openai/sim", "--keys", "label,reason"];
    const part = [...asked, "--limit", "40", "-o", "out.csv"];
    const inputOf = async (): Promise<number> => {
      const { stdout } = await parrot(
        "estimate",
        ...part,
        "--look-at",
        "40",
        "--json",
        "--output-tokens",
        "9",
      );
      return JSON.parse(stdout).inputTokens.estimate;
    };
    const before = await inputOf();
    const shown = await parrot(...part, "--preview", "2", "--show-prompt");
    expect(shown.stdout).toContain("  answer shape  Answer with JSON only: one object.");
    const [left, spent] = [await inputOf(), simulator.stats().inputTokens];
    await parrot(...part);
    const { inputTokens } = simulator.stats();
    expect(Math.abs(before / inputTokens - 1)).toBeLessThan(0.03);
    expect(Math.abs(left / (inputTokens - spent) - 1)).toBeLessThan(0.01);
  });

  it("an estimate leaves out rows that the journal has answers to, and takes the length of answers from these", async () => {
    const text = ["text", "in.csv", ...PROMPT, "--model", "openai/sim"];
    await parrot(...text, "--quiet", "-o", "out.csv", "--limit", "120");
    const { outputTokens } = simulator.stats();
    const { code, stdout } = await estimate(...PRICE);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^180 requests, \$0\.\d+; 120 of 300 rows need none: 120 answered\n/);
    const mean = Math.round(outputTokens / 120);
    expect(stdout).toMatch(
      /\noutput {4}[\d,]+ tokens, as 120 answers of this run in the journal: \d+ a row\n/,
    );
    const json = JSON.parse((await estimate("--json")).stdout);
    expect(json).toMatchObject({ rows: 300, toAsk: 180, answered: 120, failedBefore: 0, unaskable: 0 });
    expect(json.outputTokens.tokensPerRow).toBe(mean);
    expect((await parrot("explain", ...text)).stdout).toMatch(/^300 rows: 120 answered, 180 to be asked\n/);
    const fresh = JSON.parse((await estimate("--json", "--fresh")).stdout);
    expect(fresh).toMatchObject({ toAsk: 300, answered: 0, outputTokens: null });
    expect((await parrot("explain", ...text, "--fresh")).stdout).toContain(
      "300 asked again, as --fresh says",
    );
    expect((await estimate("--limit", "120")).stdout).toBe(
      "0 requests; 120 of 120 rows need none: 120 answered\n",
    );
  });

  it("an estimate tells rows of which no prompt can be made, as explain does", async () => {
    const lines = ['{"id":1,"text":"a"}', '{"id":2}', '{"id":3,"text":null}', '{"id":4,"text":"d"}'];
    await writeFile(join(folder, "gaps.jsonl"), `${lines.join("\n")}\n`);
    const rows = ["text", "gaps.jsonl", ...PROMPT, "--model", "openai/sim"];
    const estimated = await parrot("estimate", ...rows);
    expect(estimated.code).toBe(3);
    expect(estimated.stdout).toMatch(/^2 requests; 2 of 4 rows need none: 2 without a prompt\n/);
    expect(estimated.stderr).toMatch(/^2 rows cannot be asked; the first: MISSING_VALUE: .*row 2/);
    const explained = await parrot("explain", ...rows);
    expect(explained.stdout).toMatch(/^4 rows: 0 answered, 2 cannot be asked, 2 to be asked\n/);
    expect(explained.stdout).toContain("  cannot be asked; the first: MISSING_VALUE: ");
  });

  it("--price-of takes the price of a model of the list for one that another server has", async () => {
    const { stdout } = await estimate("--price-of", "openai/gpt-4.1-mini", "--output-tokens", "100");
    expect(stdout).toMatch(/^300 requests, \$0\.05\d* for 300 rows\n/);
    expect(stdout).toMatch(/; openai\/sim at \$0\.40 in and \$1\.60 out per million tokens, as of 2\d+-/);
    const unknown = await estimate("--price-of", "openai/gpt-4.1-mni");
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('no price of "openai/gpt-4.1-mni" (did you mean openai/gpt-4.1-mini');
    const both = await estimate("--price-of", "openai/gpt-4.1-mini", ...PRICE);
    expect([both.code, both.stderr]).toEqual([2, expect.stringContaining("give either --price RATES")]);
    // The longest answer that the model can give bounds what a request may cost.
    const text = ["text", "in.csv", ...PROMPT, "--model", "openai/sim", "-o", "out.csv", "--limit", "2"];
    const run = await parrot(...text, "--price-of", "openai/gpt-4.1-mini", "--max-cost", "1");
    expect(run.code).toBe(0);
  });
});
