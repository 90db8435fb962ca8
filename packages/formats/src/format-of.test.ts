import { describe, expect, it } from "vitest";
import { formatOf, openSource } from "./index.ts";

describe("formatOf", () => {
  it.each([
    ["data.csv", "csv", "none"],
    ["data.TSV", "tsv", "none"],
    ["a/b.c/data.jsonl", "jsonl", "none"],
    ["data.ndjson", "jsonl", "none"],
    ["data.json", "json", "none"],
    ["data.csv.gz", "csv", "gzip"],
    ["data.v2.jsonl.zst", "jsonl", "zstd"],
    ["data.JSON.GZ", "json", "gzip"],
    ["data.csv.bz2", "csv", "bzip2"],
    [".csv", "csv", "none"],
  ])("formatOf reads %s as %s, compression %s", (path, format, compression) => {
    expect(formatOf(path)).toEqual({ format, compression });
  });

  it.each(["data", "data.txt", "data.gz", "csv", "data.csv/", "data.bz2", "-", "", "data.constructor"])(
    "formatOf does not know %j, and lists what it knows",
    (path) => {
      expect(() => formatOf(path)).toThrow(
        expect.objectContaining({
          code: "UNKNOWN_FORMAT",
          option: "format",
          message: expect.stringMatching(
            /\.csv, \.tsv, \.jsonl, \.ndjson, \.json.*\.gz, \.zst or \.bz2.*option format/,
          ),
        }),
      );
    },
  );

  it("openSource refuses a format that does not exist", () => {
    const format = JSON.parse('"xml"');
    expect(() => openSource("data.csv", { format })).toThrow(
      expect.objectContaining({ code: "UNKNOWN_FORMAT", message: expect.stringContaining('"xml"') }),
    );
  });
});
