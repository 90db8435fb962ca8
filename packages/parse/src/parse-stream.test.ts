import { NO_USAGE, type Choice, type Completed, type Failed, type Output } from "@parallel-parrot/core";
import { readAll, sourceOf, testStage } from "@parallel-parrot/core/testing";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { listOf, parseCompletion, parseStream, text } from "./index.ts";

type Doc = { id: number };

function completed(index: number, ...choices: readonly (string | Choice)[]): Completed<Doc> {
  return {
    index,
    row: { id: index },
    prompt: { messages: [{ role: "user", content: "?" }] },
    completion: {
      choices: choices.map((choice) =>
        typeof choice === "string" ? { text: choice, finishReason: "stop" } : choice,
      ),
      usage: { ...NO_USAGE, requests: 2, outputTokens: 7 },
      attempts: 2,
      model: "m",
    },
  };
}

const failedBefore: Failed<Doc> = {
  index: 1,
  row: { id: 1 },
  failure: { stage: "transport", code: "TIMEOUT", message: "Too late", attempts: 3, usage: NO_USAGE },
};

describe("parseStream", () => {
  testStage(it, {
    stage: () => parseStream<Doc, { a: string }>(listOf(["a"])),
    inputs: [completed(0, '[{"a":"x"},{"a":"y"}]'), failedBefore, completed(2, "no"), completed(3, "[]")],
    outputs: [
      { index: 0, row: { id: 0 }, outputs: [[{ a: "x" }, { a: "y" }]], columns: ["a"], warnings: [] },
      failedBefore,
      {
        index: 2,
        row: { id: 2 },
        failure: {
          stage: "parse",
          code: "INVALID_OUTPUT",
          message: "The answer is not as asked for: it contains no JSON object or list",
          attempts: 2,
          usage: { ...NO_USAGE, requests: 2, outputTokens: 7 },
          answer: "no",
        },
      },
      { index: 3, row: { id: 3 }, outputs: [[]], columns: ["a"], warnings: [] },
    ],
  });

  describe("with a schema that validates asynchronously", () => {
    const schema = z.object({ a: z.string().refine(async (a) => Promise.resolve(a !== "bad")) });
    testStage(it, {
      stage: () => parseStream<Doc, { a: string }>(listOf(schema)),
      inputs: [completed(0, '[{"a":"x"}]'), completed(1, "[]"), completed(2, '{"a":"z"}')],
      outputs: [
        { index: 0, row: { id: 0 }, outputs: [[{ a: "x" }]], columns: ["a"], warnings: [] },
        { index: 1, row: { id: 1 }, outputs: [[]], columns: ["a"], warnings: [] },
        { index: 2, row: { id: 2 }, outputs: [[{ a: "z" }]], columns: ["a"], warnings: [] },
      ],
      callbacks: {
        "the output's read": (fail) => parseStream<Doc, { a: string }>({ ...listOf(schema), read: fail }),
        "the output's read, later,": (fail) =>
          parseStream<Doc, { a: string }>({ ...listOf(schema), read: async () => fail() }),
        "the schema's refine": (fail) => parseStream(listOf(z.object({ a: z.string().refine(fail) }))),
      },
    });
  });

  it("parseStream reads a completion once, however many stages ask for it", async () => {
    let reads = 0;
    const inner = text();
    const output: Output<{ output: string }> = {
      ...inner,
      read: (choice) => ((reads += 1), inner.read(choice)),
    };
    const items = [completed(0, "x")];
    await readAll(sourceOf(items).pipeThrough(parseStream(output)));
    await readAll(sourceOf(items).pipeThrough(parseStream(output)));
    expect(reads).toBe(1);
  });
});

describe("parseCompletion", () => {
  it("parseCompletion gives a list of outputs for each choice, and warns of those that could not be used", async () => {
    expect(await parseCompletion(listOf(["a"]), completed(5, '[{"a":1}]', "no", '[{"a":2},{"a"'))).toEqual({
      index: 5,
      row: { id: 5 },
      outputs: [[{ a: "1" }], [], [{ a: "2" }]],
      columns: ["a"],
      warnings: [
        expect.objectContaining({ code: "CHOICE_DROPPED" }),
        expect.objectContaining({ code: "PARTIAL" }),
      ],
    });
  });

  it("parseCompletion uses a part of the answer as a last resort, and says so", async () => {
    expect(await parseCompletion(listOf(["a"]), completed(5, '[{"a":1},{"a":2},{"a'))).toMatchObject({
      outputs: [[{ a: "1" }, { a: "2" }]],
      warnings: [{ code: "PARTIAL" }],
    });
    // Of several choices, each one has its own.
    expect(await parseCompletion(listOf(["a"]), completed(5, "no", '[{"a":1},{"a'))).toMatchObject({
      outputs: [[], [{ a: "1" }]],
      warnings: [{ code: "CHOICE_DROPPED" }, { code: "PARTIAL" }],
    });
  });

  it("parseCompletion keeps the thoughts beside a part of the answer", async () => {
    const output = listOf(["a"], { thoughts: "why" });
    expect(await parseCompletion(output, completed(5, '<think>Hm.</think>[{"a":1},{"a'))).toMatchObject({
      outputs: [[{ a: "1", why: "Hm." }]],
    });
  });

  it("parseCompletion shows no answer in the failure where there was none", async () => {
    for (const item of [completed(0), completed(0, " ".trim())]) {
      const parsed = await parseCompletion(text(), item);
      expect(parsed).toMatchObject({ failure: { code: "EMPTY_ANSWER", stage: "parse" } });
      expect(parsed).not.toHaveProperty("failure.answer");
    }
  });
});
