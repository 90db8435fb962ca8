import { describe, expect, it } from "vitest";
import { AnswerCounts } from "./answer-counts.ts";
import type { Parsed } from "./item.ts";
import type { Warning } from "./warning.ts";

function parsed(outputs: Parsed["outputs"], ...codes: Warning["code"][]): Parsed {
  return {
    index: 0,
    row: {},
    columns: [],
    outputs,
    warnings: codes.map((code) => ({ code, message: code })),
  };
}

describe("AnswerCounts", () => {
  it("AnswerCounts counts rows, not warnings, by kind", () => {
    const counts = new AnswerCounts();
    counts.add(parsed([[{}]], "REPAIRED", "TRUNCATED", "REPAIRED"));
    counts.add(parsed([[{}]], "REPAIRED"));
    counts.add(parsed([[{}]]));
    expect(counts.warnings).toStrictEqual({ REPAIRED: 2, TRUNCATED: 1 });
  });

  it("AnswerCounts counts rows whose every choice is an empty list", () => {
    const counts = new AnswerCounts();
    counts.add(parsed([[], []]));
    counts.add(parsed([[], [{}]]));
    counts.add(parsed([]));
    expect(counts.withoutOutputs).toBe(2);
  });

  it("AnswerCounts tells rows that were left without an answer from empty lists", () => {
    const counts = new AnswerCounts();
    counts.add(parsed([], "PROMPT_SKIPPED"));
    counts.add(parsed([[]]));
    expect(counts).toMatchObject({ withoutOutputs: 1, warnings: { PROMPT_SKIPPED: 1 } });
  });
});
