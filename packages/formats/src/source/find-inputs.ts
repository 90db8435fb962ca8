import { readdir, realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, sep } from "node:path";
import {
  aBoolean,
  checkArgument,
  checkOptions,
  expecting,
  ParrotError,
  required,
  type OptionCheck,
} from "@parallel-parrot/core";
import { isKnownName } from "../format-of.ts";
import { countAlternatives } from "./count-alternatives.ts";
import { leadsOut } from "../leads-out.ts";
import { isAddress } from "./remote/remote-address.ts";
import { naturalOrder } from "./natural-order.ts";

/** What names of inputs stand for. */
export interface FoundInputs {
  /** For `openSource`: in the order of the names, and those of a folder or pattern in the order of their own. */
  readonly inputs: readonly string[];
  /** Where the files are: the folders that were named, those in which patterns look, and those of files. */
  readonly folders: readonly string[];
  /** Files of a folder that are of no known format. */
  readonly leftOut: readonly string[];
}

/** Options of {@linkcode findInputs}. */
export interface FindInputsOptions {
  /** Whether files of a folder count whose names tell no format, as where all are of the one that is known. @default false */
  readonly anyFormat?: boolean;
}

const names: OptionCheck = required(
  expecting(
    "the name of an input or a list of at least one",
    (value) =>
      isName(value) || (Array.isArray(value) && value.length > 0 && value.every((each) => isName(each))),
  ),
  "the name of an input",
);

function isName(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

/**
 * Finds the inputs that names stand for. A folder stands for the files of rows in it and in its folders, without those
 * whose name begins with `.` or `_`; a pattern such as `data/*.csv` for the files that it matches; `~` for the home
 * folder. A file whose name looks like a pattern is itself, and so are `-` and web addresses. Numbers in names are
 * ordered by their value.
 *
 * @throws ParrotError `INPUT_NOT_FOUND` for a folder or pattern without files; `INPUT_UNREADABLE` for a link in it that
 *   leads elsewhere
 */
export async function findInputs(
  named: string | readonly string[],
  options: FindInputsOptions = {},
): Promise<FoundInputs> {
  checkArgument("findInputs", "names", named, names);
  checkOptions("findInputs", options, { anyFormat: aBoolean });
  const { anyFormat = false } = options;
  const found: FoundInputs[] = [];
  for (const name of typeof named === "string" ? [named] : named) found.push(await find(name, anyFormat));
  return {
    inputs: found.flatMap(({ inputs }) => inputs),
    folders: [...new Set(found.flatMap(({ folders }) => folders))],
    leftOut: found.flatMap(({ leftOut }) => leftOut),
  };
}

async function find(name: string, anyFormat: boolean): Promise<FoundInputs> {
  if (name === "-" || isAddress(name)) return { inputs: [name], folders: [], leftOut: [] };
  const given = await kindOf(name);
  const path = given === undefined ? withHome(name) : name;
  const kind = given ?? (await kindOf(path));
  if (kind === "folder") return findInFolder(path, anyFormat);
  if (kind === undefined && isPattern(path))
    return { inputs: await match(path), folders: [fixedPart(path)], leftOut: [] };
  return { inputs: [path], folders: [dirname(path)], leftOut: [] };
}

async function kindOf(path: string): Promise<"folder" | "file" | "other" | undefined> {
  const status = await stat(path).catch(() => undefined);
  if (status === undefined) return undefined;
  return status.isDirectory() ? "folder" : status.isFile() ? "file" : "other";
}

/** `~` and `~/data`, which a shell leaves as they are within quotes. */
function withHome(name: string): string {
  const isHome = name === "~" || name.startsWith("~/") || (sep === "\\" && name.startsWith("~\\"));
  return isHome ? join(homedir(), name.slice(1)) : name;
}

function isPattern(name: string): boolean {
  return /[*?[{]/.test(name);
}

async function findInFolder(folder: string, anyFormat: boolean): Promise<FoundInputs> {
  const paths = await readdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw new ParrotError("INPUT_UNREADABLE", `Cannot list the folder ${folder}`, { file: folder, cause });
  });
  const shown = paths.filter((path) => !path.split(sep).some((part) => /^[._]/.test(part)));
  const files = await filesOf(shown.map((path) => join(folder, path)));
  const inputs = files.filter((path) => anyFormat || isKnownName(path));
  if (inputs.length === 0)
    throw new ParrotError(
      "INPUT_NOT_FOUND",
      `Cannot read ${folder}: no file in this folder has the name of a format, such as .csv; name the files themselves, or a pattern`,
      { file: folder },
    );
  await requireWithin(folder, inputs);
  return { inputs, folders: [folder], leftOut: anyFormat ? [] : files.filter((path) => !isKnownName(path)) };
}

/** More than anybody lists in braces; forty pairs of braces stand for more patterns than can ever be looked for. */
const MAX_ALTERNATIVES = 10_000;

async function match(pattern: string): Promise<readonly string[]> {
  if (countAlternatives(pattern) > MAX_ALTERNATIVES)
    throw new ParrotError(
      "INPUT_NOT_FOUND",
      `Cannot read ${pattern}: its braces stand for more than ${MAX_ALTERNATIVES} patterns; write * where any text may stand`,
      { file: pattern },
    );
  // Node.js 20 has no such function, and says what it needs only where nothing fails before.
  const { glob } = await import("node:fs/promises");
  const files = await filesOf(await Array.fromAsync(glob(pattern)));
  if (files.length === 0)
    throw new ParrotError("INPUT_NOT_FOUND", `Cannot read ${pattern}: no file matches it`, { file: pattern });
  await requireWithin(fixedPart(pattern), files);
  return files;
}

/** The folder in which a pattern looks: what stands before its first part that is one. */
function fixedPart(pattern: string): string {
  const parts = pattern.split(sep === "\\" ? /[/\\]/ : "/");
  const first = parts.findIndex((part) => isPattern(part));
  return parts.slice(0, first).join(sep) || (isAbsolute(pattern) ? sep : ".");
}

/** Those of the paths that are files, in order: nobody has named the pipes and devices among them. */
async function filesOf(paths: readonly string[]): Promise<readonly string[]> {
  const files: string[] = [];
  for (const path of paths.toSorted(naturalOrder)) if ((await kindOf(path)) === "file") files.push(path);
  return files;
}

/**
 * Refuses links that lead out of the folder: nobody has named what they lead to, and a folder from somebody else could
 * have any file of the user read by them.
 */
async function requireWithin(folder: string, paths: readonly string[]): Promise<void> {
  const root = await realpath(folder);
  for (const path of paths) {
    const real = await realpath(path).catch(() => path);
    if (isAbsolute(real) && leadsOut(root, real))
      throw new ParrotError(
        "INPUT_UNREADABLE",
        `Cannot read ${path}: it is a link that leads out of ${folder}; name the file itself to read it`,
        { file: path },
      );
  }
}
