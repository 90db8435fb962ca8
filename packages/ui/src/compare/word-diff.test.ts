import { describe, expect, it } from "vitest";
import { wordDiff } from "./word-diff.ts";

/** Both texts, as the parts say that they were. */
function textsOf(before: string, after: string): readonly [string, string] {
  const parts = wordDiff(before, after);
  const without = (kind: string): string =>
    parts
      .filter((part) => part.kind !== kind)
      .map(({ text }) => text)
      .join("");
  return [without("new"), without("gone")];
}

describe("wordDiff", () => {
  it("words that are gone and new are told apart from those that stay", () => {
    expect(wordDiff("The lamp is old and good.", "The lamp is new and good!")).toEqual([
      { kind: "same", text: "The lamp is " },
      { kind: "gone", text: "old" },
      { kind: "new", text: "new" },
      { kind: "same", text: " and good" },
      { kind: "gone", text: "." },
      { kind: "new", text: "!" },
    ]);
  });

  it.each([
    ["", ""],
    ["", "new"],
    ["gone", ""],
    ["a b a b a", "b a b a b"],
    ["ein Wört, 🦜 zwei", "zwei 🦜 Wört"],
    ["same", "same"],
  ])("the parts of %j and %j make both texts again", (before, after) => {
    expect(textsOf(before, after)).toEqual([before, after]);
  });

  it("texts of thousands of words are compared too, and nothing of them is lost", () => {
    for (const [before, after] of [
      ["x ".repeat(2000), "y ".repeat(2000)],
      [`<b>${"word ".repeat(3000)}</b>`, `<i>${"word ".repeat(2999)}</i>`],
    ] as const)
      expect(textsOf(before, after)).toEqual([before, after]);
  });
});
