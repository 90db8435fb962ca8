import { describe, expect, it } from "vitest";
import { outputPlaceOf, type PlaceOptions } from "./output-place.ts";

const INPUTS = { inputs: ["in/2024/a.csv.gz", "in/b.tsv"], folders: ["in"] };
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
    [
      "a file for each input",
      { output: "-", outputDir: "out", to: "csv" },
      {
        kind: "folder",
        names: ["out/2024/a.csv.gz", "out/b.csv"],
        partials: ["out/2024/a.partial.csv.gz", "out/b.partial.csv"],
        option: "--output-dir",
      },
    ],
  ])("the place of an output is %s, with the names that it will take", (_, options, place) => {
    expect(outputPlaceOf(options, INPUTS)).toMatchObject(place);
  });

  it.each<[string, PlaceOptions, string]>([
    ["a dataset and a file", { output: "out.csv", datasetDir: "docs" }, "--dataset-dir"],
    ["a dataset of CSV", { output: "-", datasetDir: "docs", to: "csv" }, "--to"],
    ["a dataset without a name", { output: "-", datasetDir: "" }, "--dataset-dir"],
    ["splits of standard output", { output: "-", split: SPLIT }, "--split"],
    ["columns to split by and no shares", { output: "out.csv", splitBy: ["id"] }, "--split-by"],
    ["a file for each input and one", { output: "out.csv", outputDir: "out" }, "--output-dir"],
    [
      "a file for each input and a dataset",
      { output: "-", outputDir: "out", datasetDir: "d" },
      "--output-dir",
    ],
    ["a file for each input, split", { output: "-", outputDir: "out", split: SPLIT }, "--split"],
    [
      "a file for each input as they are done",
      { output: "-", outputDir: "out", order: "completion" },
      "--order",
    ],
    ["shards of a file", { output: "out.csv", shardSize: 5 }, "--shard-size"],
  ])("the place of an output cannot be %s", (_, options, option) => {
    expect(() => outputPlaceOf(options, INPUTS)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", option }),
    );
  });
});
