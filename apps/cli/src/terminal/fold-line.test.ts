import { expect, it } from "vitest";
import { foldLine } from "./fold-line.ts";

it("foldLine breaks a line between words, and moves what follows in below its begin", () => {
  expect(foldLine("  draft: 2,000 rows answered, 2 failed", 24)).toBe(
    "  draft: 2,000 rows\n    answered, 2 failed",
  );
});

it("foldLine leaves a command at the end of a line in one piece, and a word that is wider than a line", () => {
  const command = "parrot retry-failed 12 --model openai/gpt-4.1";
  expect(foldLine(`What failed can be asked again: ${command}`, 30)).toBe(
    `What failed can be asked\n  again:\n  ${command}`,
  );
  expect(foldLine("refused; parrot retry-failed, as some pass", 30)).toBe(
    "refused; parrot retry-failed,\n  as some pass",
  );
  expect(foldLine(`see ${"x".repeat(40)} there`, 20)).toBe(`see\n  ${"x".repeat(40)}\n  there`);
});

it("foldLine leaves a line that fits, and one whose characters take two columns each, to the terminal", () => {
  expect(foldLine("0123456789", 10)).toBe("0123456789");
  expect(foldLine("漢字 ".repeat(20), 10)).toBe("漢字 ".repeat(20));
});
