import { parseJson, type Usage } from "@parallel-parrot/core";
import type { JournalRecord, KeptRecord, Manifest, RunState, RunSummary } from "./journal.ts";
import { unpackBody } from "./stored-body.ts";

type Columns = Record<string, unknown>;

/** Where `body` stands in a row of the {@linkcode ANSWER_COLUMNS}. */
export const BODY = 7;
/** Where `id` stands in a row, after them. */
export const ID = 18;

/** A row from a statement with `setReturnArrays`. */
export function valuesOf(row: unknown): readonly unknown[] | undefined {
  return Array.isArray(row) ? row : undefined;
}

/** A row that starts with the {@linkcode ANSWER_COLUMNS}. */
export function toRecord(values: readonly unknown[], isSettled: boolean): KeptRecord {
  const [key, run, row, replicate, outcome, code, status, body] = values;
  const [cost, attempts, sentAt, durationMs] = values.slice(14);
  return {
    key: String(key),
    run: Number(run),
    row: Number(row),
    replicate: Number(replicate),
    outcome: outcomeOf(outcome),
    ...(typeof code === "string" ? { code } : {}),
    status: Number(status),
    body: unpackBody(body),
    usage: usageOf(values.slice(8, 14)),
    ...(typeof cost === "number" ? { cost } : {}),
    attempts: Number(attempts),
    sentAt: Number(sentAt),
    durationMs: Number(durationMs),
    isSettled,
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
    usage: usageOf(USAGE_COLUMNS.map((name) => columns[name])),
    cost: Number(columns["cost"]),
  };
}

const USAGE_COLUMNS = [
  "requests",
  "input_tokens",
  "output_tokens",
  "cached_input_tokens",
  "reasoning_tokens",
  "cache_write_tokens",
] as const;

/** @param values of the {@linkcode USAGE_COLUMNS} */
function usageOf(values: readonly unknown[]): Usage {
  const [requests, inputTokens, outputTokens, cachedInputTokens, reasoningTokens, cacheWriteTokens] = values;
  return {
    requests: Number(requests),
    inputTokens: Number(inputTokens),
    outputTokens: Number(outputTokens),
    cachedInputTokens: Number(cachedInputTokens),
    reasoningTokens: Number(reasoningTokens),
    ...(Number(cacheWriteTokens) > 0 ? { cacheWriteTokens: Number(cacheWriteTokens) } : {}),
  };
}

/** A manifest from its JSON text. */
export function parseManifest(json: unknown): Manifest {
  const manifest = parseJson(String(json));
  return typeof manifest === "object" && manifest !== null ? { ...manifest } : {};
}

function stateOf(value: unknown): RunState {
  return value === "finished" || value === "stopped" ? value : "running";
}

function outcomeOf(value: unknown): JournalRecord["outcome"] {
  return value === "empty" || value === "failure" ? value : "answer";
}
