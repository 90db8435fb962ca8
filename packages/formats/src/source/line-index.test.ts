import { array, assert, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { LineIndex } from "./line-index.ts";
import { openSource } from "../open-source.ts";

describe("LineIndex", () => {
  it("LineIndex knows every line while there is room, and of the latest rows otherwise", () => {
    assert(
      property(
        array(integer({ min: 1, max: 3 }), { maxLength: 200 }),
        integer({ min: 1, max: 20 }),
        (heights, maxSteps) => {
          const index = new LineIndex(maxSteps);
          const lines: number[] = [];
          let line = 2;
          for (const height of heights) {
            lines.push(line);
            index.add(line);
            line += height;
          }
          const found = lines.map((_, row) => index.lineOf(row));
          const firstKnown = found.findIndex((each) => each !== undefined);
          const known = firstKnown === -1 ? lines.length : firstKnown;
          expect(found.slice(known)).toEqual(lines.slice(known));
          expect(lines.length === 0 || known < lines.length).toBe(true);
          const steps = lines.filter((each, row) => row === 0 || each !== (lines[row - 1] ?? 0) + 1).length;
          expect(known === 0 || steps > maxSteps).toBe(true);
          expect(index.lineOf(lines.length)).toBe(undefined);
        },
      ),
    );
  });
});

describe("the line of a row", () => {
  it.each([
    ["csv", 'a,b\n1,x\n\n2,"two\nlines"\r\n3,y\n', [2, 4, 6]],
    ["csv", '"a\nb"\n1\n2\n', [3, 4]],
    ["tsv", "a\tb\n1\tx\n2\ty\n", [2, 3]],
    ["jsonl", '{"a":1}\n\n\n{"a":2}\n{"a":3}', [1, 4, 5]],
    ["json", '[\n {"a":1},\n {\n  "a":2}, {"a":3}\n]', [2, 3, 4]],
  ] as const)("a source of %s tells the line of each of its rows: %j", async (format, text, lines) => {
    const source = openSource(ReadableStream.from([text]), { format });
    expect(source.lineOf(0)).toBe(undefined);
    let rows = 0;
    for await (const _row of source) {
      expect(source.lineOf(rows)).toBe(lines[rows]);
      rows += 1;
    }
    expect(rows).toBe(lines.length);
    expect(source.file).toBe(undefined);
  });
});
