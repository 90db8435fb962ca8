import { relative } from "node:path";
import type { Item } from "@parallel-parrot/core";
import {
  openDataset,
  openFolderSink,
  openSink,
  openSplitSink,
  type BeforeNaming,
  type DatasetOptions,
  type OpenSinkOptions,
  type PartsSink,
  type RowSink,
} from "@parallel-parrot/formats";
import type { OutputPlace, PlaceOptions } from "./output-place.ts";

/** How the rows of an input are written. */
export interface RowsOut {
  /** Their columns, or those with their types. */
  readonly columns: Pick<DatasetOptions, "columns" | "columnTypes">;
  /** Options of the format, for places that may have any. */
  readonly format: Omit<OpenSinkOptions, "beforeNaming" | "onUnwritable" | "overwrite">;
}

/** How the sink of a place is opened. */
interface OpenPlaceOptions {
  /** Options of any sink. */
  readonly sink: Pick<DatasetOptions, "overwrite" | "replacePartial" | "onUnwritable">;
  /** How all rows are written. */
  readonly all: RowsOut;
  /** How those of one of the inputs are written that has an output of its own. */
  readonly ofInput: (input: number) => Promise<RowsOut>;
  /** Which of the inputs a row is from. */
  readonly inputOf: (item: Item) => number;
  /** Whether the rows grow where they can be followed, and stay when a run ends early. */
  readonly isFollowed: boolean;
  /** Is told of each complete file, and of the name that it is about to get. */
  readonly beforeNaming?: BeforeNaming;
}

/** A megabyte, as the sizes of files are told. */
const MEGABYTE = 1e6;

/** Opens the sink of a place. */
export async function openPlaceSink(
  place: OutputPlace,
  { split, splitBy, shardSize }: PlaceOptions,
  opening: OpenPlaceOptions,
): Promise<RowSink | PartsSink> {
  const { kind, path, partial } = place;
  if (kind === "folder") return openEach(place, opening);
  const { sink, all, isFollowed, beforeNaming } = opening;
  const { format } = all;
  const options = { ...sink, ...all.columns, ...(isFollowed && kind !== "stream" ? { partial } : {}) };
  if (kind === "file" || kind === "stream") {
    return openSink(path, {
      ...options,
      ...format,
      ...(beforeNaming === undefined
        ? {}
        : { beforeNaming: (complete: string) => beforeNaming(complete, path) }),
    });
  }
  const parts = {
    ...options,
    ...(beforeNaming === undefined ? {} : { beforeNaming }),
    ...(splitBy === undefined ? {} : { splitBy }),
  };
  if (kind === "splits") return openSplitSink(path, { ...parts, ...format, split: split ?? {} });
  return openDataset(path, {
    ...parts,
    ...(split === undefined ? {} : { split }),
    ...(shardSize === undefined ? {} : { shardBytes: Math.max(1, Math.round(shardSize * MEGABYTE)) }),
  });
}

/** Opens the folder of the outputs that inputs have, each its own. */
function openEach(
  { path, names, partials }: OutputPlace,
  { sink, ofInput, inputOf, isFollowed, beforeNaming }: OpenPlaceOptions,
): Promise<PartsSink> {
  const { replacePartial, ...options } = sink;
  return openFolderSink(path, {
    ...options,
    ...(beforeNaming === undefined ? {} : { beforeNaming }),
    files: names.map((name) => relative(path, name)),
    fileOf: inputOf,
    async optionsOf(file) {
      const { columns, format } = await ofInput(file);
      const partial = isFollowed ? partials[file] : undefined;
      return {
        ...columns,
        ...format,
        ...(partial === undefined ? {} : { partial }),
        ...(replacePartial === undefined ? {} : { replacePartial }),
      };
    },
  });
}
