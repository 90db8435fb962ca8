import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readElements } from "./read-elements.ts";

const OPTIONS = { longNumbers: "bigint", maxOutputsPerRow: 100 } as const;

const elementsIn = (cell: unknown): unknown => {
  const reading = readElements(cell, OPTIONS);
  return reading.ok ? reading.elements : reading.problem;
};

describe("readElements", () => {
  it.each<[cell: unknown, elements: unknown[]]>([
    ['[{"q":1},"a"]', [{ q: 1 }, "a"]],
    [[{ q: 1 }], [{ q: 1 }]],
    ['{"q":1}', [{ q: 1 }]],
    ['[{"id":1234567890123456789}]', [{ id: 1234567890123456789n }]],
    ["null", []],
    [" \n", []],
    [undefined, []],
  ])("readElements reads the elements of %o without repairing it", (cell, elements) => {
    expect(readElements(cell, OPTIONS)).toEqual({ ok: true, elements, isRepaired: false });
  });

  it.each<[cell: string, elements: unknown[]]>([
    ["[{'q': 'a', 'n': None, 'ok': True}]", [{ q: "a", n: null, ok: true }]],
    ["{'q': 'a'}", [{ q: "a" }]],
    ["['a', 'b', None]", ["a", "b", null]],
    ['```json\n[{"q":1}]\n```', [{ q: 1 }]],
    ['```json\n["a","b"]\n```', ["a", "b"]],
    ['Here they are: [{"q":1}] Done.', [{ q: 1 }]],
    ['{"q":1}\n{"q":2}', [{ q: 1 }, { q: 2 }]],
    ['[{"q":1,}]', [{ q: 1 }]],
    ['"[{\\"q\\":1}]"', [{ q: 1 }]],
  ])("readElements reads %j as the answer of a model, and says that it was repaired", (cell, elements) => {
    expect(readElements(cell, OPTIONS)).toEqual({ ok: true, elements, isRepaired: true });
  });

  it.each<[cell: string, elements: unknown[], rounded: string | undefined, asText: unknown[]]>([
    ["[1.10]", [1.1], undefined, [1.1]],
    ["[0.1234567890123456789]", [0.12345678901234568], "0.1234567890123456789", ["0.1234567890123456789"]],
    [
      '{"id":1234567890123456789}',
      [{ id: 1_234_567_890_123_456_789n }],
      undefined,
      [{ id: "1234567890123456789" }],
    ],
    ["[1e400]", ["1e400"], undefined, ["1e400"]],
    ['"[1234567890123456789]"', [1_234_567_890_123_456_789n], undefined, ["1234567890123456789"]],
  ])(
    "readElements reads the numbers of %s exactly, tells of those that it rounds, or gives text",
    (cell, elements, rounded, asText) => {
      const isRepaired = cell.startsWith('"');
      expect(readElements(cell, OPTIONS)).toEqual({ ok: true, elements, isRepaired, rounded });
      expect(readElements(cell, { ...OPTIONS, longNumbers: "text" })).toEqual({
        ok: true,
        elements: asText,
        isRepaired,
      });
    },
  );

  it.each<[cell: unknown, problem: string | RegExp]>([
    ["plain text", /JSON/],
    ["see [1] for details", /prose/],
    ["[1] and [2]", /prose/],
    ["[1] Smith, J. (2020)", /prose/],
    ["[sic]", /broken/],
    ['["a"] or ["b"]', /prose/],
    ['[{"q":1},{"q":', "it ends in the middle of the JSON"],
    ['{"q":1} and {"q":2} and {"q":3}', /separate JSON values/],
    ["5", "expected a list or an object, got number"],
    ['"text"', "expected a list or an object, got string"],
    [new Date(0), "expected a list or an object, got object"],
  ])("readElements refuses %j, which it would have to guess", (cell, problem) => {
    expect(elementsIn(cell)).toMatch(problem);
  });

  it("readElements never throws, and reads any JSON list as it is", () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.dictionary(fc.string(), fc.string())), (text, list) => {
        const cell = JSON.stringify(list);
        expect(readElements(cell, OPTIONS)).toEqual({
          ok: true,
          elements: JSON.parse(cell),
          isRepaired: false,
        });
        readElements(text, OPTIONS);
        readElements(`${cell.slice(0, -1)}${text}`, OPTIONS);
      }),
    );
  });
});
