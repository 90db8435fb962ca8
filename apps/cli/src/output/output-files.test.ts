import { describe, expect, it } from "vitest";
import type { Format } from "@parallel-parrot/formats";
import { outputFilesOf } from "./output-files.ts";

describe("the outputs of inputs", () => {
  it.each<[string, readonly string[], readonly string[], readonly string[]]>([
    ["in a folder that has folders", ["in/2024/a.csv", "in/b.csv"], ["in"], ["2024/a.csv", "b.csv"]],
    ["in a folder of a folder", ["in/2024/a.csv"], ["in"], ["2024/a.csv"]],
    ["in two folders", ["x/in/a.csv", "x/on/a.csv"], ["x/in", "x/on"], ["in/a.csv", "on/a.csv"]],
    ["in one folder", ["in/a.csv", "./in/b.csv"], ["in", "./in"], ["a.csv", "b.csv"]],
    ["in a folder and above it", ["in/2024/a.csv", "b.csv"], ["in/2024", "."], ["in/2024/a.csv", "b.csv"]],
    ["in folders without another in common", ["/x/a.csv", "/y/a.csv"], ["/x", "/y"], ["x/a.csv", "y/a.csv"]],
    ["at addresses", ["https://host/x/a%20b.csv?token=1", "in/a.csv"], ["in"], ["a b.csv", "a.csv"]],
    ["of kinds that are not written", ["in/a.csv.bz2", "in/b.xlsm"], ["in"], ["a.csv", "b.xlsx"]],
  ])("outputs are named after inputs %s", (_, inputs, folders, files) => {
    expect(outputFilesOf({ inputs, folders }, undefined)).toEqual(files);
  });

  it.each<[Format, string, string]>([
    ["jsonl", "a.csv", "a.jsonl"],
    ["jsonl", "2024/a.b.csv.GZ", "2024/a.b.jsonl.GZ"],
    ["jsonl", "a.ndjson.zst", "a.ndjson.zst"],
    ["parquet", "a.csv.gz", "a.parquet"],
    ["csv", "a.txt", "a.csv"],
    ["csv", "2024.old/a", "2024.old/a.csv"],
  ])("outputs in the format %s of %s are called %s", (to, input, file) => {
    expect(outputFilesOf({ inputs: [input], folders: ["."] }, to)).toEqual([file]);
  });

  it.each<[string, readonly string[], string]>([
    [
      "two inputs have one output",
      ["a.csv", "a.jsonl"],
      "a.csv and a.jsonl would both have the output a.csv",
    ],
    [
      "an address and a file have one output",
      ["https://host/x/a.csv?key", "a.csv"],
      "https://host/x/a.csv?… and a.csv",
    ],
    ["an input is standard input", ["-"], "standard input has no name"],
    ["an address names no file", ["https://host/"], "has no name of a file"],
    ["an address leads out of the folder", ["https://host/x%2f%2e%2e"], "has no name of a file"],
  ])("outputs are refused where %s", (_, inputs, message) => {
    expect(() => outputFilesOf({ inputs, folders: ["."] }, "csv")).toThrow(message);
  });
});
