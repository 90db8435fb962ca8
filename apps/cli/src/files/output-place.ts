import { ParrotError } from "@parallel-parrot/core";
import { splitPath, type SplitShares } from "@parallel-parrot/formats";
import type { WritingOptions } from "../flags/options.ts";
import { partialName } from "./formats-of.ts";

/** The options that say where rows go; the command line of a test may leave some out. */
export type PlaceOptions = Pick<WritingOptions, "output"> &
  Partial<Pick<WritingOptions, "datasetDir" | "split" | "splitBy" | "shardSize" | "to">>;

/** Where the rows of a command go. */
export interface OutputPlace {
  /** Standard output, a file, a file for each split, or the folder of a dataset. */
  readonly kind: "stream" | "file" | "splits" | "dataset";
  /** The name on the command line; `-` is standard output. */
  readonly path: string;
  /** The option that gives it another name. */
  readonly option: "-o" | "--dataset-dir";
  /** The files, or the folder, that get their names in the end. */
  readonly names: readonly string[];
  /** The unfinished file in which rows grow; of `out.csv` that is split, the name from which those of its splits follow. */
  readonly partial: string;
  /** What rows grow in, as it lies there when a run ends early. */
  readonly partials: readonly string[];
}

/**
 * Where the rows of a command go, by its options.
 *
 * @throws ParrotError `INVALID_OPTION` for options that contradict each other
 */
export function outputPlaceOf(options: PlaceOptions): OutputPlace {
  requireSense(options);
  const path = outputNameOf(options);
  const partial = partialName(path);
  const { datasetDir, split } = options;
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

/** The name of the output on the command line, of whatever kind it is. */
export function outputNameOf({ output, datasetDir }: Pick<PlaceOptions, "output" | "datasetDir">): string {
  return datasetDir ?? output;
}

function pathsOf(path: string, split: SplitShares): readonly string[] {
  return Object.keys(split).map((name) => splitPath(path, name));
}

function requireSense({ output, datasetDir, split, splitBy, shardSize, to }: PlaceOptions): void {
  if (datasetDir === undefined) {
    if (shardSize !== undefined)
      throw senseless("--shard-size", "only a dataset has shards; name its folder with --dataset-dir");
    if (split !== undefined && output === "-")
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

function senseless(option: string, why: string): ParrotError {
  return new ParrotError("INVALID_OPTION", `Cannot use ${option}: ${why}`, { option });
}
