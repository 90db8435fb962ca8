import { stringify } from "csv-stringify/sync";
import { array, assert, constantFrom, oneof, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { csvRecord } from "./csv-record.ts";

const cell = oneof(
  string({ unit: "binary" }),
  array(constantFrom('"', ",", ";", "\t", "\n", "\r\n", "\r", " ", "\uFEFF", "\u2028", "a"), {
    maxLength: 4,
  }).map((parts) => parts.join("")),
);

describe("csvRecord", () => {
  it("writes what csv-stringify writes", () => {
    const dialects = constantFrom(
      { delimiter: ",", recordDelimiter: "\n" },
      { delimiter: ";", recordDelimiter: "\r\n" },
      { delimiter: "\t", recordDelimiter: "\n" },
    );
    assert(
      property(array(cell, { minLength: 1, maxLength: 6 }), dialects, (cells, dialect) => {
        const expected = stringify([cells], {
          delimiter: dialect.delimiter,
          record_delimiter: dialect.recordDelimiter,
          quote_record_delimiter: true,
          quoted_empty: cells.length === 1,
          quoted_match: [/^\uFEFF/],
        });
        expect(csvRecord(cells, dialect)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it("writes no cells as an empty one", () => {
    expect(csvRecord([], { delimiter: ",", recordDelimiter: "\n" })).toBe('""\n');
  });
});
