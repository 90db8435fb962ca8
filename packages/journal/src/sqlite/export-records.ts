import type { InspectedRecord, JournalInspection } from "./inspect-journal.ts";
import type { KeptRecord } from "../journal.ts";
import type { RecordFilter } from "./tables/stored-records.ts";

/** A record as one flat row: the same columns in the same order for each, for JSON Lines or CSV. */
export type ExportedRecord = {
  readonly run: number;
  /** 0-based position in the run's input. */
  readonly row: number;
  readonly replicate: number;
  readonly key: string;
  readonly outcome: KeptRecord["outcome"];
  readonly code: string | null;
  /** HTTP status. */
  readonly status: number;
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens: number;
  readonly reasoningTokens: number;
  readonly cacheWriteTokens: number;
  /** US dollars. */
  readonly cost: number | null;
  readonly attempts: number;
  /** ISO 8601, UTC; null where a damaged record has none. */
  readonly sentAt: string | null;
  readonly durationMs: number;
  /** The id of the job whose result it is; null where it was asked directly. */
  readonly batchJob: number | null;
  readonly isSettled: boolean;
  /** Who made it, as far as its checks tell. */
  readonly origin: InspectedRecord["origin"];
  /** The response's body as text. */
  readonly body: string;
};

/** A journal's records as flat rows, oldest first, each read when it is asked for. */
export function* exportRecords(
  journal: Pick<JournalInspection, "records">,
  filter?: RecordFilter,
): Generator<ExportedRecord> {
  for (const record of journal.records(filter)) yield toRow(record);
}

function toRow({ usage, ...record }: InspectedRecord): ExportedRecord {
  return {
    run: record.run,
    row: record.row,
    replicate: record.replicate,
    key: record.key,
    outcome: record.outcome,
    code: record.code ?? null,
    status: record.status,
    requests: usage.requests,
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    cachedInputTokens: usage.cachedInputTokens,
    reasoningTokens: usage.reasoningTokens,
    cacheWriteTokens: usage.cacheWriteTokens ?? 0,
    cost: record.cost ?? null,
    attempts: record.attempts,
    sentAt: toIso(record.sentAt),
    durationMs: record.durationMs,
    batchJob: record.batchJob ?? null,
    isSettled: record.isSettled,
    origin: record.origin,
    body: record.body,
  };
}

function toIso(ms: number): string | null {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
