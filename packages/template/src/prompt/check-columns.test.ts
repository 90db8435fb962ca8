import { describe, expect, it } from "vitest";
import { checkColumns, columnsOf, template, type PromptTemplate } from "../index.ts";

describe("columnsOf", () => {
  it.each<[prompt: PromptTemplate, columns: string[]]>([
    ["$a ${b c} $$d $a ${e:-x} ${f.0.g}", ["a", "b c", "f.0.g"]],
    [template`${"a}"}`, ["a}"]],
    [{ system: "$a", examples: [{ user: "$b", assistant: "$c" }], user: "$d $a" }, ["a", "b", "c", "d"]],
    [
      {
        messages: [
          { role: "system", content: () => "$x" },
          { role: "user", content: "$a" },
        ],
      },
      ["a"],
    ],
    [() => "$a", []],
  ])("columnsOf gives the columns that %j needs", (prompt, columns) => {
    expect(columnsOf(prompt)).toEqual(columns);
  });
});

describe("checkColumns", () => {
  it("checkColumns accepts an input with all columns, or with the first segment of a path", () => {
    checkColumns("$a ${b.c} ${d.e} ${f:-x}", ["a", "b", "d.e"]);
    expect(() => checkColumns("${b.c}", ["c"])).toThrow(expect.objectContaining({ column: "b.c" }));
  });

  it.each([
    ["txt", '"txt" (did you mean "text"?)'],
    ["product_name", '"product_name" (did you mean "Product name"?)'],
    ["idd", '"idd" (did you mean "id"?)'],
    ["TEXT", '"TEXT" (did you mean "text"?)'],
    ["headline", '"headline"'],
    ["x".repeat(1000), `"${"x".repeat(60)}…"`],
  ])("checkColumns suggests the nearest names for %s", (name, described) => {
    expect(() => checkColumns(`$${name}`, ["id", "text", "Product name"])).toThrow(
      expect.objectContaining({
        code: "MISSING_COLUMN",
        column: name,
        message: `Cannot fill the template: no column ${described}; the columns are "id", "text", "Product name"`,
      }),
    );
  });

  it("checkColumns names all missing columns", () => {
    expect(() => checkColumns("$a $b", [])).toThrow('no column "a", "b"; the columns are (none)');
  });
});
