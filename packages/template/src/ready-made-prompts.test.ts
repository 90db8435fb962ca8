import { describe, expect, it } from "vitest";
import {
  columnsOf,
  questionAnswerPairs,
  questionFromDocument,
  removePersonalData,
  renderPrompt,
  sentiment,
  summary,
  titleSummaryPairs,
} from "./index.ts";

const ALL = {
  questionFromDocument,
  sentiment,
  summary,
  removePersonalData,
  questionAnswerPairs,
  titleSummaryPairs,
};

describe.each(Object.entries(ALL))("%s", (name, make) => {
  it(`the prompt ${name} asks about the column's cell, whatever the column is called`, () => {
    const prompt = make({ column: "The ${text}" });
    expect(columnsOf(prompt)).toEqual(["The ${text}"]);
    const { messages } = renderPrompt(prompt, { "The ${text}": "It rains: $5, ${x}" }, 0);
    expect(messages.map(({ role }) => role)).toEqual(["system", "user"]);
    expect(messages[1]?.content).toBe("<document>\nIt rains: $5, ${x}\n</document>");
  });

  it.each([{}, { column: "" }, { column: 1 }])(`the prompt ${name} refuses the options %j`, (options) => {
    expect(() => make(options as { column: string })).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", option: "column" }),
    );
  });
});

describe("the options of ready-made prompts", () => {
  const column = "text";

  it("the options of a ready-made prompt change its instructions", () => {
    expect(sentiment({ column, labels: ["good", "bad $5"] }).system).toContain("good, bad $5.");
    expect(summary({ column }).system).toContain("at most 3 sentences");
    expect(summary({ column, maxSentences: 1 }).system).toContain("at most 1 sentence,");
    expect(questionAnswerPairs({ column }).system).toContain("Write pairs of");
    expect(questionAnswerPairs({ column, maxPairs: 1 }).system).toContain("at most 1 pair of");
    expect(titleSummaryPairs({ column, maxPairs: 4 }).system).toContain("at most 4 pairs of");
  });

  it.each<[option: string, make: () => unknown]>([
    ["labels", () => sentiment({ column, labels: ["good"] })],
    ["labels", () => sentiment({ column, labels: ["good", "good"] })],
    ["labels", () => sentiment({ column, labels: ["good", ""] })],
    ["labels", () => sentiment({ column, labels: "good, bad" as unknown as string[] })],
    ["maxSentences", () => summary({ column, maxSentences: 0 })],
    ["maxPairs", () => questionAnswerPairs({ column, maxPairs: 1.5 })],
    ["maxPairs", () => titleSummaryPairs({ column, maxPairs: Number.NaN })],
  ])("a wrong option of a ready-made prompt is refused: %s", (option, make) => {
    expect(make).toThrow(expect.objectContaining({ code: "INVALID_OPTION", option }));
  });
});
