import { openJournal, type Journal, type JournalRun } from "@parallel-parrot/journal";
import type { Provider } from "@parallel-parrot/providers";
import type { CompletionOptions } from "./options.ts";

/** A stage's use of a journal. */
export interface JournalSession {
  readonly run: JournalRun;
  /** Gives back what was opened here. */
  end(isFinished: boolean): Promise<void>;
}

/**
 * Begins a run in a journal, which is opened where a path is given. A run that was begun elsewhere is ended
 * there.
 */
export async function beginSession(
  given: NonNullable<CompletionOptions["journal"]>,
  { name, model, baseUrl }: Provider,
): Promise<JournalSession> {
  if (typeof given !== "string" && "append" in given) return { run: given, end: () => Promise.resolve() };
  const journal: Journal = typeof given === "string" ? await openJournal(given) : given;
  const run = await journal.begin({ manifest: { provider: name, model, baseUrl } });
  return {
    run,
    async end(isFinished) {
      try {
        await run.end(isFinished ? "finished" : "stopped");
      } finally {
        if (typeof given === "string") await journal.close();
      }
    },
  };
}
