export { memoryJournal } from "./memory-journal.ts";
export { openJournal } from "./open-journal.ts";
export { requestKey } from "./request-key.ts";
export type {
  BeginOptions,
  Journal,
  JournalRecord,
  JournalRun,
  Manifest,
  RunState,
  RunSummary,
  StoredRecord,
} from "./journal.ts";
export type { KeyedRequest } from "./request-key.ts";
