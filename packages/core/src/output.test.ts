import { describe, expect, it } from "vitest";
import { readOutputs, type Output, type Reading, type Row } from "./index.ts";

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
      "something that cannot be shown",
    ],
    [
      "throws nothing",
      () => {
        throw undefined;
      },
      "undefined",
    ],
    ["rejects", () => Promise.reject(error), "no luck"],
    ["gives nothing", () => undefined, "it gave undefined, not { ok, outputs, warnings }"],
    ["gives a text", () => "x", 'it gave "x"'],
    ["gives something else later", () => Promise.resolve([]), "it gave a list"],
    ["gives no outputs", () => ({ ok: true }), "it gave an object"],
  ])("fails the row as it %s", async (_, fail, words) => {
    expect(await read(fail)).toEqual({
      ok: false,
      code: "STAGE_FAILED",
      message: expect.stringContaining(`The output's read failed: ${words}`) as string,
    });
  });

  it("keeps the choices that it can read", async () => {
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
