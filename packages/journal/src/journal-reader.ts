import type { StatementSync } from "node:sqlite";
import type { Usage } from "@parallel-parrot/core";
import type { Manifest, RunState, RunSummary, StoredRecord } from "./journal.ts";
import { failed, messageOf } from "./journal-error.ts";
import { checkFormat } from "./prepare-file.ts";
import { ANSWER_COLUMNS } from "./schema.ts";
import { openDatabase, type Database } from "./sqlite.ts";
import { unpackBody } from "./stored-body.ts";

type Columns = Record<string, unknown>;

/** A connection that only reads. It sees what is committed, also while others write. */
export class JournalReader {
  readonly #path: string;
  readonly #database: Database;
  readonly #find: StatementSync;
  /** How far the runs are that other processes or earlier stages made; the callers know of their own. */
  readonly #settled = new Map<number, number>();
  /** The last record there was when it was opened. */
  readonly #lastBefore: number;

  constructor(path: string) {
    this.#path = path;
    this.#database = openDatabase(path, { readOnly: true });
    this.#database.exec("PRAGMA busy_timeout = 2000");
    checkFormat(path, this.#database);
    this.#lastBefore = Number(this.#database.prepare("SELECT max(id) AS id FROM answer").get()?.["id"]);
    this.#find = this.#database.prepare(
      `SELECT id, ${ANSWER_COLUMNS} FROM answer WHERE key = ? ORDER BY id DESC LIMIT 1`,
    );
    for (const { id, settled } of this.runs()) this.#settled.set(id, settled);
  }

  /** Tells how far a run is: records below are settled. */
  settle(run: number, row: number): void {
    this.#settled.set(run, Math.max(row, this.#settled.get(run) ?? 0));
  }

  find(key: string): StoredRecord | undefined {
    try {
      const columns = this.#find.get(key);
      return columns === undefined ? undefined : this.#toRecord(columns);
    } catch (error) {
      throw failed(this.#path, messageOf(error), error);
    }
  }

  runs(): readonly RunSummary[] {
    return this.#database.prepare("SELECT * FROM run ORDER BY id").all().map(toRun);
  }

  *records({ run }: { readonly run?: number } = {}): Generator<StoredRecord> {
    const rows = this.#database
      .prepare(`SELECT id, ${ANSWER_COLUMNS} FROM answer WHERE ?1 IS NULL OR run = ?1 ORDER BY id`)
      .iterate(run ?? null);
    for (const columns of rows) yield this.#toRecord(columns);
  }

  close(): void {
    this.#database.close();
  }

  #toRecord(columns: Columns): StoredRecord {
    const run = Number(columns["run"]);
    const row = Number(columns["row"]);
    const { code, cost } = columns;
    return {
      key: String(columns["key"]),
      run,
      row,
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
      isSettled: row < (this.#settled.get(run) ?? 0),
      isOwn: Number(columns["id"]) > this.#lastBefore,
    };
  }
}

function toRun(columns: Columns): RunSummary {
  const { identity } = columns;
  return {
    id: Number(columns["id"]),
    identity: typeof identity === "string" ? identity : undefined,
    manifest: manifestOf(columns["manifest"]),
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

function manifestOf(json: unknown): Manifest {
  const manifest: unknown = JSON.parse(String(json));
  return typeof manifest === "object" && manifest !== null ? { ...manifest } : {};
}

function stateOf(value: unknown): RunState {
  return value === "finished" || value === "stopped" ? value : "running";
}

function outcomeOf(value: unknown): StoredRecord["outcome"] {
  return value === "empty" || value === "failure" ? value : "answer";
}
