// @module-tag slow

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type FaultScript, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { changeAsOwner } from "../../fixtures/sign-again.ts";
import { startParrot, type Finished } from "../../fixtures/run-parrot.ts";

let folder: string;
let simulator: Simulator;
let faults: FaultScript;
/** Each request gets an answer that no other one gets. */
let answers: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-equal-rows-"));
  faults = () => undefined;
  answers = 0;
  simulator = await startSimulator({
    faults: (request) => faults(request),
    answer: () => `answer ${(answers += 1)}`,
  });
  await writeSeeds(["wine", ...Array.from({ length: 19 }, () => "bread")]);
});
afterEach(async () => {
  await simulator.close();
  await rm(folder, { recursive: true });
});

async function writeSeeds(seeds: readonly string[]): Promise<void> {
  await writeFile(join(folder, "in.jsonl"), seeds.map((seed) => `${JSON.stringify({ seed })}\n`).join(""));
}

/** Runs the program; tells also how many requests it sent. */
async function parrot(...parameters: readonly string[]): Promise<Finished & { readonly asked: number }> {
  const before = simulator.ledger.received;
  const environment = { OPENAI_API_KEY: simulator.apiKey, OPENAI_BASE_URL: simulator.baseUrl };
  const finished = await startParrot(parameters, environment, folder).finished;
  return { ...finished, asked: simulator.ledger.received - before };
}

async function outputs(): Promise<readonly string[]> {
  const lines = (await readFile(join(folder, "out.jsonl"), "utf8")).trim().split("\n");
  return lines.map((line) => String((JSON.parse(line) as { readonly output: unknown }).output));
}

const TEXT = [
  "text",
  "in.jsonl",
  "--prompt",
  "About ${seed}",
  "--model",
  "openai/sim",
  "--temperature",
  "1",
  "-o",
  "out.jsonl",
];
const PRICE = ["--price", "input=1000,output=1000"];

describe("rows with the same prompt", () => {
  it("rows with the same prompt have an answer each, with a journal, without one and with --fresh, and the summary says so", async () => {
    const first = await parrot(...TEXT);
    const kept = await outputs();
    expect([first.code, first.asked, new Set(kept).size]).toEqual([0, 20, 20]);
    expect(first.stderr).toContain(
      "18 rows have the prompt of an earlier row, and each was asked; --ask-equal-once asks such rows once\n",
    );
    const again = await parrot(...TEXT, "--overwrite");
    expect([again.asked, await outputs()]).toEqual([0, kept]);
    for (const option of ["--fresh", "--no-journal"]) {
      const { asked, stderr } = await parrot(...TEXT, "--overwrite", option);
      expect([asked, new Set([...kept, ...(await outputs())]).size]).toEqual([20, 40]);
      expect(stderr).toContain("18 rows have the prompt of an earlier row");
    }
  });

  it("rows with the same prompt share an answer with --ask-equal-once, and the summary says so", async () => {
    for (const option of ["--fresh", "--no-journal"]) {
      const { asked, stderr } = await parrot(...TEXT, "--ask-equal-once", "--overwrite", option);
      expect([asked, new Set(await outputs()).size]).toEqual([2, 2]);
      expect(stderr).toContain("20 rows answered, 20 rows in out.jsonl");
      expect(stderr).toContain("18 rows have the prompt of an earlier row, whose answer is shared\n");
    }
  });

  it("a run with --ask-equal-once is another one, and resume and retry-failed keep it", async () => {
    await parrot(...TEXT);
    const kept = await outputs();
    expect(await parrot(...TEXT, "--ask-equal-once")).toMatchObject({ code: 2, asked: 0 });
    const shared = await parrot(...TEXT, "--ask-equal-once", "--overwrite");
    expect([shared.asked, await outputs()]).toEqual([
      0,
      [kept[0], ...Array.from({ length: 19 }, () => kept[1])],
    ]);
    await writeSeeds(["a", "b", "b", "b", "c"]);
    faults = ({ body }) =>
      JSON.stringify(body).includes("About b") ? { kind: "status", status: 400 } : undefined;
    const refused = await parrot(...TEXT, "--ask-equal-once", "--overwrite");
    expect([refused.code, refused.asked]).toEqual([3, 3]);
    faults = () => undefined;
    const retried = await parrot("retry-failed");
    expect([retried.code, retried.asked, new Set(await outputs()).size]).toEqual([0, 1, 3]);
  });

  it("rows with the same prompt find what is paid when the run is resumed, whatever its first part was", async () => {
    const preview = await parrot(...TEXT, "--preview", "5");
    expect(preview.asked).toBe(5);
    const stopped = await parrot(...TEXT, "--max-requests", "7", "--concurrency", "1");
    expect([stopped.code, stopped.asked]).toEqual([4, 7]);
    const { code, asked } = await parrot("resume", "--max-requests", "100");
    expect([code, asked, new Set(await outputs()).size]).toEqual([0, 20 - 5 - 7, 20]);
    const read = await parrot(...TEXT, "--reparse", "--overwrite", "--output-key", "text");
    expect([read.code, read.asked]).toEqual([0, 0]);
  });

  it("rows with the same prompt are asked again one by one where they failed, and the others keep theirs", async () => {
    faults = ({ sequence }) => ([4, 9].includes(sequence) ? { kind: "status", status: 400 } : undefined);
    const first = await parrot(...TEXT);
    const kept = (await outputs()).filter((text) => text !== "null");
    faults = () => undefined;
    const retried = await parrot("retry-failed");
    expect([first.code, kept.length, retried.code, retried.asked]).toEqual([3, 18, 0, 2]);
    const all = await outputs();
    expect([new Set(all).size, kept.every((text) => all.includes(text))]).toEqual([20, true]);
  });
});

describe("parrot explain", () => {
  it("explain tells the rows that ask the same, those it would ask, and what --ask-equal-once would save", async () => {
    const explain = ["explain", ...TEXT];
    const none = await parrot(...explain, "--no-journal", ...PRICE);
    expect(none.stdout).toMatch(
      /^20 rows: 0 answered, 20 to be asked\n.*\n18 rows have the prompt of an earlier row; --ask-equal-once would ask 18 rows fewer: 18 requests and about \$0\.\d+ for their input alone\n$/,
    );
    expect((await parrot(...explain, "--no-journal", "--ask-equal-once")).stdout).toMatch(
      /^20 rows: 0 answered, 18 share the answer of an earlier row, 2 to be asked\n/,
    );
    await parrot(...TEXT, "--preview", "5");
    const half = await parrot(...explain);
    expect(half.stdout).toContain("20 rows: 5 answered, 15 to be asked\n");
    expect(half.stdout).toContain(
      "would ask 15 rows fewer: 15 requests; the price of this model at this server is not known",
    );
    const rows = (await parrot(...explain, "--json")).stdout
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(rows).toHaveLength(15);
    expect(rows[0]).toEqual({ row: 5, kind: "new", equal: true });
    await parrot(...TEXT);
    expect((await parrot(...explain)).stdout).toBe(
      "20 rows: 20 answered, 0 to be asked\n18 rows have the prompt of an earlier row; each has an answer of its own\n",
    );
  });

  it("explain counts equal rows over the whole input, not within the rows that it looks up together", async () => {
    await writeSeeds(Array.from({ length: 600 }, (_, row) => `seed ${row % 50}`));
    await parrot(...TEXT);
    expect((await parrot("explain", ...TEXT)).stdout).toContain("600 rows: 600 answered, 0 to be asked\n");
    const warmer = await parrot("explain", ...TEXT.with(7, "0.5"));
    expect(warmer.stdout).toContain(
      "600 rows: 0 answered, 600 to be asked\n  600 asked again, as --temperature (1 → 0.5) changed since run 1",
    );
    await writeSeeds(["new", ...Array.from({ length: 600 }, (_, row) => `seed ${row % 50}`)]);
    expect((await parrot("explain", ...TEXT)).stdout).toContain("601 rows: 600 answered, 1 to be asked\n");
  });

  it("explain says so where a run of an earlier version gave equal rows one answer", async () => {
    await parrot(...TEXT, "--ask-equal-once");
    // Such a run knew of no other way, and its journal is the same but for that word.
    changeAsOwner(
      join(folder, ".parrot/journal.db"),
      "UPDATE run SET manifest = replace(manifest, '\"askEqualOnce\":true', '\"quiet\":false')",
    );
    expect((await parrot("explain", ...TEXT)).stdout).toContain(
      "20 rows: 2 answered, 18 to be asked\n  18 new, changed since run 1, or failed there for a passing reason, or given the answer of an equal row there: rows 3, 4, 5, …",
    );
    const read = await parrot(...TEXT, "--overwrite", "--reparse");
    expect([read.code, read.asked]).toEqual([3, 0]);
    expect(read.stderr).toContain(
      "Earlier rows have the same prompt: with askEqualOnce they share one answer",
    );
    const shared = await parrot(...TEXT, "--overwrite", "--reparse", "--ask-equal-once");
    expect([shared.code, shared.asked, (await outputs()).length]).toEqual([0, 0, 20]);
  });

  it("explain names --ask-equal-once where a run with it shared what this one would ask", async () => {
    await parrot(...TEXT, "--ask-equal-once");
    expect((await parrot("explain", ...TEXT)).stdout).toContain(
      "20 rows: 2 answered, 18 to be asked\n  18 asked again, as --ask-equal-once (true → none) changed since run 1",
    );
  });
});

describe("parrot estimate", () => {
  it("estimate counts the rows that ask the same, and says what asking them once would save", async () => {
    const estimate = ["estimate", ...TEXT, "--output-tokens", "10"];
    const plain = await parrot(...estimate, ...PRICE, "--look-at", "5");
    expect(plain.stdout).toMatch(
      /equal {5}18 rows have the prompt of an earlier row; --ask-equal-once would save about 18 requests and \$0\.\d+\n/,
    );
    expect((await parrot(...estimate)).stdout).toContain("would save about 18 requests\n");
    const json = async (...options: readonly string[]): Promise<unknown> =>
      JSON.parse((await parrot(...estimate, "--json", ...options)).stdout);
    expect(await json()).toMatchObject({
      rows: 20,
      equal: 18,
      askEqualOnce: false,
      equalSaving: { requests: 18, cost: null },
    });
    expect(await json("--ask-equal-once")).toMatchObject({
      rows: 20,
      equal: 18,
      askEqualOnce: true,
      equalSaving: null,
      sampled: 2,
      requests: { estimate: 2, low: 2, high: 2 },
    });
    const once = await parrot(...estimate, "--ask-equal-once", "--ask");
    expect(once.stdout).toContain("sample    all of these rows, asked for real, 2 answered");
    expect(once.stdout).toContain("18 rows have the prompt of an earlier row, whose answer is shared\n");
    expect(once.asked).toBe(2);
    // The run finds what the sample has paid for.
    expect((await parrot(...TEXT)).asked).toBe(18);
  });
});
