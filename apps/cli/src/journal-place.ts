import { dirname, join, relative, resolve } from "node:path";
import { stat, writeFile } from "node:fs/promises";
import { ParrotError } from "@parallel-parrot/core";
import { openJournal, type Journal } from "@parallel-parrot/journal";
import { DEFAULT_JOURNAL } from "./default-journal.ts";

/** Opens the journal of a run. Its own folder is kept out of version control. */
export async function openPlace(path: string): Promise<Journal> {
  const journal = await openJournal(path);
  if (path === DEFAULT_JOURNAL) {
    // It holds answers, which may be confidential.
    const ignore = join(dirname(path), ".gitignore");
    if ((await stat(ignore).catch(() => undefined)) === undefined)
      await writeFile(ignore, "*\n").catch(() => undefined);
  }
  return journal;
}

/** @throws ParrotError where there is no journal, as mostly in a folder where nothing was run */
export async function requireJournal(path: string): Promise<void> {
  if ((await stat(path).catch(() => undefined)) !== undefined) return;
  throw new ParrotError(
    "JOURNAL_UNUSABLE",
    `There is no journal ${nearName(path)}: go to the folder where the run was begun, or name its journal with --journal FILE`,
    { file: path },
  );
}

/** A path as it is called from here. */
export function nearName(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith("..") ? path : near;
}

/** The option that leads to a journal; nothing for the usual one. */
export function journalOption(path: string): string {
  return resolve(path) === resolve(DEFAULT_JOURNAL) ? "" : ` --journal ${quoted(path)}`;
}

/** A word as a shell takes it. */
function quoted(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
