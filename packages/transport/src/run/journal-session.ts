import { counted } from "@parallel-parrot/core";
import {
  openJournal,
  type Journal,
  type JournalChecks,
  type JournalRun,
  type Manifest,
} from "@parallel-parrot/journal";
import type { Provider } from "@parallel-parrot/providers";
import type { CompletionOptions } from "../options.ts";

/** One stage's use of a journal. */
export interface JournalSession {
  readonly run: JournalRun;
  /** Ends the run, and closes the journal, as far as they were begun and opened here. */
  end(isFinished: boolean): Promise<void>;
}

/**
 * Begins a run in a journal. A journal that is given by its path is opened here. A run that was begun by the caller
 * is ended by the caller.
 */
export async function beginSession(
  given: NonNullable<CompletionOptions["journal"]>,
  { name, model, baseUrl }: Provider,
): Promise<JournalSession> {
  if (typeof given !== "string" && "append" in given) return { run: given, end: () => Promise.resolve() };
  const journal: Journal = typeof given === "string" ? await openJournal(given) : given;
  const run = await begin(journal, { provider: name, model, baseUrl }, typeof given === "string");
  return {
    run,
    async end(isFinished) {
      try {
        await run.end(isFinished ? "finished" : "stopped");
      } finally {
        if (typeof given === "string") {
          warnOfDamage(given, journal.checks);
          await journal.close();
        }
      }
    },
  };
}

/** Warns of damaged answers. A caller that has opened the journal itself can read its `checks`. */
function warnOfDamage(path: string, { damaged }: JournalChecks): void {
  if (damaged === 0) return;
  const were = damaged === 1 ? "is damaged and was" : "are damaged and were";
  process.emitWarning(
    `${counted(damaged, "answer")} in the journal ${path} ${were} not used; check the disk that it is on`,
    "ParrotWarning",
  );
}

/** Begins a run. Where that fails, a journal that was opened here is closed, so that its lock is free again. */
async function begin(journal: Journal, manifest: Manifest, isOurs: boolean): Promise<JournalRun> {
  try {
    return await journal.begin({ manifest });
  } catch (error) {
    // The caller must hear why it failed, not that closing failed as well.
    if (isOurs) await journal.close().catch(() => undefined);
    throw error;
  }
}
