import { isParrotError } from "@parallel-parrot/core";
import {
  memoryJournal,
  type Journal,
  type JournalInspection,
  type JournalRun,
} from "@parallel-parrot/journal";
import { say } from "../terminal/report.ts";
import { inspectPlace, nearName, openPlace } from "./journal-place.ts";

/**
 * Opens the journal of a command that asks a few rows and may be typed while a run works in the same folder. As one
 * process at a time writes to a journal, the command then only reads it, and what it asks itself is not kept.
 */
export async function openBeside(path: string, { trust }: { readonly trust: boolean }): Promise<Journal> {
  try {
    return (await openPlace(path, { trust })).journal;
  } catch (error) {
    if (!isParrotError(error) || error.code !== "JOURNAL_IN_USE") throw error;
    say(
      `Another run writes to ${nearName(path)}: its answers are used, and those that are asked for now are not kept`,
    );
    return readingJournal(await inspectPlace(path, { trust }));
  }
}

/** A journal whose answers are found, and to which nothing is added: that stays in memory. */
function readingJournal(kept: JournalInspection): Journal {
  const asked = memoryJournal();
  return {
    path: kept.path,
    checks: asked.checks,
    async begin(options): Promise<JournalRun> {
      const run = await asked.begin(options);
      return {
        ...run,
        find(key) {
          const own = run.find(key);
          if (own !== undefined) return own;
          const record = kept.find(key);
          return record === undefined ? undefined : { ...record, isOwn: false };
        },
      };
    },
    runs: () => kept.runs(),
    *records(filter) {
      for (const record of kept.records(filter)) yield { ...record, isOwn: false };
    },
    async close() {
      await asked.close();
      kept.close();
    },
  };
}
