import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { ParrotError } from "@parallel-parrot/core";
import {
  extensionOf,
  formatOf,
  isAddress,
  isKnownName,
  shownAddress,
  traitsOf,
  type Format,
} from "@parallel-parrot/formats";

/** The inputs of a command, as far as the names of its outputs follow from them. */
export interface PlacedInputs {
  /** The files and addresses, in their order. */
  readonly inputs: readonly string[];
  /** The folders that were named, those in which patterns look, and those of files. */
  readonly folders: readonly string[];
}

/**
 * The outputs of a command that has one for each input, in their order, as paths in the folder of the outputs. Each is
 * named after its input: below the folder that all inputs have in common, the folders are kept.
 *
 * @throws ParrotError `INVALID_OPTION` for an input without a name, and for two that have the same output
 */
export function outputFilesOf({ inputs, folders }: PlacedInputs, to: Format | undefined): readonly string[] {
  const common = commonFolder(folders.map((folder) => resolve(folder)));
  const named = new Map<string, string>();
  for (const input of inputs) {
    const file = inFormat(isAddress(input) ? fileOfAddress(input) : fileIn(common, input), to);
    const other = named.get(file);
    if (other !== undefined)
      throw unfit(
        `${shownAddress(other)} and ${shownAddress(input)} would both have the output ${file}; rename one of them, or write them to two folders`,
      );
    named.set(file, input);
  }
  return [...named.keys()];
}

/** The folder that all of these are or are in. */
function commonFolder([first = "", ...others]: readonly string[]): string {
  let common = first.split(sep);
  for (const other of others) {
    const parts = other.split(sep);
    const end = common.findIndex((part, place) => part !== parts[place]);
    if (end >= 0) common = common.slice(0, end);
  }
  return common.join(sep) || sep;
}

function fileIn(folder: string, input: string): string {
  if (input === "-") throw unfit("standard input has no name for its output; name files, or give -o");
  return relative(folder, resolve(input));
}

function fileOfAddress(address: string): string {
  const { pathname } = new URL(address);
  const file = basename(decoded(pathname));
  if (/^\.{0,2}$|\p{Cc}|[\\:]/u.test(file))
    throw unfit(`${shownAddress(address)} has no name of a file in it; save it as a file and name that`);
  return file;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The extensions of what can be read and not written, with that which is written in their place. */
const READ_ONLY: readonly (readonly [extension: RegExp, written: string])[] = [
  [/\.bz2$/i, ""],
  [/\.xlsm$/i, ".xlsx"],
];

/** The name of a file in another format: `a.jsonl.gz` of `a.csv.gz`, `a.parquet` of it where that is not text. */
function inFormat(input: string, to: Format | undefined): string {
  const file = READ_ONLY.reduce((name, [extension, written]) => name.replace(extension, written), input);
  if (to === undefined || (isKnownName(file) && formatOf(file).format === to)) return file;
  const { extensions, isText } = traitsOf(to);
  const extension = extensionOf(file);
  const [compression = ""] = isText ? (/\.(?:gz|zst)$/i.exec(file) ?? []) : [];
  const stem = basename(file).slice(0, -extension.length || undefined);
  return join(dirname(file), `${stem}.${extensions[0]}${compression}`);
}

function unfit(why: string): ParrotError {
  return new ParrotError("INVALID_OPTION", `Cannot use --output-dir: ${why}`, { option: "--output-dir" });
}

/** An output of its own needs what is in its input before the first row, which takes a reading more. */
export function readOnce(input: string): ParrotError {
  return unfit(`${input} can be read only once; save it as a file and name that, or give -o`);
}
