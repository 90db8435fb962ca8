import type { Usage } from "@parallel-parrot/core";
import type { JournalRecord, Manifest, RunState, RunSummary } from "./journal.ts";
import { unpackBody } from "./stored-body.ts";

/** A row of a table as SQLite gives it. */
export type Columns = Record<string, unknown>;

/** A row of `answer`, without what depends on who reads it. */
export function toRecord(columns: Columns): JournalRecord & { readonly run: number } {
  const { code, cost } = columns;
  return {
    key: String(columns["key"]),
    run: Number(columns["run"]),
    row: Number(columns["row"]),
    replicate: Number(columns["replicate"]),
    outcome: outcomeOf(columns["outcome"]),
    ...(typeof code === "string" ? { code } : {}),
    status: Number(columns["status"]),
    body: unpackBody(columns["body"]),
    usage: toUsage(columns),
    ...(typeof cost === "number" ? { cost } : {}),
    attempts: Number(columns["attempts"]),
    sentAt: Number(columns["sent_at"]),
    durationMs: Number(columns["duration_ms"]),
  };
}

/** A row of `run`. */
export function toRun(columns: Columns): RunSummary {
  const { identity } = columns;
  return {
    id: Number(columns["id"]),
    identity: typeof identity === "string" ? identity : undefined,
    manifest: parseManifest(columns["manifest"]),
    state: stateOf(columns["state"]),
    startedAt: Number(columns["started_at"]),
    touchedAt: Number(columns["touched_at"]),
    settled: Number(columns["settled"]),
    usage: toUsage(columns),
    cost: Number(columns["cost"]),
  };
}

function toUsage(columns: Columns): Usage {
  const cacheWriteTokens = Number(columns["cache_write_tokens"]);
  return {
    requests: Number(columns["requests"]),
    inputTokens: Number(columns["input_tokens"]),
    outputTokens: Number(columns["output_tokens"]),
    cachedInputTokens: Number(columns["cached_input_tokens"]),
    reasoningTokens: Number(columns["reasoning_tokens"]),
    ...(cacheWriteTokens > 0 ? { cacheWriteTokens } : {}),
  };
}

/** A manifest from its JSON text. */
export function parseManifest(json: unknown): Manifest {
  const manifest: unknown = JSON.parse(String(json));
  return typeof manifest === "object" && manifest !== null ? { ...manifest } : {};
}

function stateOf(value: unknown): RunState {
  return value === "finished" || value === "stopped" ? value : "running";
}

function outcomeOf(value: unknown): JournalRecord["outcome"] {
  return value === "empty" || value === "failure" ? value : "answer";
}
