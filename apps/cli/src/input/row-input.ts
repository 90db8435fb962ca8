import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { ParrotError } from "@parallel-parrot/core";
import {
  findInputs,
  formatOf,
  isAddress,
  openSource,
  shownAddress,
  traitsOf,
  type Format,
  type FoundInputs,
  type InputDigest,
  type OpenSourceOptions,
  type RowSource,
} from "@parallel-parrot/formats";
import { FORMAT_NAMES } from "../flags/kinds/kind.ts";
import type { ReadingOptions } from "../flags/options.ts";
import { nameInputs } from "./input-names.ts";
import { say } from "../terminal/report.ts";
import { sourceOptionsOf } from "./source-options.ts";

/** The rows that a command reads. It may open them several times: to learn the columns, then for the run. */
export interface RowInput {
  /** What it is called in messages. */
  readonly name: string;
  /** The format of all its inputs; `undefined` where they have several. */
  readonly format: Format | undefined;
  /** The files and addresses that it is made of, in their order. */
  readonly inputs: readonly string[];
  /** Where its files are: the folders that were named, those in which patterns look, and those of files. */
  readonly folders: readonly string[];
  /** Files in its folders that are of no known format. */
  readonly leftOut: readonly string[];
  /** Opens the rows from the first on. Nothing is read before the first read. */
  open(options?: OpenOptions): RowSource;
  /** Whether it can be read twice, which a pipe cannot. A missing file passes: opening it tells of that. */
  canBeReadAgain(): Promise<boolean>;
  /** The headers of several inputs, without those that have none; empty for a single input. */
  headers(): Promise<readonly Header[]>;
  /** One of its files or addresses as an input of its own. */
  only(place: number): RowInput;
}

/** The columns of one of several inputs. */
interface Header {
  readonly name: string;
  readonly columns: readonly string[];
}

interface OpenOptions {
  /** Gets the digest once the input was read to its end. */
  readonly onDigest?: (digest: InputDigest) => void;
}

/** The rows of the inputs that a command line names, as its options read them. */
export async function rowInput(names: readonly string[], options: ReadingOptions): Promise<RowInput> {
  if (options.query !== undefined) tellQuery();
  const found = await findInputs(names, { anyFormat: options.from !== undefined });
  requireOnce(found.inputs);
  return inputOf(nameInputs(names), found, options);
}

function inputOf(name: string, found: FoundInputs, options: ReadingOptions): RowInput {
  const { inputs } = found;
  const { from } = options;
  const formats = new Set(inputs.map((input) => from ?? formatOfInput(input)));
  const [format] = formats;
  const { sourceColumn, ...others } = sourceOptionsOf(options);
  const sourceOptions: OpenSourceOptions = { ...others, ...(from === undefined ? {} : { format: from }) };
  let headers: Promise<readonly Header[]> | undefined;
  return {
    ...found,
    name,
    format: formats.size === 1 ? format : undefined,
    open: (more) =>
      openSource(inputs, {
        ...sourceOptions,
        ...(sourceColumn === undefined ? {} : { sourceColumn }),
        ...more,
      }),
    async canBeReadAgain() {
      for (const input of inputs) if (!(await isFileOrMissing(input))) return false;
      return true;
    },
    headers: () => (headers ??= headersOf(inputs, sourceOptions)),
    only(place) {
      const one = inputs.slice(place, place + 1);
      return inputOf(nameInputs(one), { inputs: one, folders: [], leftOut: [] }, options);
    },
  };
}

/** @throws ParrotError `UNKNOWN_FORMAT`, in the words of the command line */
function formatOfInput(input: string): Format {
  if (input !== "-") return formatOf(input).format;
  const formats = FORMAT_NAMES.filter((format) => traitsOf(format).readsStreams);
  throw new ParrotError(
    "UNKNOWN_FORMAT",
    `Cannot tell the format of standard input; name it with --from ${formats.join("|")}`,
    { option: "--from" },
  );
}

/** A file that two names or patterns stand for would be asked, and paid for, twice. */
function requireOnce(inputs: readonly string[]): void {
  const named = new Set<string>();
  for (const input of inputs) {
    const [name, place] = [shownAddress(input), isAddress(input) ? input : resolve(input)];
    if (named.has(place))
      throw new ParrotError("INVALID_OPTION", `Cannot read ${name} twice: name it once among the inputs`, {
        file: name,
        option: "INPUT",
      });
    named.add(place);
  }
}

async function headersOf(inputs: readonly string[], options: OpenSourceOptions): Promise<readonly Header[]> {
  if (inputs.length === 1) return [];
  const headers: Header[] = [];
  for (const name of inputs) {
    if (!(await isFileOrMissing(name))) continue;
    const source = openSource(name, options);
    const columns = await source.columns();
    await source.cancel();
    if (columns !== undefined) headers.push({ name: shownAddress(name), columns });
  }
  return headers;
}

/** While SQLite works on a query, the program can tell nothing. */
function tellQuery(): void {
  say("Running the query: until its first row is found there is nothing to see; Ctrl-C ends it");
}

async function isFileOrMissing(input: string): Promise<boolean> {
  if (input === "-") return false;
  if (isAddress(input)) return true;
  const status = await stat(input).catch(() => undefined);
  return status === undefined || status.isFile() || status.isDirectory();
}
