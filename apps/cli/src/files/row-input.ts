import { stat } from "node:fs/promises";
import {
  formatOf,
  openSource,
  type Format,
  type InputDigest,
  type RowSource,
} from "@parallel-parrot/formats";
import type { ReadingOptions } from "../flags/options.ts";
import { sourceOptionsOf } from "./source-options.ts";

/** The rows that a command reads. It may open them several times: to learn the columns, then for the run. */
export interface RowInput {
  /** What it is called in messages. */
  readonly name: string;
  readonly format: Format;
  /** Opens the rows from the first on. Nothing is read before the first read. */
  open(options?: OpenOptions): RowSource;
  /** Whether it can be read twice, which a pipe cannot. A missing file passes: opening it tells of that. */
  canBeReadAgain(): Promise<boolean>;
}

interface OpenOptions {
  /** Gets the digest once the input was read to its end. */
  readonly onDigest?: (digest: InputDigest) => void;
}

/** The rows of the input that a command line names, as its options read them. */
export function rowInput(input: string, options: ReadingOptions): RowInput {
  const format = options.from ?? formatOf(input).format;
  return {
    name: input,
    format,
    open: (more) => openSource(input, { format, ...sourceOptionsOf(options), ...more }),
    canBeReadAgain: () => isFileOrMissing(input),
  };
}

async function isFileOrMissing(input: string): Promise<boolean> {
  if (input === "-") return false;
  const status = await stat(input).catch(() => undefined);
  return status === undefined || status.isFile() || status.isDirectory();
}
