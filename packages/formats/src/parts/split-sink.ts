import {
  checkArgument,
  checkOptions,
  ParrotError,
  required,
  texts,
  type OptionChecks,
} from "@parallel-parrot/core";
import { filePath } from "../file-path.ts";
import { extensionOf } from "../compression.ts";
import { OPEN_SINK_OPTIONS, openSink, type OpenSinkOptions } from "../open-sink.ts";
import { aPath } from "../path-checks.ts";
import { openNamedParts } from "./named-parts.ts";
import type { BeforeNaming } from "./naming-gate.ts";
import { partsSink, type PartsSink } from "./parts-sink.ts";
import { someShares, splitter, type SplitShares } from "./splitter.ts";

/** Options of {@linkcode openSplitSink}. */
export interface SplitSinkOptions extends Omit<OpenSinkOptions, "beforeNaming"> {
  /** The share of the rows that each split gets, by its name. */
  readonly split: SplitShares;
  /**
   * Columns of the input by which rows are shared out: rows that are equal there stay together, such as all that are
   * about one person. @default all columns
   */
  readonly splitBy?: readonly string[];
  /**
   * Called with the path of each complete file and the name that it will get, once all are complete. Where it rejects,
   * no file gets its name, and the stream fails with that.
   */
  readonly beforeNaming?: BeforeNaming;
}

const SPLIT_SINK_OPTIONS: OptionChecks<SplitSinkOptions> = {
  ...OPEN_SINK_OPTIONS,
  split: required(someShares, "an object of names and shares"),
  splitBy: texts,
};

/** The path of a split of an output: `out.train.csv` of `out.csv`. */
export function splitPath(path: string, split: string): string {
  const extension = extensionOf(path);
  return `${path.slice(0, path.length - extension.length)}.${split}${extension}`;
}

/**
 * Opens a sink that shares rows out among files: `out.csv` stands for `out.train.csv` and `out.test.csv`. A row is in
 * the split that a hash of its row of the input says, so all that is made of one row stays together, and a row is in
 * the same split in every run. The files get their names together, at the end.
 */
export async function openSplitSink(target: string | URL, options: SplitSinkOptions): Promise<PartsSink> {
  checkArgument("openSplitSink", "target", target, required(aPath, "a path or a file URL"));
  checkOptions("openSplitSink", options, SPLIT_SINK_OPTIONS);
  const { split, splitBy, beforeNaming, onUnwritable, partial, ...others } = options;
  const path = filePath(target);
  if (path === "-") throw notAFile();
  const files = Object.keys(split).map((name) => ({ part: name, path: splitPath(path, name) }));
  const opening = openNamedParts(files, {
    onUnwritable,
    beforeNaming,
    open: (file, hooks) =>
      openSink(file.path, {
        ...others,
        ...(partial === undefined ? {} : { partial: splitPath(filePath(partial), file.part) }),
        ...hooks,
      }),
  });
  const sink = partsSink(opening, splitter(split, splitBy));
  await sink.opened;
  return sink;
}

function notAFile(): ParrotError {
  return new ParrotError(
    "INVALID_OPTION",
    "Cannot split the rows of standard output: they go to several files; name a file for the output",
    { option: "target" },
  );
}
