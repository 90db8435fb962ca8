import { array, assert, constantFrom, nat, oneof, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { cutText } from "./cut-text.ts";

const GRAPHEMES = new Intl.Segmenter("und", { granularity: "grapheme" });

/** The longest beginning that ends between two signs, found by looking at all of them. */
function expected(text: string, characters: number): string {
  let end = 0;
  for (const { index, segment } of GRAPHEMES.segment(text)) {
    if (index + segment.length > characters) break;
    end = index + segment.length;
  }
  return text.slice(0, end);
}

const FAMILY = "👨‍👩‍👧‍👦";
const FLAG = "🇩🇪";

describe("cutText", () => {
  it.each([
    ["abc", 5, "abc"],
    ["abc", 3, "abc"],
    ["abc", 2, "ab"],
    ["abc", 0, ""],
    ["abc", -1, ""],
    ["a😀b", 2, "a"],
    ["a😀b", 3, "a😀"],
    [`a${FAMILY}b`, 5, "a"],
    [`${FLAG}${FLAG}`, 2, ""],
    [`${FLAG}${FLAG}`, 6, FLAG],
    [`x${FLAG.repeat(1000)}`, 2003, `x${FLAG.repeat(500)}`],
    ["e\u0301e\u0301", 1, ""],
    ["e\u0301e\u0301", 3, "e\u0301"],
    ["a\r\nb", 2, "a"],
    ["각각", 1, "각"],
    [`${"ᄀ".repeat(3)}ᅡᆨ`, 4, ""],
    ["क्षि x", 2, ""],
  ])("cutText cuts %j to %i", (text, characters, cut) => {
    expect(cutText(text, characters)).toBe(cut);
  });

  it("cutText never cuts a character in half, wherever the limit is", () => {
    const sign = oneof(
      constantFrom(FAMILY, FLAG, "e\u0301", "👍🏽", "\r\n", "क्षि", "한", "❤️", "1️⃣", "🇩", "z̡̢̛̗͕͙̼ͭ̇"),
      string({ unit: "grapheme", maxLength: 3 }),
    );
    assert(
      property(array(sign, { maxLength: 600 }), nat(2000), (signs, characters) => {
        const text = signs.join("");
        expect(cutText(text, characters)).toBe(expected(text, characters));
      }),
      { numRuns: 300 },
    );
  });

  it("cutText cuts inside a character of hundreds of code points, but in no code point", () => {
    const zalgo = `a${"\u{1D165}".repeat(2000)}`;
    const cut = cutText(zalgo, 2002);
    expect(cut).toHaveLength(2001);
    expect(cut.isWellFormed()).toBe(true);
  });

  it("cutText looks at a text of megabytes only near the cut", () => {
    const text = `${"कि".repeat(1_000_000)}${FLAG.repeat(500_000)}${FAMILY.repeat(100_000)}`;
    // A thousand cuts that look at all of it would take minutes.
    for (let round = 1; round <= 1000; round++)
      expect(cutText(text, round * 1999 + 1).isWellFormed()).toBe(true);
  });
});
