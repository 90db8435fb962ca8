// @module-tag slow

import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Workplace } from "../../fixtures/workplace.ts";

const LONG = "All of it was excellent, and I love every part. ".repeat(300);
const ROWS = [
  { id: 1, text: "Bad." },
  { id: 2, text: LONG },
  { id: 3, text: "Fine, I love it." },
];
const TEXT = [
  "--prompt",
  "Sentiment of: ${text}",
  "--model",
  "openai/sim",
  "--output-key",
  "mood",
  "-o",
  "out.jsonl",
];

let simulator: Simulator;
let place: Workplace;

beforeEach(async () => {
  simulator = await startSimulator({ contextTokens: 1000 });
  place = await Workplace.open(simulator);
  await place.write("in.jsonl", ROWS.map((row) => `${JSON.stringify(row)}\n`).join(""));
});
afterEach(async () => {
  await place.close();
  await simulator.close();
});

async function written(): Promise<readonly Record<string, unknown>[]> {
  const text = await place.read("out.jsonl");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

async function moods(): Promise<readonly unknown[]> {
  return (await written()).map(({ id, mood }) => [id, mood]);
}

describe("--on-context", () => {
  it("without --on-context, a row whose prompt is too long fails", async () => {
    const { code, stderr } = await place.run("text", "in.jsonl", ...TEXT);
    expect(code).toBe(3);
    expect(stderr).toContain("(CONTEXT_TOO_LONG)");
    expect(await moods()).toEqual([
      [1, "negative"],
      [2, null],
      [3, "positive"],
    ]);
  });

  it("--on-context truncate helps a row that has failed already, and what it brought is found by the first command", async () => {
    await place.run("text", "in.jsonl", ...TEXT);
    const before = simulator.ledger.received;
    expect(await place.run("retry-failed")).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("the same way: 1 CONTEXT_TOO_LONG; --all"),
    });
    expect(simulator.ledger.received).toBe(before);
    expect(await place.run("retry-failed", "--on-context", "truncate")).toMatchObject({ code: 0 });
    // That the whole prompt is refused is known.
    expect(simulator.ledger.received).toBe(before + 1);
    const output = await place.read("out.jsonl");
    expect(await moods()).toEqual([
      [1, "negative"],
      [2, "positive"],
      [3, "positive"],
    ]);
    const asked = simulator.ledger.received;
    expect(await place.run("text", "in.jsonl", ...TEXT, "--overwrite")).toMatchObject({ code: 0 });
    expect([simulator.ledger.received, await place.read("out.jsonl")]).toEqual([asked, output]);
  });

  it("--on-context skip leaves the row without an answer, counts it, and is no failure", async () => {
    const { code, stderr } = await place.run(
      "text",
      "in.jsonl",
      ...TEXT,
      "--on-context",
      "skip",
      "--lineage",
    );
    expect(code).toBe(0);
    const told = stderr.split("\n");
    expect(told).toContain(
      "1 row left without an answer, as the prompt does not fit the context window (--on-context skip)",
    );
    expect(stderr).toMatch(/^2 rows answered, 3 rows in out.jsonl/m);
    expect(stderr).not.toContain("an empty list as the answer");
    const rows = await written();
    expect(rows.map(({ mood, _warnings }) => [mood, _warnings])).toEqual([
      ["negative", null],
      [null, "PROMPT_SKIPPED"],
      ["positive", null],
    ]);
    expect(await place.files()).not.toContain("out.jsonl.failed.jsonl");
    const dropped = await place.run(
      "text",
      "in.jsonl",
      ...TEXT,
      "--on-context",
      "skip",
      "--on-empty",
      "drop",
      "--overwrite",
    );
    expect(dropped.code).toBe(0);
    expect(await moods()).toEqual([
      [1, "negative"],
      [3, "positive"],
    ]);
  });

  it("--on-context truncate asks with a shorter text, says so, and a second run asks nothing", async () => {
    const options = ["text", "in.jsonl", ...TEXT, "--on-context", "truncate"];
    const { code, stderr } = await place.run(...options);
    expect(code).toBe(0);
    const told = stderr.split("\n");
    expect(told).toContain(
      "1 answer to a prompt whose longest text was cut to fit the context window (--on-context truncate)",
    );
    expect(told).toContain("--lineage adds a column that names these warnings in each row");
    const rows = await written();
    expect(rows.map(({ text, mood }) => [text, mood])).toEqual([
      ["Bad.", "negative"],
      [LONG, "positive"],
      ["Fine, I love it.", "positive"],
    ]);
    const { received } = simulator.ledger;
    const explained = await place.run("explain", ...options);
    expect(explained.stdout).toContain("3 rows: 3 answered, 0 to be asked");
    const again = await place.run(...options, "--lineage", "--overwrite");
    expect(again).toMatchObject({ code: 0 });
    expect(simulator.ledger.received).toBe(received);
    expect((await written()).map(({ mood, _warnings }) => [mood, _warnings])).toEqual([
      ["negative", null],
      ["positive", "PROMPT_SHORTENED"],
      ["positive", null],
    ]);
  });

  it("--on-context truncate after a run in which the row failed asks that row alone, and explain says so before", async () => {
    expect((await place.run("text", "in.jsonl", ...TEXT)).code).toBe(3);
    const options = ["text", "in.jsonl", ...TEXT, "--on-context", "truncate"];
    const explained = await place.run("explain", ...options);
    expect(explained.stdout).toContain("3 rows: 2 answered, 1 to be asked");
    expect(explained.stdout).toContain("--on-context (none → truncate) changed");
    const { received } = simulator.ledger;
    expect((await place.run(...options, "--overwrite")).code).toBe(0);
    expect(simulator.ledger.received).toBe(received + 1);
    expect(await moods()).toEqual([
      [1, "negative"],
      [2, "positive"],
      [3, "positive"],
    ]);
  });

  it("--on-context is the same in a preview and in what estimate asks", async () => {
    const options = ["in.jsonl", ...TEXT, "--on-context", "truncate"];
    const preview = await place.run("text", ...options, "--preview", "2");
    expect(preview.code).toBe(0);
    expect(preview.stdout).toContain("positive");
    expect(preview.stderr).toContain("1 answer to a prompt whose longest text was cut");
    const { received } = simulator.ledger;
    const estimate = await place.run("estimate", "text", ...options, "--ask");
    expect(estimate.code).toBe(0);
    expect(simulator.ledger.received).toBe(received + 1);
  });

  it("--on-context works for data, with several choices a row", async () => {
    const parameters = [
      "--prompt",
      "About: ${text}",
      "--keys",
      "question,answer",
      "--model",
      "openai/sim",
      "-o",
      "out.jsonl",
    ];
    const { code, stderr } = await place.run(
      "data",
      "in.jsonl",
      ...parameters,
      "--n",
      "2",
      "--on-context",
      "truncate",
    );
    expect(code).toBe(0);
    expect(stderr).toContain("1 answer to a prompt whose longest text was cut");
    expect((await written()).map(({ id }) => id)).toContain(2);
  });

  it("--on-context is refused where it is none of the three", async () => {
    const { code, stderr } = await place.run("text", "in.jsonl", ...TEXT, "--on-context", "cut");
    expect(code).toBe(2);
    expect(stderr).toContain("Allowed choices are fail, skip, truncate");
  });
});
