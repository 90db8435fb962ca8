import { expect, it } from "vitest";
import { wrapText } from "./wrap-text.ts";

it("wrapText breaks between words and keeps the line breaks of the text", () => {
  expect(wrapText("one two three four\n\nfive", 9)).toEqual(["one two", "three", "four", "", "five"]);
});

it("wrapText cuts a word that is wider than a line, between whole characters", () => {
  expect(wrapText("ab abcdefgh", 4)).toEqual(["ab", "abcd", "efgh"]);
  expect(wrapText("👩‍👩‍👧👩‍👩‍👧", 3)).toEqual(["👩‍👩‍👧", "👩‍👩‍👧"]);
});

it("wrapText counts a wide character as the two columns that a terminal gives it", () => {
  expect(wrapText("東京都庁", 5)).toEqual(["東京", "都庁"]);
});

it("wrapText of a text that fits is that text", () => {
  expect(wrapText("", 5)).toEqual([""]);
  expect(wrapText("  as it is", 10)).toEqual(["  as it is"]);
});
