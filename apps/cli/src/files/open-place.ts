import {
  openDataset,
  openSink,
  openSplitSink,
  type BeforeNaming,
  type DatasetOptions,
  type OpenSinkOptions,
  type PartsSink,
  type RowSink,
} from "@parallel-parrot/formats";
import type { OutputPlace, PlaceOptions } from "./output-place.ts";

/** How the sink of a place is opened. */
interface OpenPlaceOptions {
  /** Options of any sink. */
  readonly sink: Pick<
    DatasetOptions,
    "columns" | "columnTypes" | "overwrite" | "replacePartial" | "onUnwritable"
  >;
  /** Options of the format, for places that may have any. */
  readonly format: OpenSinkOptions;
  /** Whether the rows grow where they can be followed, and stay when a run ends early. */
  readonly isFollowed: boolean;
  /** Is told of each complete file, and of the name that it is about to get. */
  readonly beforeNaming?: BeforeNaming;
}

/** A megabyte, as the sizes of files are told. */
const MEGABYTE = 1e6;

/** Opens the sink of a place. */
export async function openPlaceSink(
  { kind, path, partial }: OutputPlace,
  { split, splitBy, shardSize }: PlaceOptions,
  { sink, format, isFollowed, beforeNaming }: OpenPlaceOptions,
): Promise<RowSink | PartsSink> {
  const options = { ...sink, ...(isFollowed && kind !== "stream" ? { partial } : {}) };
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
