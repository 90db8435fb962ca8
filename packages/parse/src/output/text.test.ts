import { describe, expect, it } from "vitest";
import { text } from "../index.ts";

describe("text", () => {
  it("text gives the answer without the spaces around it, in the column asked for", () => {
    expect(text().columns).toEqual(["output"]);
    expect(text().read({ text: " a\nb \n", finishReason: "stop" })).toEqual({
      ok: true,
      outputs: [{ output: "a\nb" }],
      warnings: [],
    });
    expect(text("summary").read({ text: "x", finishReason: "other" })).toMatchObject({
      outputs: [{ summary: "x" }],
    });
  });

  it("text keeps an answer that the token limit cut off, with a warning", () => {
    expect(text().read({ text: "a long te", finishReason: "length" })).toEqual({
      ok: true,
      outputs: [{ output: "a long te" }],
      warnings: [{ code: "TRUNCATED", message: "The token limit cut the text off" }],
    });
  });

  it.each([
    ["", "stop", "EMPTY_ANSWER", "The answer is empty"],
    [" \n", "other", "EMPTY_ANSWER", "The answer is empty"],
    [" ", "length", "OUTPUT_TRUNCATED", "The token limit was reached before the model wrote any answer"],
    ["I", "content_filter", "CONTENT_FILTERED", "The provider's content filter stopped the answer"],
    ["", "refusal", "REFUSED", "The model refused to answer"],
    ["I can't\nhelp", "refusal", "REFUSED", "The model refused: I can't help"],
  ] as const)("text has no output for %j that ended with %s", (answer, finishReason, code, message) => {
    expect(text().read({ text: answer, finishReason })).toEqual({ ok: false, code, message });
  });

  it("text takes any column name", () => {
    const output = text("__proto__").read({ text: "x", finishReason: "stop" });
    expect(JSON.stringify(output)).toContain('[{"__proto__":"x"}]');
  });
});
