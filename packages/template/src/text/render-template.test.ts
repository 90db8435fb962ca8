import { setCell, type Row } from "@parallel-parrot/core";
import { describe, expect, it } from "vitest";
import { parseTemplate, RenderError, renderTemplate } from "../index.ts";

function errorOf(text: string, row: Row, index?: number): RenderError {
  try {
    renderTemplate(parseTemplate(text), row, index);
  } catch (error) {
    if (error instanceof RenderError) return error;
  }
  throw new Error("Expected a RenderError");
}

describe("renderTemplate", () => {
  it.each<[cell: unknown, text: string]>([
    ["text", "text"],
    ["", ""],
    [0, "0"],
    [1.5, "1.5"],
    [Number.NaN, "NaN"],
    [false, "false"],
    [10n ** 20n, "100000000000000000000"],
    [new Date(0), "1970-01-01T00:00:00.000Z"],
    [["a", 1, null], '["a",1,null]'],
    [{ b: { c: "“" }, at: new Date(0) }, '{"b":{"c":"“"},"at":"1970-01-01T00:00:00.000Z"}'],
    [{ big: 10n ** 20n }, '{"big":100000000000000000000}'],
    [[[-(10n ** 20n)], new Map([["id", 5n]])], '[[-100000000000000000000],{"id":5}]'],
    [new Set(["a"]), '["a"]'],
    [new URL("https://a.b/"), "https://a.b/"],
  ])("renderTemplate writes the cell %o as %s", (cell, text) => {
    expect(renderTemplate(parseTemplate("$cell"), { cell })).toBe(text);
  });

  it.each<[path: string, text: string]>([
    ["author.name", "Ada"],
    ["authors.1.name", "Grace"],
    ["authors.length", "2"],
    ["author.first.name", "own column"],
    ["author", '{"name":"Ada"}'],
  ])("renderTemplate follows the path %s", (path, text) => {
    const row = {
      author: { name: "Ada" },
      authors: [{ name: "Ada" }, { name: "Grace" }],
      "author.first.name": "own column",
    };
    expect(renderTemplate(parseTemplate(`\${${path}}`), row)).toBe(text);
  });

  it.each([
    "__proto__",
    "constructor",
    "toString",
    "a.__proto__",
    "a.constructor.name",
    "list.map",
    "text.length",
  ])("renderTemplate does not read inherited properties: %s is missing", (name) => {
    const row = { a: {}, list: [], text: "abc" };
    expect(errorOf(`\${${name}}`, row).code).toBe("MISSING_VALUE");
  });

  it.each(["__proto__", "constructor", "toString"])("renderTemplate reads a column named %s", (name) => {
    const row: Row = {};
    setCell(row, name, "cell");
    expect(renderTemplate(parseTemplate(`$${name} \${${name}}`), row)).toBe("cell cell");
    expect(renderTemplate(parseTemplate(`\${a.${name}}`), { a: row })).toBe("cell");
  });

  it("renderTemplate does not fill a placeholder that a cell contains", () => {
    const row = { a: "${secret} $secret $$", secret: "s" };
    expect(renderTemplate(parseTemplate("$a"), row)).toBe("${secret} $secret $$");
  });

  it("renderTemplate names the missing column, the row and its columns", () => {
    const error = errorOf("$txt", { id: 1, text: "x" }, 3);
    expect(error.code).toBe("MISSING_VALUE");
    expect(error.message).toBe(
      'Cannot render the template of row 4: the row has no column "txt"; its columns are "id", "text"',
    );
    expect(errorOf("$text", { text: null }).message).toBe('Cannot render the template: "text" is null');
  });

  it("renderTemplate shortens a long list of columns in its message", () => {
    const row = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`${i}`.padEnd(500, "x"), i]));
    expect(errorOf("$txt", row).message).toMatch(/ and 990 more$/);
    expect(errorOf("$txt", row).message.length).toBeLessThan(1000);
  });

  it.each<[cell: unknown, cause: string]>([
    [new Date(Number.NaN), "is an invalid date"],
    [() => 1, "cannot be written as JSON (function)"],
    [
      (() => {
        const loop: Row = {};
        loop["self"] = loop;
        return loop;
      })(),
      "cannot be written as JSON (object)",
    ],
  ])("renderTemplate fails for a cell that has no text: %o", (cell, cause) => {
    const error = errorOf("$cell", { cell }, 0);
    expect(error.code).toBe("TEMPLATE_FAILED");
    expect(error.message).toBe(`Cannot render the template of row 1: "cell" ${cause}`);
  });
});
