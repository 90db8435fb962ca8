import { describe, expect, it } from "vitest";
import { withoutEndMark } from "./without-end-mark.ts";

describe("withoutEndMark", () => {
  it.each([
    ["positive<|im_end|>", "positive"],
    ["positive\n<|eot_id|>\n", "positive\n".trimEnd()],
    ["positive</s></s>", "positive"],
    ["<|im_end|>", ""],
    ["<p>It is old</p></s>", "<p>It is old</p>"],
  ])("withoutEndMark takes the mark off %j", (text, answer) => {
    expect(withoutEndMark(text)).toBe(answer);
  });

  it.each([
    "positive \n",
    "It ends with <eos>",
    "It ends with `<eos>`",
    "<s>old</s>",
    "<|im_end|> ends a turn",
    "<b>bold</b>",
    "",
  ])("withoutEndMark leaves %j alone", (text) => {
    expect(withoutEndMark(text)).toBe(text);
  });

  it("withoutEndMark takes linear time", () => {
    expect(withoutEndMark("</s>\n".repeat(20_000))).toBe("");
    expect(withoutEndMark(`${" ".repeat(1_000_000)}x${"</s>".repeat(100)}`).trim()).toBe("x");
  });
});
