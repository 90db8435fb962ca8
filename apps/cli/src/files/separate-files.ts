import { stat } from "node:fs/promises";
import { isAbsolute, join, matchesGlob, relative, resolve, sep } from "node:path";
import { ParrotError } from "@parallel-parrot/core";
import { providers } from "@parallel-parrot/providers";
import {
  fileId,
  findInputs,
  isAddress,
  isKnownName,
  type Format,
  type FoundInputs,
  type SplitShares,
} from "@parallel-parrot/formats";
import { headerFiles } from "../flags/header-text.ts";
import { failedNameOf } from "../failed/failed-path.ts";
import { partialName } from "../output/formats-of.ts";
import { LIVE_SUFFIX } from "../live/live-suffix.ts";
import { isWithin } from "./is-within.ts";
import { outputPlaceOf, type OutputPlace } from "../output/output-place.ts";

/** The files that a command reads and writes, as its options name them; `-` is a standard stream. */
export interface CommandFiles {
  readonly inputs: readonly string[];
  readonly from?: string | undefined;
  readonly cross?: readonly string[] | undefined;
  readonly output: string;
  readonly datasetDir?: string | undefined;
  readonly outputDir?: string | undefined;
  readonly to?: Format | undefined;
  readonly split?: SplitShares | undefined;
  readonly failed?: string | undefined;
  readonly log?: string | undefined;
  readonly promptFile?: string | undefined;
  readonly schema?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly model?: string | undefined;
  readonly dotenv?: string | undefined;
  readonly extraBody?: string | undefined;
  readonly header?: readonly string[] | undefined;
  readonly journal?: string | false | undefined;
}

interface NamedFile {
  /** A path, or the descriptor of a standard stream. */
  readonly file: string | number;
  /** What messages call it. */
  readonly what: string;
  /** The option that gives it another name. */
  readonly option: string;
}

/** Endings of the files that SQLite and the lock keep beside a journal. */
const BESIDE_JOURNAL = ["", "-lock", "-wal", "-shm", LIVE_SUFFIX];

/**
 * Makes sure that no file is both read and written, or written twice, under whatever names. It has to be called before
 * anything is read or sent.
 *
 * @throws ParrotError `INVALID_OPTION` that names both, and the option to change
 */
export async function requireSeparateFiles(files: CommandFiles): Promise<void> {
  const found = await foundBy(files);
  const place = outputPlaceOf(files, found);
  const [reads, writes] = [readBy(files, found), writtenBy(place, files)];
  await requireSeparate(reads, writes, files.inputs);
  if (place.kind === "dataset") await requireOutside(place, [...reads, ...writes]);
}

/** {@linkcode requireSeparateFiles} for a command that writes its output and nothing else. */
export async function requireOtherOutput({
  inputs,
  from,
  output,
}: Pick<CommandFiles, "inputs" | "from" | "output">): Promise<void> {
  const reads = readBy({ inputs, output }, await foundBy({ inputs, from }));
  await requireSeparate(reads, [{ file: output, what: "the output", option: "-o" }], inputs);
}

async function requireSeparate(
  reads: readonly NamedFile[],
  writes: readonly NamedFile[],
  inputs: readonly string[],
): Promise<void> {
  const taken = new Map<string, NamedFile>();
  for (const read of reads) {
    const id = await fileId(read.file);
    if (id !== undefined) taken.set(id, read);
  }
  for (const written of writes) {
    const id = await fileId(written.file);
    if (id === undefined) continue;
    const other = taken.get(id);
    if (other !== undefined) throw clash(written, other);
    taken.set(id, written);
  }
  for (const name of inputs) {
    const finds = await finderOf(name);
    const found =
      finds && writes.find(({ file }) => typeof file === "string" && isKnownName(file) && finds(file));
    if (found !== undefined) throw nextTime(found, name);
  }
}

/**
 * Tells of a file whether it is, once it is there, one of those that a folder or pattern stands for; `undefined` for
 * a name that stands for nothing else.
 */
async function finderOf(name: string): Promise<((file: string) => boolean) | undefined> {
  if (isAddress(name)) return undefined;
  const status = await stat(name).catch(() => undefined);
  if (status === undefined)
    return /[*?[{]/.test(name) ? (file) => matchesGlob(resolve(file), resolve(name)) : undefined;
  if (!status.isDirectory()) return undefined;
  return (file) => {
    const way = relative(name, file);
    // What leads out of the folder begins with a dot too.
    return !isAbsolute(way) && !way.split(sep).some((part) => /^[._]/.test(part));
  };
}

function nextTime({ file, what, option }: NamedFile, name: string): ParrotError {
  return new ParrotError(
    "INVALID_OPTION",
    `Cannot write ${what} to ${file}: it would be one of the files of the input ${name} the next time; choose another folder with ${option}`,
    { file: String(file), option },
  );
}

function foundBy({ inputs, from }: Pick<CommandFiles, "inputs" | "from">): Promise<FoundInputs> {
  return findInputs(inputs, { anyFormat: from !== undefined });
}

function readBy(
  { cross = [], promptFile, schema, keyFile, dotenv, extraBody, header = [], model, journal }: CommandFiles,
  found: FoundInputs,
): readonly NamedFile[] {
  const named: readonly (readonly [string | undefined, string, string])[] = [
    ...cross.map((file) => [file, "a table that the rows are crossed with", "--cross"] as const),
    [promptFile, "the prompt file", "--prompt-file"],
    [schema, "the schema", "--schema"],
    [keyFile, "the key file", "--key-file"],
    [dotenv, "the file of variables", "--dotenv"],
    [extraBody, "the file of extra fields", "--extra-body"],
    ...headerFiles(header).map((file) => [file, "the file of a header", "--header"] as const),
    [modelFileOf(model), "the model", "--model"],
    ...(typeof journal === "string"
      ? BESIDE_JOURNAL.map((end) => [`${journal}${end}`, "the journal", "--journal"] as const)
      : []),
  ];
  return [
    ...named.flatMap(([file, what, option]) => (file === undefined ? [] : [{ file, what, option }])),
    // The input comes last, so that a file which is also one of the others is called the input in the message.
    ...found.inputs.map((input) => ({
      file: input === "-" ? process.stdin.fd : input,
      what: "the input",
      option: "INPUT",
    })),
  ];
}

/** The file that a model is in, where it is loaded into this process. */
function modelFileOf(model = ""): string | undefined {
  const entry = providers.find(
    ({ name, isInProcess }) => isInProcess === true && model.startsWith(`${name}/`),
  );
  return entry === undefined ? undefined : model.slice(entry.name.length + 1);
}

function writtenBy(place: OutputPlace, { failed, log }: CommandFiles): readonly NamedFile[] {
  const failedPath = failedNameOf(failed, place.path);
  const { option } = place;
  return [
    ...(place.kind === "stream" ? [{ file: process.stdout.fd, what: "the output", option }] : []),
    ...place.names.map((file) => ({ file, what: "the output", option })),
    // A folder of inputs must not find it the next time.
    ...(place.kind === "dataset" ? [{ file: join(place.path, A_SHARD), what: "the output", option }] : []),
    ...place.partials.flatMap((file) => growing(file, "the output", option)),
    ...(failedPath === undefined
      ? []
      : [
          { file: failedPath, what: "the list of failed rows", option: "--failed" },
          ...growing(partialName(failedPath), "the list of failed rows", "--failed"),
        ]),
    ...(log === undefined ? [] : [{ file: log, what: "the log", option: "--log" }]),
  ];
}

/** The files in which an output grows before it gets its name. */
function growing(partial: string, what: string, option: string): readonly NamedFile[] {
  return [partial, `${partial}.revision`].map((file) => ({
    file,
    what: `the file in which ${what} grows`,
    option,
  }));
}

const A_SHARD = join("data", "train-00000-of-00001.parquet");

/** The folder of a dataset appears whole, and goes whole where it is replaced: nothing else can be in it. */
async function requireOutside(place: OutputPlace, files: readonly NamedFile[]): Promise<void> {
  for (const { file, what, option } of files) {
    if (typeof file === "number" || option === place.option) continue;
    for (const folder of [place.path, place.partial]) {
      if (!(await isWithin(file, folder))) continue;
      throw new ParrotError(
        "INVALID_OPTION",
        `Cannot write a dataset to ${place.path}: ${what} ${file} is in its folder, and would be lost; choose another folder with --dataset-dir`,
        { file, option: option === "INPUT" ? "--dataset-dir" : option },
      );
    }
  }
}

function clash(written: NamedFile, other: NamedFile): ParrotError {
  const name = typeof written.file === "number" ? "standard output" : written.file;
  const same = typeof other.file === "number" || other.file === written.file ? "" : ` ${other.file}`;
  return new ParrotError(
    "INVALID_OPTION",
    `Cannot write ${written.what} to ${name}: that is ${other.what}${same}, which would be lost; choose another name with ${written.option}`,
    { ...(typeof written.file === "string" ? { file: written.file } : {}), option: written.option },
  );
}
