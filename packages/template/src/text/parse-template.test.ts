import { isParrotError, type Row } from "@parallel-parrot/core";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseTemplate, renderTemplate, template } from "../index.ts";

const render = (text: string, row: Row = {}): string => renderTemplate(parseTemplate(text), row);

function errorOf(text: string): { code: string; line: number | undefined; message: string } {
  try {
    parseTemplate(text);
  } catch (error) {
    if (isParrotError(error)) return { code: error.code, line: error.line, message: error.message };
  }
  throw new Error("Expected a ParrotError");
}

describe("parseTemplate", () => {
  it.each<[text: string, row: Row, expected: string]>([
    ["Hi $name!", { name: "Ada" }, "Hi Ada!"],
    ["$_a1é", { _a1: "x" }, "xé"],
    ["${name}s", { name: "Parrot" }, "Parrots"],
    ["$a$b${a}", { a: "1", b: "2" }, "121"],
    ["$$name $$$name $$$$", { name: "Ada" }, "$name $Ada $$"],
    ["${Product name} (${größe, cm})", { "Product name": "Lamp", "größe, cm": "9" }, "Lamp (9)"],
    ["${ padded }", { " padded ": "x" }, "x"],
    ["${two\nlines}", { "two\nlines": "x" }, "x"],
    [
      "${a\\}b} ${c\\\\d} ${e\\f} ${g\\:-h}",
      { "a}b": "1", "c\\d": "2", "e\\f": "3", "g:-h": "4" },
      "1 2 3 4",
    ],
    ["${a$b} ${a$\\{b}", { a$b: "1", "a${b": "2" }, "1 2"],
    ["${name:-nobody}", { name: "Ada" }, "Ada"],
    ["${name:-nobody}", {}, "nobody"],
    ["${name:-nobody}", { name: null }, "nobody"],
    ["${name:-nobody}", { name: undefined }, "nobody"],
    ["[${name:-nobody}]", { name: "" }, "[]"],
    ["[${name:-}]", {}, "[]"],
    ["${price:-$5 :-) \\} \\{}", {}, "$5 :-) } {"],
    ["${a.b:-none}", { a: {} }, "none"],
  ])("a template renders: %j with %j", (text, row, expected) => {
    expect(render(text, row)).toBe(expected);
  });

  it.each([
    ["\n  \n text \n\t\n", " text "],
    ["\r\ntext\r\n\r\n", "text"],
    ["a\n\nb", "a\n\nb"],
    ["\n  $x\n", "  1"],
    ["$x\n\n$x\n \n", "1\n\n1"],
    [" \n ", ""],
    ["", ""],
  ])("parseTemplate drops the blank lines around %j", (text, expected) => {
    expect(render(text, { x: 1 })).toBe(expected);
  });

  it.each([
    ["costs $5", 1, 'stray "$" at line 1, column 7, before "$5"'],
    ["\na\n b $", 3, 'stray "$" at line 3, column 4, before "$"'],
    ["$", 1, 'stray "$" at line 1, column 1, before "$"'],
    ["$é", 1, 'stray "$" at line 1, column 1, before "$é"'],
    ["a ${b", 1, '"${" is never closed at line 1, column 3, before "${b"'],
    ["${a ${b}", 1, '"${" is never closed at line 1, column 1, before "${a ${b}"'],
    ["x\n${}", 2, 'no column name between the braces at line 2, column 1, before "${}"'],
    ["${:-x}", 1, 'no column name between the braces at line 1, column 1, before "${:-x}"'],
  ])("parseTemplate refuses the template %j", (text, line, cause) => {
    expect(errorOf(text)).toEqual({
      code: "INVALID_TEMPLATE",
      line,
      message: `Cannot parse the template: ${cause}; write "$$" for a dollar sign, "\${name}" for a column`,
    });
  });

  it("parseTemplate takes linear time for a large template, and for one of opening braces alone", () => {
    const large = "${text} costs $$5\n".repeat(60_000);
    expect(render(large, { text: "x" })).toHaveLength("x costs $5\n".length * 60_000 - 1);
    expect(errorOf("${".repeat(100_000)).message).toContain("never closed");
    expect(render(`\${${"a".repeat(1_000_000)}:-x}`)).toBe("x");
    expect(render(`x${" \n".repeat(500_000)}x`)).toHaveLength(1_000_002);
  });

  it("a template without a dollar sign renders to its own text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const framed = `<${text.replaceAll("$", "")}>`;
        expect(render(framed)).toBe(framed);
      }),
    );
  });

  it("a template whose dollar signs are doubled renders to the text with single ones", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("$", "{", "}", "a", ":-", "\\", "\n") }), (text) => {
        const framed = `<${text}>`;
        expect(render(framed.replaceAll("$", "$$$$"))).toBe(framed);
      }),
    );
  });

  it("a template reaches any column by its escaped name", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("$", "{", "}", "a", ":", "-", "\\", ".", " ") }),
        (text) => {
          const name = `c${text}`;
          const escaped = name.replaceAll(/[\\{}:]/g, String.raw`\$&`);
          expect(render(`\${${escaped}}`, { [name]: "cell" })).toBe("cell");
        },
      ),
    );
  });
});

describe("template", () => {
  it("the template tag takes interpolations as column names and the rest as it stands", () => {
    const prompt = template`
      $5 for ${"Product name"} \${x} ${"a}b"} ${"author.name"}
    `;
    const row = { "Product name": "Lamp", "a}b": 1, author: { name: "Ada" } };
    expect(renderTemplate(prompt, row)).toBe("      $5 for Lamp ${x} 1 Ada");
  });

  it("the template tag refuses interpolations that are not texts, and invalid escapes", () => {
    const refusal = expect.objectContaining({ code: "INVALID_TEMPLATE" });
    expect(() => template`About ${undefined as unknown as string}`).toThrow(refusal);
    expect(() => template`C:\users`).toThrow(refusal);
  });
});
