import type { StatementSync } from "node:sqlite";
import { stringifyJson } from "@parallel-parrot/core";
import { ANSWER_COLUMNS } from "./schema.ts";
import { openDatabase, type Database } from "./sqlite.ts";
import { packBody } from "./stored-body.ts";
import { parseManifest } from "./stored-columns.ts";
import type { BegunRun, WriteRequest } from "./write-message.ts";

/** Pages of the write-ahead log before it is moved into the file: 16 MiB, so that this is seldom. */
const CHECKPOINT_PAGES = 4096;

/** How long others may hold the file, such as somebody who changes it by hand. */
const BUSY_TIMEOUT_MS = 10_000;

/** The connection that writes. Each call is one transaction, on the disk when it returns. */
export class JournalTables {
  readonly #database: Database;
  readonly #insert: StatementSync;
  readonly #pay: StatementSync;
  readonly #settle: StatementSync;
  readonly #touch: StatementSync;

  constructor(path: string) {
    this.#database = openDatabase(path);
    // FULL: a commit waits for the disk, so that what it holds survives the loss of power.
    this.#database.exec(
      `PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};`,
    );
    const places = ANSWER_COLUMNS.replaceAll(/\w+/g, "?");
    this.#insert = this.#database.prepare(`INSERT INTO answer (${ANSWER_COLUMNS}) VALUES (${places})`);
    this.#pay = this.#database.prepare(
      `UPDATE run SET requests = requests + ?, input_tokens = input_tokens + ?, output_tokens = output_tokens + ?,
        cached_input_tokens = cached_input_tokens + ?, reasoning_tokens = reasoning_tokens + ?,
        cache_write_tokens = cache_write_tokens + ?, cost = cost + ?, touched_at = ? WHERE id = ?`,
    );
    this.#settle = this.#database.prepare(`UPDATE run SET settled = max(settled, ?) WHERE id = ?`);
    this.#touch = this.#database.prepare(`UPDATE run SET touched_at = ? WHERE id = ?`);
  }

  /** Takes up the last run of this identity, or begins a new one. */
  begin(identity: string | null, manifest: string): BegunRun {
    return this.#transact(() => {
      const now = Date.now();
      const last = this.#database
        .prepare("SELECT id, state, settled FROM run WHERE identity = ? ORDER BY id DESC LIMIT 1")
        .get(identity);
      if (last !== undefined && last["state"] !== "finished") {
        const id = Number(last["id"]);
        this.#database
          .prepare("UPDATE run SET state = 'running', touched_at = ?, manifest = ? WHERE id = ?")
          .run(now, manifest, id);
        return { id, settled: Number(last["settled"]) };
      }
      const { lastInsertRowid } = this.#database
        .prepare(
          "INSERT INTO run (identity, manifest, state, started_at, touched_at) VALUES (?, ?, 'running', ?, ?)",
        )
        .run(identity, manifest, now, now);
      return { id: Number(lastInsertRowid), settled: 0 };
    });
  }

  append({ answers, settled, used }: Extract<WriteRequest, { kind: "append" }>): void {
    this.#transact(() => {
      const paid = new Map<number, number[]>();
      for (const values of answers) {
        const [key, run, row, replicate, outcome, code, status, body, ...numbers] = values;
        this.#insert.run(key, run, row, replicate, outcome, code, status, packBody(body), ...numbers);
        const sums = paid.get(run) ?? [0, 0, 0, 0, 0, 0, 0];
        paid.set(run, sums);
        for (const index of sums.keys()) sums[index] = (sums[index] ?? 0) + (numbers[index] ?? 0);
      }
      const now = Date.now();
      for (const [run, sums] of paid) this.#pay.run(...sums, now, run);
      for (const { run, row } of settled) this.#settle.run(row, run);
      for (const run of used) this.#touch.run(now, run);
    });
  }

  note({ run, state, additions }: Extract<WriteRequest, { kind: "note" }>): void {
    this.#transact(() => {
      const before = this.#database.prepare("SELECT manifest FROM run WHERE id = ?").get(run);
      const manifest = { ...parseManifest(before?.["manifest"]), ...parseManifest(additions) };
      this.#database
        .prepare("UPDATE run SET state = ?, touched_at = ?, manifest = ? WHERE id = ?")
        .run(state, Date.now(), stringifyJson(manifest) ?? "{}", run);
    });
  }

  close(): void {
    this.#database.close();
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
