import { NO_USAGE, ParrotError } from "@parallel-parrot/core";
import type { JournalInspection, JournalRun } from "@parallel-parrot/journal";

/** Gives a journal's answers to a stage that sends nothing. It works while another process writes to the journal. */
export function readOnlyRun(journal: JournalInspection): JournalRun {
  return {
    id: 0,
    path: undefined,
    ending: undefined,
    paidBefore: { usage: NO_USAGE, cost: 0 },
    find(key) {
      const record = journal.find(key);
      return record === undefined ? undefined : { ...record, isOwn: false };
    },
    append: () =>
      Promise.reject(new ParrotError("JOURNAL_FAILED", `${journal.path} is open for reading only`)),
    claim: () => undefined,
    release: () => undefined,
    settle: () => undefined,
    note: () => Promise.resolve(),
    end: () => Promise.resolve(),
  };
}
