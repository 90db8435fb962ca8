// @module-tag slow

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { arraySource, collect, type Row } from "@parallel-parrot/core";
import { objectOf, text } from "@parallel-parrot/parse";
import { openai, type Provider } from "@parallel-parrot/providers";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { createBudget, openJournal, pipeline } from "./index.ts";

let simulator: Simulator;
/** What the model answers to the words of a prompt. */
let answer: (said: string) => string;

beforeEach(async () => {
  answer = (said) => said.toUpperCase();
  simulator = await startSimulator({
    answer: ({ messages }) => answer(messages.map(({ parts }) => String(parts)).join(" ")),
  });
});
afterEach(() => simulator.close());

const provider = (): Provider =>
  openai({ model: "sim", baseUrl: simulator.baseUrl, apiKey: simulator.apiKey });

const ROWS: readonly Row[] = [
  { id: 0, score: 5, text: "a" },
  { id: 1, score: 1, text: "b" },
  { id: 2, score: null, text: "c" },
  { id: 3, score: 2, text: "d" },
];

describe("pipeline with when", () => {
  it.each([
    ["a condition", "score < 3"],
    ["a function", ({ score }: Row): boolean => typeof score === "number" && score < 3],
  ])("rows for which %s is not true pass in their places without being asked", async (_, when) => {
    const run = pipeline({ provider: provider(), prompt: "${text}", output: text("better"), when });
    const rows = await collect(arraySource(ROWS).pipeThrough(run));
    expect(rows).toEqual([
      { id: 0, score: 5, text: "a", better: null },
      { id: 1, score: 1, text: "b", better: "B" },
      { id: 2, score: null, text: "c", better: null },
      { id: 3, score: 2, text: "d", better: "D" },
    ]);
    expect(run.passed).toBe(2);
    expect(run.progress()).toMatchObject({ completed: 2, passed: 2, failed: 0 });
    expect(run.withoutOutputs).toBe(0);
    expect(simulator.ledger.received).toBe(2);
  });

  it("a row that passes keeps its cell where an answer would overwrite it, and is there with empty: drop", async () => {
    const options = {
      provider: provider(),
      prompt: "${text}",
      output: text("text"),
      when: "score < 3",
    } as const;
    const over = pipeline({ ...options, collision: "overwrite", empty: "drop" });
    const rows = await collect(arraySource(ROWS).pipeThrough(over));
    expect(rows.map((row) => row.text)).toEqual(["a", "B", "c", "D"]);
  });

  it("a prompt that a row that passes could not fill is not filled", async () => {
    const rows = [
      { id: 0, note: null },
      { id: 1, note: "n" },
    ];
    const run = pipeline({ provider: provider(), prompt: "${note}", output: text(), when: "note != null" });
    expect(await collect(arraySource(rows).pipeThrough(run))).toEqual([
      { id: 0, note: null, output: null },
      { id: 1, note: "n", output: "N" },
    ]);
    expect(run.failedCount).toBe(0);
  });

  it("a function that throws fails its row, and a column that is not there is told at once", async () => {
    const when = ({ id }: Row): boolean => {
      if (id === 1) throw new Error("no");
      return true;
    };
    const run = pipeline({ provider: provider(), prompt: "${text}", output: text(), when });
    await collect(arraySource(ROWS).pipeThrough(run));
    expect(run.failures.map(({ index, failure }) => [index, failure.code, failure.message])).toEqual([
      [1, "TEMPLATE_FAILED", "Cannot tell whether to ask row 2: no"],
    ]);
    const wrong = pipeline({ provider: provider(), prompt: "${text}", output: text(), when: "scroe < 3" });
    await expect(collect(arraySource(ROWS).pipeThrough(wrong))).rejects.toThrow(
      'no column "scroe" (did you mean "score"?)',
    );
    expect(() =>
      pipeline({ provider: provider(), prompt: "${text}", output: text(), when: "score <" }),
    ).toThrow(/condition/);
  });

  it("pipelines one behind the other share a journal and a budget, and each tells its own usage and failures", async () => {
    answer = (said) => {
      const [, word] = /rate (\w+)/.exec(said) ?? [];
      return word === undefined ? said.toUpperCase() : `{"score": ${word.length}}`;
    };
    const folder = await mkdtemp(join(tmpdir(), "parrot-steps-"));
    const journal = await openJournal(join(folder, "run.db"));
    onTestFinished(async () => {
      await journal.close();
      await rm(folder, { recursive: true });
    });
    const budget = createBudget({ maxRequests: 100 });
    const shared = { provider: provider(), journal, budget } as const;
    const chain = () => {
      const rate = pipeline({
        ...shared,
        prompt: "rate ${text}",
        output: objectOf({ type: "object", properties: { score: { type: "number" } }, required: ["score"] }),
      });
      const improve = pipeline({
        ...shared,
        prompt: "improve ${text}",
        output: text("better"),
        when: "score < 3",
      });
      return { rate, improve, rows: collect(arraySource(texts).pipeThrough(rate).pipeThrough(improve)) };
    };
    const texts = ["a", "bb", "ccc", "dddd", "eeeee"].map((text) => ({ text }));
    const first = chain();
    const rows = await first.rows;
    expect(rows.map(({ better, score }) => (better === null) === Number(score) >= 3)).toEqual(
      rows.map(() => true),
    );
    expect(first.rate.usage.requests).toBe(5);
    expect(first.improve.usage.requests + first.improve.passed).toBe(5);
    expect(budget.state.spent.requests).toBe(5 + first.improve.usage.requests);
    const again = chain();
    expect(await again.rows).toEqual(rows);
    expect(again.improve.reused + again.improve.passed).toBe(5);
  });

  it("where a later pipeline stops, what is in flight in an earlier one is awaited and kept", async () => {
    const slow = await startSimulator({ latency: { kind: "fixed", ms: 50 } });
    onTestFinished(() => slow.close());
    const whom = openai({ model: "sim", baseUrl: slow.baseUrl, apiKey: slow.apiKey });
    const first = pipeline({
      provider: whom,
      prompt: "first ${id}",
      output: text("a"),
      concurrency: 20,
      onStop: "close",
    });
    const second = pipeline({
      provider: whom,
      prompt: "second ${a}",
      output: text("b"),
      budget: { maxRequests: 3 },
    });
    const rows = Array.from({ length: 300 }, (_, id) => ({ id }));
    const ended = collect(arraySource(rows).pipeThrough(first).pipeThrough(second));
    await expect(ended).rejects.toThrow("The budget is used up");
    await vi.waitFor(() => expect(first.progress().inFlight).toBe(0));
    expect(first.lostAnswers).toBe(0);
    expect(first.usage.requests).toBeLessThan(300);
    expect(first.usage.requests + second.usage.requests).toBe(slow.ledger.answered().length);
    expect(first.stopped).toMatchObject({ code: "BUDGET_EXHAUSTED" });
  });
});
