import { describe, expect, it } from "vitest";
import { outputPlaceOf, type PlaceOptions } from "./output-place.ts";

const SPLIT = { train: 0.9, test: 0.1 };

describe("the place of an output", () => {
  it.each<[string, PlaceOptions, object]>([
    ["standard output", { output: "-" }, { kind: "stream", names: [], partials: [] }],
    [
      "a file",
      { output: "a/out.csv.gz" },
      { kind: "file", names: ["a/out.csv.gz"], partials: ["a/out.partial.csv.gz"] },
    ],
    [
      "a file for each split",
      { output: "out.csv", split: SPLIT },
      {
        kind: "splits",
        names: ["out.train.csv", "out.test.csv"],
        partials: ["out.partial.train.csv", "out.partial.test.csv"],
      },
    ],
    [
      "the folder of a dataset",
      { output: "-", datasetDir: "docs", split: SPLIT, to: "parquet" },
      { kind: "dataset", names: ["docs"], partials: ["docs.partial"], option: "--dataset-dir" },
    ],
  ])("the place of an output is %s, with the names that it will take", (_, options, place) => {
    expect(outputPlaceOf(options)).toMatchObject(place);
  });

  it.each<[string, PlaceOptions, string]>([
    ["a dataset and a file", { output: "out.csv", datasetDir: "docs" }, "--dataset-dir"],
    ["a dataset of CSV", { output: "-", datasetDir: "docs", to: "csv" }, "--to"],
    ["a dataset without a name", { output: "-", datasetDir: "" }, "--dataset-dir"],
    ["splits of standard output", { output: "-", split: SPLIT }, "--split"],
    ["columns to split by and no shares", { output: "out.csv", splitBy: ["id"] }, "--split-by"],
    ["shards of a file", { output: "out.csv", shardSize: 5 }, "--shard-size"],
  ])("the place of an output cannot be %s", (_, options, option) => {
    expect(() => outputPlaceOf(options)).toThrow(expect.objectContaining({ code: "INVALID_OPTION", option }));
  });
});
