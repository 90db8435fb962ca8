import { ParrotError } from "@parallel-parrot/core";
import { join } from "node:path";
import { splitPath, type SplitShares } from "@parallel-parrot/formats";
import type { GenerateOptions, WritingOptions } from "../flags/options.ts";
import { partialName } from "./formats-of.ts";
import { outputFilesOf, type PlacedInputs } from "./output-files.ts";

/** The options that say where rows go; the command line of a test may leave some out. */
export type PlaceOptions = Pick<WritingOptions, "output"> &
  Partial<Pick<WritingOptions, "outputDir" | "datasetDir" | "split" | "splitBy" | "shardSize" | "to">> &
  Partial<Pick<GenerateOptions, "order">>;

/** Where the rows of a command go. */
export interface OutputPlace {
  /** Standard output, a file, a file for each split, the folder of a dataset, or one of a file for each input. */
  readonly kind: "stream" | "file" | "splits" | "dataset" | "folder";
  /** The name on the command line; `-` is standard output. */
  readonly path: string;
  /** The option that gives it another name. */
  readonly option: "-o" | "--dataset-dir" | "--output-dir";
  /** The files, or the folder, that get their names in the end. */
  readonly names: readonly string[];
  /** The unfinished file in which rows grow; of `out.csv` that is split, the name from which those of its splits follow. */
  readonly partial: string;
  /** What rows grow in, as it lies there when a run ends early. */
  readonly partials: readonly string[];
}

/**
 * Where the rows of a command go, by its options and, with one output for each input, by the names of its inputs.
 *
 * @throws ParrotError `INVALID_OPTION` for options that contradict each other
 */
export function outputPlaceOf(options: PlaceOptions, inputs: PlacedInputs): OutputPlace {
  requireSense(options);
  const path = outputNameOf(options);
  const partial = partialName(path);
  const { datasetDir, outputDir, split, to } = options;
  if (outputDir !== undefined) {
    const names = outputFilesOf(inputs, to).map((file) => join(outputDir, file));
    const partials = names.map((name) => partialName(name));
    return { kind: "folder", path, option: "--output-dir", names, partial, partials };
  }
  if (datasetDir !== undefined)
    return { kind: "dataset", path, option: "--dataset-dir", names: [path], partial, partials: [partial] };
  if (path === "-") return { kind: "stream", path, option: "-o", names: [], partial, partials: [] };
  if (split === undefined)
    return { kind: "file", path, option: "-o", names: [path], partial, partials: [partial] };
  return {
    kind: "splits",
    path,
    option: "-o",
    names: pathsOf(path, split),
    partial,
    partials: pathsOf(partial, split),
  };
}

/** Whether a place has one name for all that is written, and its summary tells that. */
export function isOneName({ kind }: OutputPlace): boolean {
  return kind !== "stream" && kind !== "splits";
}

/** The name of the output on the command line, of whatever kind it is. */
export function outputNameOf({
  output,
  datasetDir,
  outputDir,
}: Pick<PlaceOptions, "output" | "datasetDir" | "outputDir">): string {
  return outputDir ?? datasetDir ?? output;
}

function pathsOf(path: string, split: SplitShares): readonly string[] {
  return Object.keys(split).map((name) => splitPath(path, name));
}

function requireSense(options: PlaceOptions): void {
  const { output, datasetDir, outputDir, split, splitBy, shardSize, to } = options;
  if (outputDir !== undefined) requireOneForEach(outputDir, options);
  if (datasetDir === undefined) {
    if (shardSize !== undefined)
      throw senseless("--shard-size", "only a dataset has shards; name its folder with --dataset-dir");
    if (split !== undefined && output === "-" && outputDir === undefined)
      throw senseless("--split", "its files need a name; give one with -o, or a folder with --dataset-dir");
  } else {
    if (datasetDir === "") throw senseless("--dataset-dir", "it is empty; name a folder");
    if (output !== "-") throw senseless("--dataset-dir", "the rows go to -o already; give only one of them");
    if (to !== undefined && to !== "parquet")
      throw senseless("--to", "the files of --dataset-dir are Parquet; leave --to out");
  }
  if (splitBy !== undefined && split === undefined)
    throw senseless("--split-by", "rows are not split; give shares with --split, such as train=0.9,test=0.1");
}

function requireOneForEach(
  outputDir: string,
  { output, datasetDir, split, order = "input" }: PlaceOptions,
): void {
  if (outputDir === "") throw senseless("--output-dir", "it is empty; name a folder");
  if (output !== "-") throw senseless("--output-dir", "the rows go to -o already; give only one of them");
  if (datasetDir !== undefined)
    throw senseless("--output-dir", "the rows go to --dataset-dir already; give only one of them");
  if (split !== undefined)
    throw senseless("--split", "with --output-dir each input has one output; give only one of them");
  if (order !== "input")
    throw senseless(
      "--order",
      "the outputs of --output-dir are written one after the other, in the order of the inputs; leave --order out",
    );
}

function senseless(option: string, why: string): ParrotError {
  return new ParrotError("INVALID_OPTION", `Cannot use ${option}: ${why}`, { option });
}
