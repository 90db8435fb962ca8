export { exportRecords } from "./export-records.ts";
export { inspectJournal } from "./inspect-journal.ts";
export { lockOutput } from "./lock-output.ts";
export { memoryJournal } from "./memory-journal.ts";
export { openNamelessFile } from "./nameless-file.ts";
export { Occurrences } from "./occurrences.ts";
export { openJournal } from "./open-journal.ts";
export { pruneJournal } from "./prune-journal.ts";
export { requestKey } from "./request-key.ts";
export type { ExportedRecord } from "./export-records.ts";
export type { InspectedRecord, JournalInspection } from "./inspect-journal.ts";
export type {
  BeginOptions,
  Journal,
  JournalChecks,
  JournalOptions,
  JournalRecord,
  JournalRun,
  KeptRecord,
  LostRecords,
  Manifest,
  RunState,
  RunSummary,
  StoredRecord,
} from "./journal.ts";
export type { JournalSize } from "./journal-size.ts";
export type { MemoryJournalOptions } from "./memory-journal.ts";
export type { Pruned, PruneOptions } from "./prune-journal.ts";
export type { KeyedRequest } from "./request-key.ts";
export type { Origin, RunOrigin } from "./origin.ts";
export type { RecordFilter } from "./stored-records.ts";
