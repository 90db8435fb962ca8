import { describe, expect, it } from "vitest";
import { comparableText } from "./comparable-text.ts";

describe("comparableText", () => {
  it.each([
    ["Positive", "positive"],
    [" positive.\n", "positive"],
    ['**"Positive"!**', "positive"],
    ["very  good", "Very\tgood"],
    ["ﬁne", "fine"],
    ["«так»", "Так"],
  ])("comparableText takes %j and %j for the same answer", (one, other) => {
    expect(comparableText(one)).toBe(comparableText(other));
  });

  it.each([
    ["-5", "5"],
    ["C#", "C"],
    ["5%", "5"],
    [".NET", "NET"],
    ["C++", "C"],
    ["?", "!"],
    ["", "."],
    ["3.5", "35"],
  ])("comparableText takes %j and %j for different answers", (one, other) => {
    expect(comparableText(one)).not.toBe(comparableText(other));
  });
});
