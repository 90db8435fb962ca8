import { isAbsolute, join, normalize, sep } from "node:path";
import {
  aBoolean,
  aFunction,
  checkArgument,
  checkOptions,
  expecting,
  required,
  type Item,
  type OptionCheck,
  type OptionChecks,
} from "@parallel-parrot/core";
import { filePath } from "../file-path.ts";
import { aPath } from "../path-checks.ts";
import { openFileSeries, type FileSeriesOptions } from "./file-series.ts";
import { partsSink, type PartsSink } from "./parts-sink.ts";

/** Options of {@linkcode openFolderSink}. */
export interface FolderSinkOptions extends FileSeriesOptions {
  /**
   * Which of the files a row of the input belongs to, counted from 0. All that is made of the row goes there. It is
   * never a file before that of the row before.
   */
  readonly fileOf: (item: Item) => number;
}

const filesOfFolder: OptionCheck = required(
  expecting(
    "a list of different paths in the folder, such as 2024/a.csv",
    (value) =>
      Array.isArray(value) &&
      value.every((file) => isWithin(file)) &&
      new Set(value.map((file) => normalize(file))).size === value.length,
  ),
  "the files in the folder",
);

const FOLDER_SINK_OPTIONS: OptionChecks<FolderSinkOptions> = {
  files: filesOfFolder,
  fileOf: required(aFunction, "a function that tells the file of a row"),
  optionsOf: aFunction,
  overwrite: aBoolean,
  onUnwritable: aFunction,
  beforeNaming: aFunction,
};

/**
 * Opens a sink of the files in a folder, such as one for each of several inputs. Rows come file by file, and one file
 * is open at a time. It gets its name when the first row of the next one comes, whole; a file without rows is written
 * too. The folder is made, and those in it. Rejects before the first row where one of the files could not be written.
 */
export async function openFolderSink(folder: string | URL, options: FolderSinkOptions): Promise<PartsSink> {
  checkArgument("openFolderSink", "folder", folder, required(aPath, "a path or a file URL"));
  checkOptions("openFolderSink", options, FOLDER_SINK_OPTIONS);
  const { files, fileOf } = options;
  const path = filePath(folder);
  const sink = partsSink(openFileSeries(path, options), (_, item) => {
    const file = item === undefined ? undefined : files[fileOf(item)];
    if (file === undefined)
      throw new TypeError("Cannot write a row: it is not known which file it belongs to");
    return file;
  });
  await sink.opened;
  return sink;
}

function isWithin(file: unknown): boolean {
  if (typeof file !== "string" || file === "" || isAbsolute(file)) return false;
  const path = normalize(file);
  return path !== "." && path !== ".." && !path.startsWith(`..${sep}`) && join(path, ".") === path;
}
