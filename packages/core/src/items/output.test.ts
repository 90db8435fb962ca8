import { describe, expect, it } from "vitest";
import {
  lastResort,
  readOutputs,
  type ChoiceReading,
  type Output,
  type Reading,
  type Row,
} from "../index.ts";

const outputOf = (read: () => unknown): Output =>
  // What plain JavaScript can do in spite of the types.
  ({ shape: { type: "text" }, columns: ["a"], read: read as Output["read"] });

const read = async (...reads: readonly (() => unknown)[]): Promise<Reading<Row>> => {
  let next = 0;
  const output = outputOf(() => reads[next++]?.());
  return readOutputs(output, { choices: reads.map(() => ({ text: "x", finishReason: "stop" })) });
};

const good = () => ({ ok: true, outputs: [{ a: "x" }], warnings: [] });
const error = new Error("no luck");
const hostile = Object.defineProperty(new Error("x"), "message", {
  get() {
    throw error;
  },
});

describe("readOutputs, where the output's own code fails,", () => {
  it.each<[string, () => unknown, string]>([
    [
      "throws",
      () => {
        throw error;
      },
      "no luck",
    ],
    [
      "throws text",
      () => {
        throw "text";
      },
      "text",
    ],
    [
      "throws what cannot be shown",
      () => {
        throw hostile;
      },
      "a value that cannot be shown as text",
    ],
    [
      "throws nothing",
      () => {
        throw undefined;
      },
      "undefined",
    ],
    ["rejects", () => Promise.reject(error), "no luck"],
    ["gives nothing", () => undefined, "it returned undefined instead of { ok, outputs, warnings }"],
    ["gives a text", () => "x", 'it returned "x"'],
    ["gives something else later", () => Promise.resolve([]), "it returned a list"],
    ["gives no outputs", () => ({ ok: true }), "it returned an object"],
    [
      "gives an answer to show that is no text",
      () => ({ ok: false, code: "INVALID_OUTPUT", message: "no", answer: 5 }),
      "it returned an object",
    ],
    [
      "gives a part that is none",
      () => ({ ok: false, code: "INVALID_OUTPUT", partial: [] }),
      "it returned an object",
    ],
  ])("a row fails where the code of its output %s", async (_, fail, words) => {
    expect(await read(fail)).toEqual({
      ok: false,
      code: "STAGE_FAILED",
      message: expect.stringContaining(`The output's read function failed: ${words}`) as string,
    });
  });

  it("readOutputs keeps the choices that it can read where the output's code fails for another", async () => {
    expect(
      await read(good, () => {
        throw error;
      }),
    ).toMatchObject({
      ok: true,
      outputs: [[{ a: "x" }], []],
      warnings: [{ code: "CHOICE_DROPPED", message: expect.stringContaining("no luck") as string }],
    });
  });
});

const READINGS: Record<string, ChoiceReading<{ a: number }>> = {
  good: { ok: true, outputs: [{ a: 1 }], warnings: [] },
  bad: { ok: false, code: "INVALID_OUTPUT", message: "no" },
  shown: { ok: false, code: "INVALID_OUTPUT", message: "no", answer: "what is shown" },
  part: {
    ok: false,
    code: "INVALID_OUTPUT",
    message: "only a part",
    partial: { outputs: [{ a: 2 }], warnings: [{ code: "PARTIAL", message: "a part" }] },
  },
};

const output: Output<{ a: number }> = {
  shape: { type: "text" },
  columns: ["a"],
  read: ({ text }) => READINGS[text] ?? { ok: false, code: "EMPTY_ANSWER", message: "nothing" },
};

const readTexts = (...texts: readonly string[]): unknown =>
  readOutputs(output, { choices: texts.map((text) => ({ text, finishReason: "stop" })) });

const dropped = (number: number): object => ({
  code: "CHOICE_DROPPED",
  message: `Choice ${number} was dropped: no`,
});
const partial = { code: "PARTIAL", message: "a part" };

describe("readOutputs, of several choices,", () => {
  it.each([
    [["good"], { ok: true, outputs: [[{ a: 1 }]], warnings: [] }],
    [["bad", "good"], { ok: true, outputs: [[], [{ a: 1 }]], warnings: [dropped(0)] }],
    [["good", "part"], { ok: true, outputs: [[{ a: 1 }], [{ a: 2 }]], warnings: [partial] }],
    [["bad", "bad"], { ok: false, code: "INVALID_OUTPUT", message: "no" }],
    [["shown", "bad"], { ok: false, code: "INVALID_OUTPUT", message: "no", answer: "what is shown" }],
    [[], { ok: false, code: "EMPTY_ANSWER", message: "The response has no choices" }],
    [
      ["part"],
      {
        ok: false,
        code: "INVALID_OUTPUT",
        message: "only a part",
        partial: { outputs: [[{ a: 2 }]], warnings: [partial] },
      },
    ],
    [
      ["bad", "part"],
      {
        ok: false,
        code: "INVALID_OUTPUT",
        message: "no",
        partial: { outputs: [[], [{ a: 2 }]], warnings: [dropped(0), partial] },
      },
    ],
  ])("readOutputs reads the choices %j as one answer", (texts, reading) => {
    expect(readTexts(...texts)).toEqual(reading);
  });
});

describe("lastResort", () => {
  it("lastResort takes a part for the answer, and leaves all else as it is", async () => {
    const choices = (text: string): { choices: [{ text: string; finishReason: "stop" }] } => ({
      choices: [{ text, finishReason: "stop" }],
    });
    expect(lastResort(await readOutputs(output, choices("part")))).toEqual({
      ok: true,
      outputs: [[{ a: 2 }]],
      warnings: [partial],
    });
    for (const text of ["good", "bad"]) {
      const reading = await readOutputs(output, choices(text));
      expect(lastResort(reading)).toBe(reading);
    }
  });
});
