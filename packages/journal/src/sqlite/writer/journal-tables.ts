import type { StatementSync } from "node:sqlite";
import { stringifyJson } from "@parallel-parrot/core";
import { digestOfAnswer, digestOfManifest, digestOfRun } from "../tables/digests.ts";
import { checkFormat } from "../prepare-file.ts";
import {
  BATCH_JOB,
  COST,
  checkedColumns,
  FORMAT_VERSION,
  USAGE_COLUMNS,
  type AnswerValues,
} from "../tables/schema.ts";
import { Seals } from "../tables/seals.ts";
import { openGuarded, type Database } from "../sqlite.ts";
import { packBody } from "../tables/stored-body.ts";
import { originOfRun, parseManifest } from "../tables/stored-columns.ts";
import { JobTables, type Collected } from "./job-tables.ts";
import type { BegunRun, WriteRequest, WriterData } from "./write-message.ts";

/** Pages of the write-ahead log before it is moved into the file: 16 MiB, so that this is seldom. */
const CHECKPOINT_PAGES = 4096;

/**
 * Pages of the index of keys that are kept in memory. Keys come in no order: of a thousand records nearly each changes
 * another page, which SQLite's 2 MiB do not hold.
 */
const CACHE_KIB = 16_384;

/** How long others may hold the file, such as somebody who changes it by hand. */
const BUSY_TIMEOUT_MS = 10_000;

/** The connection that writes. Each call is one transaction, on the disk when it returns. */
export class JournalTables {
  readonly #database: Database;
  readonly #insert: StatementSync;
  readonly #pay: StatementSync;
  readonly #settle: StatementSync;
  readonly #touch: StatementSync;
  readonly #state: StatementSync;
  readonly #check: StatementSync;
  readonly #seals: Seals;
  readonly #jobs: JobTables;
  /** The digests of the manifests of runs that were begun here; the manifests themselves may be long. */
  readonly #manifests = new Map<number, string>();

  /** @throws what SQLite says, or a ParrotError `JOURNAL_UNUSABLE` */
  constructor({ path, secret }: WriterData) {
    this.#seals = new Seals(secret);
    this.#database = openGuarded(path);
    checkFormat(path, this.#database);
    // FULL: a commit waits for the disk, so that what it holds survives the loss of power.
    this.#database.exec(
      `PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}; PRAGMA cache_size = -${CACHE_KIB};`,
    );
    const columns = checkedColumns(FORMAT_VERSION);
    const places = columns.replaceAll(/\w+/g, "?");
    this.#insert = this.#database.prepare(`INSERT INTO answer (${columns}) VALUES (${places})`);
    this.#pay = this.#database.prepare(
      `UPDATE run SET requests = requests + ?, input_tokens = input_tokens + ?, output_tokens = output_tokens + ?,
        cached_input_tokens = cached_input_tokens + ?, reasoning_tokens = reasoning_tokens + ?,
        cache_write_tokens = cache_write_tokens + ?, cost = cost + ?, touched_at = ? WHERE id = ?`,
    );
    this.#settle = this.#database.prepare(`UPDATE run SET settled = max(settled, ?) WHERE id = ?`);
    this.#touch = this.#database.prepare(`UPDATE run SET touched_at = ? WHERE id = ?`);
    this.#state = this.#database.prepare(
      `SELECT id, identity, state, started_at, settled, ${USAGE_COLUMNS.join(", ")}, cost FROM run WHERE id = ?`,
    );
    this.#check = this.#database.prepare("UPDATE run SET sha256 = ?, seal = ? WHERE id = ?");
    this.#jobs = new JobTables(this.#database, this.#seals);
  }

  /** Takes up the last run of this identity that is its owner's, or begins a new one. */
  begin(identity: string | null, manifest: string): BegunRun {
    return this.#transact(() => {
      const now = Date.now();
      const last = this.#lastOf(identity);
      if (last !== undefined && last["state"] !== "finished") {
        const id = Number(last["id"]);
        this.#database
          .prepare("UPDATE run SET state = 'running', touched_at = ?, manifest = ? WHERE id = ?")
          .run(now, manifest, id);
        this.#seal(id, manifest);
        return { id, settled: Number(last["settled"]) };
      }
      const { lastInsertRowid } = this.#database
        .prepare(
          "INSERT INTO run (identity, manifest, state, started_at, touched_at) VALUES (?, ?, 'running', ?, ?)",
        )
        .run(identity, manifest, now, now);
      const id = Number(lastInsertRowid);
      this.#seal(id, manifest);
      return { id, settled: 0 };
    });
  }

  append({ answers, settled, used, lost }: Extract<WriteRequest, { kind: "append" }>): void {
    this.#transact(() => {
      const paid = new Map<number, number[]>();
      let id = this.#lastId();
      for (const values of answers) {
        this.#add((id += 1), values);
        const [, run, ...others] = values;
        const numbers = others.slice(6);
        const sums = paid.get(run) ?? [0, 0, 0, 0, 0, 0, 0];
        paid.set(run, sums);
        for (const index of sums.keys()) sums[index] = (sums[index] ?? 0) + Number(numbers[index] ?? 0);
      }
      const now = Date.now();
      for (const [run, sums] of paid) this.#pay.run(...sums, now, run);
      for (const { run, sums } of lost) this.#pay.run(...sums, now, run);
      for (const { run, row } of settled) this.#settle.run(row, run);
      for (const run of used) this.#touch.run(now, run);
      for (const run of new Set([...paid.keys(), ...[...settled, ...lost].map((each) => each.run)]))
        this.#seal(run);
      for (const [job, collected] of collectedOf(answers)) this.#jobs.collect(job, collected);
    });
  }

  /** Plans a job with all its requests, and gives its id. */
  plan(request: Extract<WriteRequest, { kind: "plan" }>): number {
    return this.#transact(() => this.#jobs.plan(request));
  }

  changeJob(request: Extract<WriteRequest, { kind: "job" }>): void {
    this.#transact(() => this.#jobs.change(request));
  }

  note({ run, state, additions, lost }: Extract<WriteRequest, { kind: "note" }>): void {
    this.#transact(() => {
      const before = this.#database.prepare("SELECT manifest FROM run WHERE id = ?").get(run);
      const manifest =
        stringifyJson({ ...parseManifest(before?.["manifest"]), ...parseManifest(additions) }) ?? "{}";
      this.#database
        .prepare("UPDATE run SET state = ?, touched_at = ?, manifest = ? WHERE id = ?")
        .run(state, Date.now(), manifest, run);
      for (const paid of lost) this.#pay.run(...paid.sums, Date.now(), paid.run);
      for (const paid of lost) if (paid.run !== run) this.#seal(paid.run);
      this.#seal(run, manifest);
    });
  }

  /** Writes everything to an empty file. */
  copyTo(path: string): void {
    this.#database.prepare("VACUUM INTO ?").run(path);
  }

  close(): void {
    this.#database.close();
  }

  #lastOf(identity: string | null): Record<string, unknown> | undefined {
    return this.#database
      .prepare("SELECT * FROM run WHERE identity = ? ORDER BY id DESC")
      .all(identity)
      .find((columns) => originOfRun(columns, this.#seals) === "own");
  }

  #lastId(): number {
    return Number(this.#database.prepare("SELECT max(id) AS id FROM answer").get()?.["id"] ?? 0);
  }

  #add(id: number, values: AnswerValues): void {
    const [key, run, row, replicate, outcome, code, status, body, ...numbers] = values;
    const stored = [key, run, row, replicate, outcome, code, status, packBody(body), ...numbers] as const;
    const digest = digestOfAnswer(id, stored);
    this.#insert.run(...stored, id, digest, this.#seals.seal(digest));
  }

  /** Makes the checks of a run that was begun here fit what it says now. */
  #seal(run: number, manifest?: string): void {
    if (manifest !== undefined) this.#manifests.set(run, digestOfManifest(manifest));
    const digest = digestOfRun(this.#state.get(run) ?? {}, this.#manifests.get(run));
    this.#check.run(digest, this.#seals.seal(digest), run);
  }

  #transact<T>(run: () => T): T {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = run();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      // A full disk has rolled it back already.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }
}

/** What is kept of the results of each job. */
function collectedOf(answers: readonly AnswerValues[]): ReadonlyMap<number, Collected> {
  const collected = new Map<number, Collected>();
  for (const values of answers) {
    const { [COST]: cost, [BATCH_JOB]: job } = values;
    if (job === null) continue;
    const before = collected.get(job) ?? { answers: 0, cost: 0 };
    collected.set(job, { answers: before.answers + 1, cost: before.cost + (cost ?? 0) });
  }
  return collected;
}
