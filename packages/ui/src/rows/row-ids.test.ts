import { describe, expect, it } from "vitest";
import { answeredRow } from "../../fixtures/rows-source.ts";
import { answerId, idNumber, RowIds } from "./row-ids.ts";

describe("RowIds", () => {
  it("an answer is known again by its row, by what was asked and by what came of it, and by nothing else", () => {
    const row = answeredRow(3);
    const others = [
      answeredRow(3, { row: { text: "another" } }),
      answeredRow(3, { keys: ["another request"] }),
      answeredRow(3, { outputs: [[{ output: "another answer" }]] }),
      answeredRow(3, { outputs: [], failure: { stage: "parse", code: "X", message: "m", answer: "raw" } }),
    ];
    expect(new Set([row, ...others].map((each) => answerId(each))).size).toBe(1 + others.length);
    expect(answerId({ ...row, index: 9, durationMs: 1, attempts: 4 })).toBe(answerId(row));
  });

  it("equal inputs have equal numbers, whatever the model that each was asked of, and places are kept beyond the first thousand", () => {
    const ids = new RowIds();
    for (let at = 0; at < 3000; at += 1)
      ids.add(
        answeredRow(at, { row: { text: `t${at % 1500}`, model: `m${Math.floor(at / 1500)}` } }),
        "model",
      );
    expect(ids.inputs).toHaveLength(3000);
    expect(ids.inputs.slice(0, 1500)).toEqual(ids.inputs.slice(1500));
    expect(new Set(ids.inputs).size).toBe(1500);
    expect(ids.answers[7]).toBe(idNumber(answerId(answeredRow(7, { row: { text: "t7", model: "m0" } }))));
  });
});
