// @module-tag slow

import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Workplace } from "../../fixtures/workplace.ts";

let simulator: Simulator;
let place: Workplace;

/** What the choices of each row say. */
const LABELS: Readonly<Record<string, readonly string[]>> = {
  kettle: ["good", "bad", "Good.", "bad", "bad"],
  tent: ["bad", "bad", "bad", "bad", "bad"],
  lamp: ["good", "bad", "bad", "good", "so-so"],
};

beforeAll(async () => {
  simulator = await startSimulator({
    answer: ({ messages }, choice) => {
      const [, name = ""] = /About (\w+)/.exec(JSON.stringify(messages)) ?? [];
      const label = LABELS[name]?.[choice] ?? "none";
      return JSON.stringify(messages).includes("with reason")
        ? JSON.stringify({ label, reason: `reason ${choice}` })
        : label;
    },
  });
  place = await Workplace.open({ baseUrl: simulator.baseUrl, apiKey: simulator.apiKey });
  await place.write("in.csv", "name\nkettle\ntent\nlamp\n");
});
afterAll(async () => {
  await simulator.close();
  await place.close();
});

const ASK = ["--prompt", "About ${name}", "--model", "openai/sim", "--n", "5"];

describe("several answers to a row", () => {
  it("equal answers to a row are merged, and the summary tells how many and how to keep them", async () => {
    const { stderr } = await place.run("text", "in.csv", ...ASK, "-o", "merged.csv");
    expect(stderr).toContain("3 rows answered, 7 rows in merged.csv");
    expect(stderr).toContain("8 answers are left out, as an earlier one to the same row is equal");
    expect(stderr).toContain("--keep-duplicates keeps all, --vote tells how many say the same");
  });

  it("--keep-duplicates keeps all answers, and nothing is asked again for them", async () => {
    const { requests } = simulator.stats();
    const line = ["text", "in.csv", ...ASK, "--keep-duplicates", "-o", "all.csv"];
    const { code, stderr } = await place.run(...line);
    expect(code).toBe(0);
    expect(stderr).not.toContain("left out");
    expect((await place.read("all.csv")).trim().split("\n")).toHaveLength(16);
    expect(simulator.stats().requests).toBe(requests);
  });

  it("--vote keeps what most answers say, with its share, and counts the ties", async () => {
    const { code, stderr } = await place.run("text", "in.csv", ...ASK, "--vote", "-o", "vote.csv");
    expect(code).toBe(0);
    expect(await place.read("vote.csv")).toBe(
      "name,output,vote_share\nkettle,bad,0.6\ntent,bad,1\nlamp,good,0.4\n",
    );
    expect(stderr).toContain(
      "1 answer in whose vote as many choices said another; the earlier choice is used",
    );
  });

  it("--vote-by compares some columns, and keeps the others of the answer that wins", async () => {
    const ask = ["--prompt", "About ${name} with reason", "--model", "openai/sim", "--n", "5"];
    const line = ["columns", "in.csv", ...ask, "--keys", "label,reason", "--vote-by", "label"];
    expect((await place.run(...line, "-o", "by.parquet")).code).toBe(0);
    const { stdout } = await place.run(...line, "--to", "jsonl");
    expect(
      stdout
        .trim()
        .split("\n")
        .map((row): unknown => JSON.parse(row)),
    ).toEqual([
      { name: "kettle", label: "bad", reason: "reason 1", vote_share: 0.6 },
      { name: "tent", label: "bad", reason: "reason 0", vote_share: 1 },
      { name: "lamp", label: "good", reason: "reason 0", vote_share: 0.4 },
    ]);
  });

  it.each([
    [["--vote", "--n", "1"], "Cannot take a vote of 1 answer: --n tells how many answers a row gets"],
    [["--vote", "--keep-duplicates"], "give either --vote or --keep-duplicates"],
    [["--dedupe", "--keep-duplicates"], "give either --keep-duplicates or --dedupe"],
    [["--vote-by", "nope"], 'the answer has no column "nope"; it has output (here: --vote-by)'],
  ])("the options %j are refused before anything is asked", async (options, message) => {
    const { requests } = simulator.stats();
    const { code, stderr } = await place.run("text", "in.csv", ...ASK, ...options);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(simulator.stats().requests).toBe(requests);
  });
});
