/** "PARR" in ASCII, at a fixed place of the file: tells a journal from any other SQLite file. */
export const APPLICATION_ID = 0x50415252;
/** Version of the tables. A newer one is refused, never changed; an older one is brought up to this. */
export const FORMAT_VERSION = 3;

const FIRST_TABLES = `
CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  identity TEXT,
  manifest TEXT NOT NULL,
  state TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  touched_at INTEGER NOT NULL,
  settled INTEGER NOT NULL DEFAULT 0,
  requests INTEGER NOT NULL DEFAULT 0,
  input_tokens INTEGER NOT NULL DEFAULT 0,
  output_tokens INTEGER NOT NULL DEFAULT 0,
  cached_input_tokens INTEGER NOT NULL DEFAULT 0,
  reasoning_tokens INTEGER NOT NULL DEFAULT 0,
  cache_write_tokens INTEGER NOT NULL DEFAULT 0,
  cost REAL NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE answer (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL,
  run INTEGER NOT NULL REFERENCES run (id),
  row INTEGER NOT NULL,
  replicate INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  code TEXT,
  status INTEGER NOT NULL,
  body ANY NOT NULL,
  requests INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cached_input_tokens INTEGER NOT NULL,
  reasoning_tokens INTEGER NOT NULL,
  cache_write_tokens INTEGER NOT NULL,
  cost REAL,
  attempts INTEGER NOT NULL,
  sent_at INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX answer_key ON answer (key);
PRAGMA application_id = ${APPLICATION_ID};
`;

const CHECKS = `
ALTER TABLE run ADD COLUMN sha256 BLOB;
ALTER TABLE run ADD COLUMN seal BLOB;
ALTER TABLE answer ADD COLUMN sha256 BLOB;
ALTER TABLE answer ADD COLUMN seal BLOB;
`;

// Ids of jobs are never given again: a record that names a job would name another one.
const BATCHES = `
ALTER TABLE answer ADD COLUMN batch_job INTEGER;
CREATE TABLE batch_job (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run INTEGER NOT NULL REFERENCES run (id),
  provider TEXT NOT NULL,
  url TEXT NOT NULL,
  model TEXT NOT NULL,
  name TEXT NOT NULL,
  state TEXT NOT NULL,
  requests INTEGER NOT NULL,
  keys BLOB NOT NULL,
  bytes INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  reserved_tokens INTEGER,
  reserved_cost REAL,
  price_factor REAL,
  answers INTEGER NOT NULL DEFAULT 0,
  cost REAL NOT NULL DEFAULT 0,
  file TEXT,
  remote TEXT,
  known TEXT,
  view TEXT,
  error TEXT,
  created_at INTEGER NOT NULL,
  sent_at INTEGER,
  expires_at INTEGER,
  ended_at INTEGER,
  sha256 BLOB,
  seal BLOB
) STRICT;
CREATE TABLE batch_request (
  key TEXT PRIMARY KEY,
  job INTEGER NOT NULL,
  row INTEGER NOT NULL,
  replicate INTEGER NOT NULL,
  attempts INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX batch_request_job ON batch_request (job);
`;

/** The first version whose records and runs carry checks. */
export const CHECKS_VERSION = 2;
/** The first version that knows jobs at batch APIs. */
export const BATCHES_VERSION = 3;

/** What makes each version of the tables out of the one before; the README describes the last. */
const STEPS: readonly string[] = [FIRST_TABLES, CHECKS, BATCHES];

/** The statements that lead from a version of the tables to a later one; version 0 has none. */
export function tablesBetween(from: number, to: number): string {
  return `${STEPS.slice(from, to).join("")} PRAGMA user_version = ${to};`;
}

/** Columns of `answer` besides its job, its id and its checks, in the order of {@linkcode AnswerValues}. */
const ANSWER_COLUMNS =
  "key, run, row, replicate, outcome, code, status, body, requests, input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, cache_write_tokens, cost, attempts, sent_at, duration_ms";

/** Where `body` stands in a row of the {@linkcode ANSWER_COLUMNS}. */
export const BODY = 7;
/** Where `cost` stands in it. */
export const COST = 14;
/** Where `batch_job` stands in a row of the {@linkcode checkedColumns}, after them. */
export const BATCH_JOB = 18;
/** Where `id` stands in it. */
export const ID = 19;

/**
 * The {@linkcode ANSWER_COLUMNS}, then `batch_job`, `id`, `sha256` and `seal`; null if they are not there yet in a
 * version.
 */
export function checkedColumns(version: number): string {
  const job = version < BATCHES_VERSION ? "NULL" : "batch_job";
  return `${ANSWER_COLUMNS}, ${job}, id, ${version < CHECKS_VERSION ? "NULL, NULL" : "sha256, seal"}`;
}

/** The columns of what was paid for, in their order. */
export const USAGE_COLUMNS = [
  "requests",
  "input_tokens",
  "output_tokens",
  "cached_input_tokens",
  "reasoning_tokens",
  "cache_write_tokens",
] as const;

/** The values of a row of `answer`, as they go to the writing thread. */
export type AnswerValues = readonly [
  key: string,
  run: number,
  row: number,
  replicate: number,
  outcome: string,
  code: string | null,
  status: number,
  body: string,
  requests: number,
  inputTokens: number,
  outputTokens: number,
  cachedInputTokens: number,
  reasoningTokens: number,
  cacheWriteTokens: number,
  cost: number | null,
  attempts: number,
  sentAt: number,
  durationMs: number,
  batchJob: number | null,
];
