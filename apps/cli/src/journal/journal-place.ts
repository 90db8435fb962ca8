import { dirname, join, relative, resolve } from "node:path";
import { lstat, readlink, realpath, stat, writeFile } from "node:fs/promises";
import { counted, isParrotError, ParrotError, shellWord } from "@parallel-parrot/core";
import {
  inspectJournal,
  mergeJournal,
  openJournal,
  pruneJournal,
  type Journal,
  type JournalInspection,
  type Merged,
  type Pruned,
  type PruneOptions,
} from "@parallel-parrot/journal";
import { DEFAULT_JOURNAL } from "../flags/default-journal.ts";
import { shownHeader } from "../flags/header-text.ts";
import { clockTime } from "../terminal/describe-wait.ts";
import { say } from "../terminal/report.ts";
import { userSecret } from "./user-secret.ts";

/** The journal of a run. */
export interface OpenPlace {
  readonly journal: Journal;
  /** Whether what this run keeps will be known as this user's when the process has ended. */
  readonly isSignedForLater: boolean;
}

/**
 * Opens the journal of a run, to be signed by this user. Version control is told to ignore the usual folder.
 *
 * @param trust whether answers in it that others have signed are taken over as this user's
 * @throws ParrotError `JOURNAL_FOREIGN` where there are such answers and they are not taken over
 */
export async function openPlace(path: string, { trust }: { readonly trust: boolean }): Promise<OpenPlace> {
  await requireNoLinks(path);
  const { secret, problem } = await userSecret();
  if (problem !== undefined) {
    say(
      `There is no place for your signature (${problem}): continuing this run or using its answers again will need --trust-journal. Name a folder of your own in XDG_STATE_HOME`,
    );
  }
  const journal = await openJournal(path, { secret, adopt: trust }).catch((error: unknown) => {
    throw inUse(path, error) ?? error;
  });
  const { adopted } = journal.checks;
  if (adopted > 0) say(`${counted(adopted, "answer")} in ${nearName(path)} signed as yours`);
  if (isUsual(path)) {
    // The journal holds answers, which may be confidential. The flag `wx` does not follow a link of that name.
    await writeFile(join(dirname(path), ".gitignore"), "*\n", { flag: "wx" }).catch(() => undefined);
  }
  return { journal, isSignedForLater: problem === undefined };
}

/** The refusal of a second run in one folder, with the ways out; `undefined` for another error. */
function inUse(path: string, error: unknown): ParrotError | undefined {
  if (!isParrotError(error) || error.code !== "JOURNAL_IN_USE") return undefined;
  const [, process, since] = /in use by process (\d+) since (\S+?);/.exec(error.message) ?? [];
  const owner =
    since === undefined ? "" : ` by process ${process} since ${clockTime(new Date(since), new Date())}`;
  const other = join(dirname(path), "second.db");
  return new ParrotError(
    "JOURNAL_IN_USE",
    `The journal ${nearName(path)} is in use${owner}: one run at a time writes to it. Wait until that has ended, or keep the answers of this one elsewhere with --journal ${shellWord(nearName(other))}, which parrot journal merge ${shellWord(nearName(other))} adds here afterwards. --preview, estimate, explain and journal show work meanwhile`,
    { file: path, option: "--journal", cause: error },
  );
}

/** Opens a journal that is there, to change as this user what it says of its batch jobs. */
export async function openJobsPlace(path: string): Promise<Journal> {
  await requireJournal(path);
  await requireNoLinks(path);
  const { secret } = await userSecret();
  return openJournal(path, { secret });
}

/** Opens a journal to read, as this user. @param trust whether the answers of others are found too */
export async function inspectPlace(
  path: string,
  { trust = false }: { readonly trust?: boolean } = {},
): Promise<JournalInspection> {
  await requireJournal(path);
  await requireNoLinks(path);
  const { secret } = await userSecret();
  return inspectJournal(path, { secret, adopt: trust });
}

/** {@linkcode inspectPlace} for a command that does without a journal; `undefined` where there is none yet. */
export async function findPlace(
  path: string,
  options: { readonly trust: boolean },
): Promise<JournalInspection | undefined> {
  if (await exists(path)) return inspectPlace(path, options);
  if (!isUsual(path)) say(`There is no journal ${nearName(path)} yet, so no row has an answer`);
  return undefined;
}

/** Adds the records of a journal to another one, which is made where there is none. @param trust as for {@linkcode openPlace} */
export async function mergeInto(path: string, from: JournalInspection, trust: boolean): Promise<Merged> {
  if ((await realpath(path).catch(() => undefined)) === (await realpath(from.path))) {
    throw new ParrotError("INVALID_OPTION", `Cannot merge ${nearName(path)} into itself`, {
      file: path,
      option: "--journal",
    });
  }
  const { journal } = await openPlace(path, { trust: false });
  try {
    const known = await inspectPlace(path);
    try {
      return await mergeJournal(from, { journal, known }, { adopt: trust });
    } finally {
      known.close();
    }
  } finally {
    await journal.close();
  }
}

/** Removes runs from a journal as this user. */
export async function prunePlace(path: string, options: Omit<PruneOptions, "secret">): Promise<Pruned> {
  await requireJournal(path);
  await requireNoLinks(path);
  const { secret } = await userSecret();
  return pruneJournal(path, { ...options, secret });
}

/**
 * Refuses a link in place of the usual journal: a stranger who made the folder may have pointed it at any place.
 *
 * @throws ParrotError `JOURNAL_UNUSABLE` where the usual journal is behind a link
 */
async function requireNoLinks(path: string): Promise<void> {
  if (!isUsual(path)) return;
  for (const place of [dirname(path), path]) {
    if ((await lstat(place).catch(() => undefined))?.isSymbolicLink() !== true) continue;
    throw new ParrotError(
      "JOURNAL_UNUSABLE",
      `${place} is a link to ${await readlink(place).catch(() => "somewhere else")}; if that is what you want, name the journal: --journal ${shellWord(await realpath(path).catch(() => path))}`,
      { file: path, option: "journal" },
    );
  }
}

/** @throws ParrotError `JOURNAL_UNUSABLE` where there is no journal, mostly because nothing was run in this folder */
async function requireJournal(path: string): Promise<void> {
  if (await exists(path)) return;
  throw new ParrotError(
    "JOURNAL_UNUSABLE",
    `There is no journal ${nearName(path)}: go to the folder where the run was begun, or name its journal with --journal FILE`,
    { file: path },
  );
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/** A path relative to the current folder, or as it is where it lies outside. */
export function nearName(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith("..") ? path : near;
}

/** The options that `resume` and `retry-failed` need: the journal, and where the key is, which no journal may name. */
export function goOnOptions({
  journal,
  keyFile,
  keyCommand,
  dotenv,
  header = [],
}: {
  readonly journal: string | false;
  readonly keyFile?: string | undefined;
  readonly keyCommand?: string | undefined;
  readonly dotenv?: string | undefined;
  readonly header?: readonly string[] | undefined;
}): string {
  const places = { "--key-file": keyFile, "--key-command": keyCommand, "--dotenv": dotenv };
  const words = Object.entries(places).map(([flag, value]) =>
    value === undefined ? "" : ` ${flag} ${shellWord(value)}`,
  );
  const headers = header.map((each) => ` --header ${shellWord(shownHeader(each))}`);
  return `${journal === false ? "" : journalOption(journal)}${[...words, ...headers].join("")}`;
}

function isUsual(path: string): boolean {
  return resolve(path) === resolve(DEFAULT_JOURNAL);
}

/** The option that names a journal; empty for the usual one. */
export function journalOption(path: string): string {
  return isUsual(path) ? "" : ` --journal ${shellWord(path)}`;
}
