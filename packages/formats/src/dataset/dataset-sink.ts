import { join, relative } from "node:path";
import {
  aFunction,
  checkArgument,
  checkOptions,
  required,
  texts,
  wholeNumber,
  type OptionChecks,
} from "@parallel-parrot/core";
import { filePath } from "../file-path.ts";
import { parquetEncoder, PARQUET_SINK_OPTIONS, type ParquetSinkOptions } from "../parquet/parquet-sink.ts";
import { aPath } from "../path-checks.ts";
import type { BeforeNaming } from "../parts/naming-gate.ts";
import { openParts, partsSink, type PartFile, type Parts, type PartsSink } from "../parts/parts-sink.ts";
import { someShares, splitter, type SplitShares } from "../parts/splitter.ts";
import { asUnwritable } from "../sink/output-errors.ts";
import { datasetCard } from "./dataset-card.ts";
import { CARD, DATA, DatasetFolder } from "./dataset-folder.ts";
import { ShardPart } from "./shard-part.ts";

/** What Hugging Face makes of a dataset by default. */
const SHARD_BYTES = 500_000_000;

/** Options of {@linkcode openDataset}. */
export interface DatasetOptions extends Omit<ParquetSinkOptions, "compression" | "beforeNaming"> {
  /** The share of the rows that each split gets, by its name. @default one split, `train` */
  readonly split?: SplitShares;
  /**
   * Columns of the input by which rows are shared out: rows that are equal there stay together. @default all columns
   */
  readonly splitBy?: readonly string[];
  /** A shard that has so many bytes is followed by another; it is longer by a row group at most. @default 500 MB */
  readonly shardBytes?: number;
  /**
   * Called with the path of each complete file and the path that it will have, once all are complete. Where it
   * rejects, the folder does not get its name, and the stream fails with that.
   */
  readonly beforeNaming?: BeforeNaming;
}

const { compression: _, ...PARQUET } = PARQUET_SINK_OPTIONS;

const DATASET_OPTIONS: OptionChecks<DatasetOptions> = {
  ...PARQUET,
  beforeNaming: aFunction,
  split: someShares,
  splitBy: texts,
  shardBytes: wholeNumber(1),
};

/**
 * Opens a sink that writes a folder as `datasets.load_dataset(folder)` and the Hugging Face Hub read it: Parquet files
 * such as `data/train-00000-of-00003.parquet`, and a README.md that names them. The folder grows as `partial`, or
 * hidden beside its name, and gets the name when everything is in it. With `overwrite` it takes the place of an earlier
 * dataset, but never of a folder that holds anything else.
 */
export async function openDataset(folder: string | URL, options: DatasetOptions = {}): Promise<PartsSink> {
  checkArgument("openDataset", "folder", folder, required(aPath, "a path or a file URL"));
  checkOptions("openDataset", options, DATASET_OPTIONS);
  const { split = { train: 1 }, splitBy } = options;
  const sink = partsSink(openSplits(filePath(folder), split, options), splitter(split, splitBy));
  await sink.opened;
  return sink;
}

async function openSplits(folder: string, split: SplitShares, options: DatasetOptions): Promise<Parts> {
  const { overwrite = false, partial, replacePartial = false, shardBytes = SHARD_BYTES } = options;
  const growing = await DatasetFolder.open({
    folder,
    overwrite,
    partial: partial === undefined ? undefined : filePath(partial),
    replacePartial,
  });
  const parts: ShardPart[] = [];
  try {
    for (const name of Object.keys(split)) {
      parts.push(
        await ShardPart.open({
          split: name,
          folder: growing.dataPath,
          shardBytes,
          stays: growing.stays,
          onUnwritable: options.onUnwritable,
          createEncoder: () => parquetEncoder(options),
        }),
      );
    }
  } catch (error) {
    for (const part of parts) await part.abort(error);
    await growing.clear();
    throw error;
  }
  return openParts(new Map(parts.map((part) => [part.split, part])), {
    async finish() {
      for (const part of parts) await part.end();
      return finish(folder, { growing, parts, beforeNaming: options.beforeNaming });
    },
    clear: () => growing.clear(),
  });
}

interface Complete {
  readonly growing: DatasetFolder;
  readonly parts: readonly ShardPart[];
  readonly beforeNaming: BeforeNaming | undefined;
}

/** Names the files of complete parts, says what they are, and gives the folder its name. */
async function finish(
  folder: string,
  { growing, parts, beforeNaming }: Complete,
): Promise<readonly PartFile[]> {
  const files: PartFile[] = [];
  try {
    for (const part of await withRows(parts)) {
      for (const { name, rows } of await part.nameShards())
        files.push({ path: join(folder, DATA, name), part: part.split, rows });
    }
  } catch (error) {
    throw asUnwritable(folder, error);
  }
  await growing.writeCard(datasetCard(folder, files));
  const within = [...files.map(({ path }) => relative(folder, path)), CARD];
  for (const path of within) await beforeNaming?.(join(growing.path, path), join(folder, path));
  await growing.commit();
  return files;
}

/** The splits that have rows: `load_dataset` refuses a whole folder for one that has none. All of them where none has. */
async function withRows(parts: readonly ShardPart[]): Promise<readonly ShardPart[]> {
  const filled = parts.filter(({ rows }) => rows > 0);
  if (filled.length === 0) return parts;
  for (const part of parts) if (part.rows === 0) await part.remove();
  return filled;
}
