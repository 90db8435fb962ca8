export { exportRecords } from "./sqlite/export-records.ts";
export { inspectJournal } from "./sqlite/inspect-journal.ts";
export { lockOutput } from "./files/lock-output.ts";
export { memoryJournal } from "./memory/memory-journal.ts";
export { mergeJournal } from "./merge-journal.ts";
export { openNamelessFile } from "./files/nameless-file.ts";
export { Occurrences } from "./sqlite/occurrences.ts";
export { openJournal } from "./sqlite/open-journal.ts";
export { pruneJournal } from "./sqlite/prune-journal.ts";
export { requestKey } from "./request-key.ts";
export type {
  BatchedRequest,
  JobChanges,
  JobDescription,
  JobEnd,
  JobFilter,
  JournalBatches,
  OpenJobState,
  PlannedJob,
  ReservedAmounts,
  RunBatches,
  StoredJob,
} from "./batch-jobs.ts";
export type { ExportedRecord } from "./sqlite/export-records.ts";
export type { InspectedRecord, JournalInspection } from "./sqlite/inspect-journal.ts";
export type {
  BeginOptions,
  Journal,
  JournalChecks,
  JournalOptions,
  JournalRecord,
  JournalRun,
  KeptRecord,
  LostRecords,
  RunState,
  RunSummary,
  StoredRecord,
} from "./journal.ts";
export type { LockOwner } from "./files/take-lock.ts";
export type { JournalSize } from "./sqlite/journal-size.ts";
export type { Manifest } from "./manifest.ts";
export type { Merged, MergeTarget } from "./merge-journal.ts";
export type { MemoryJournalOptions } from "./memory/memory-journal.ts";
export type { Pruned, PruneOptions } from "./sqlite/prune-journal.ts";
export type { KeyedRequest } from "./request-key.ts";
export type { Origin, RunOrigin } from "./origin.ts";
export type { RecordFilter } from "./sqlite/tables/stored-records.ts";
