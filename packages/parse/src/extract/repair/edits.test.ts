import { describe, expect, it } from "vitest";
import { applyEdits, type Edit } from "./edits.ts";

function edited(text: string, ...edits: Edit[]): string | undefined {
  return applyEdits(text, { start: 0, end: text.length }, edits);
}

describe("applyEdits", () => {
  it("applyEdits makes changes in whatever order they come, inside the part that is asked for", () => {
    expect(edited("[a,] ", { start: 2, end: 3, text: "" }, { start: 1, end: 1, text: "[" })).toBe("[[a] ");
    expect(
      applyEdits("x [‘a’] y", { start: 2, end: 7 }, [
        { start: 5, end: 6, text: '"' },
        { start: 3, end: 4, text: '"' },
      ]),
    ).toBe('["a"]');
  });

  it.each<[what: string, before: string, after: string]>([
    ["quotes and brackets", "“ ｛,", '"{'],
    ["a word of Python", "None", "null"],
    ["a comment", "// it's 5", ""],
    ["a comment", "/* a\n */", ""],
    ["a comment", "# a", ""],
    ["a number", ".5", "0.5"],
    ["a control character", "\n", String.raw`\n`],
    ["nothing", "", '",'],
  ])("applyEdits lets %s be replaced: %j by %j", (_, before, after) => {
    expect(edited(`[${before}]`, { start: 1, end: 1 + before.length, text: after })).toBe(`[${after}]`);
  });

  it.each<[what: string, before: string, after: string]>([
    ["a letter", "a", ""],
    ["a letter", "a", "b"],
    ["a letter that was not there", "", "a"],
    ["a word", "None", "false"],
    ["a digit", "5", ""],
    ["a number", "5", "6"],
    ["a line", "a\n", ""],
    ["more than a comment", "// a\nb", ""],
    ["a sign", "-", ""],
    ["an emoji", "🦜", ""],
  ])("applyEdits refuses to change %s: %j to %j", (_, before, after) => {
    expect(edited(`[${before}]`, { start: 1, end: 1 + before.length, text: after })).toBeUndefined();
  });

  it("applyEdits refuses changes that overlap", () => {
    expect(edited("[,,]", { start: 1, end: 3, text: "" }, { start: 2, end: 3, text: "" })).toBeUndefined();
  });
});
