import type { StatementSync } from "node:sqlite";
import type { Database } from "../sqlite.ts";
import { digestOfJob } from "../tables/digests.ts";
import { countRows } from "../tables/count-rows.ts";
import type { Seals } from "../tables/seals.ts";
import { isOpenJob, jobRow, jobRows, originOfJob } from "../tables/stored-jobs.ts";
import { digestOfRequests } from "../tables/stored-requests.ts";
import type { JobColumnValues, WriteRequest } from "./write-message.ts";

/** What was kept of the results of a job, in one commit. */
export interface Collected {
  readonly answers: number;
  readonly cost: number;
}

/** Writes the jobs at batch APIs, within a transaction of its caller. */
export class JobTables {
  readonly #database: Database;
  readonly #seals: Seals;
  readonly #check: StatementSync;
  readonly #collect: StatementSync;

  constructor(database: Database, seals: Seals) {
    this.#database = database;
    this.#seals = seals;
    this.#check = database.prepare("UPDATE batch_job SET sha256 = ?, seal = ? WHERE id = ?");
    this.#collect = database.prepare(
      "UPDATE batch_job SET answers = answers + ?, cost = cost + ? WHERE id = ?",
    );
  }

  /** Gives the id of the new job. @throws where one of its requests is in an open job already */
  plan({ job, requests }: Extract<WriteRequest, { kind: "plan" }>): number {
    const id = this.#insert({
      ...job,
      state: "planned",
      requests: requests.length,
      keys: new Uint8Array(),
      created_at: Date.now(),
    });
    const insert = this.#database.prepare(
      "INSERT INTO batch_request (key, job, row, replicate, attempts) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    );
    for (const [key, row, replicate, attempts] of requests) {
      while (insert.run(key, id, row, replicate, attempts).changes === 0) this.#displace(key, id);
    }
    this.#set(id, { keys: digestOfRequests(this.#database, id, requests.length) });
    return id;
  }

  /**
   * Notes what became known of a job, or ends it.
   *
   * @throws where there is no such job, or it is closed and something else than its view is to change
   */
  change({ job, changes, isEnd }: Extract<WriteRequest, { kind: "job" }>): void {
    const columns = jobRow(this.#database, job);
    if (columns === undefined) throw new Error(`it has no batch job ${job}`);
    const isOfView = Object.keys(changes).every((name) => name === "view");
    if (!isOpenJob(columns) && (isEnd || !isOfView))
      throw new Error(`its batch job ${job} is ${String(columns["state"])} and cannot be changed any more`);
    this.#set(job, changes);
    if (isEnd) this.#freeAll();
  }

  collect(job: number, { answers, cost }: Collected): void {
    this.#collect.run(answers, cost, job);
    this.#seal(job);
  }

  /** Makes way for a request that is in a closed job, a damaged one or one of somebody else: such a job has none any more. */
  #displace(key: string, planned: number): void {
    const request = this.#database.prepare("SELECT job FROM batch_request WHERE key = ?").get(key);
    const job = Number(request?.["job"]);
    if (job === planned) throw new Error(`the request ${key} comes twice in one batch job`);
    const columns = jobRow(this.#database, job);
    if (
      columns !== undefined &&
      isOpenJob(columns) &&
      originOfJob(this.#database, columns, this.#seals) === "own"
    )
      throw new Error(`the request ${key} is in the batch job ${job} already`);
    this.#free(job);
  }

  #free(job: number): void {
    // To remove what has no end would never end.
    countRows(this.#database, "batch_request");
    this.#database.prepare("DELETE FROM batch_request WHERE job = ?").run(job);
  }

  /**
   * Removes the requests of all jobs, once none is open. Those of a closed job count for nobody before: to remove them
   * one job at a time would write nearly each page of the table each time, as keys come in no order.
   */
  #freeAll(): void {
    if (jobRows(this.#database).some(isOpenJob)) return;
    countRows(this.#database, "batch_request");
    this.#database.exec("DELETE FROM batch_request");
  }

  #insert(values: JobColumnValues): number {
    const names = Object.keys(values);
    const places = names.map(() => "?").join(", ");
    const insert = this.#database.prepare(`INSERT INTO batch_job (${names.join(", ")}) VALUES (${places})`);
    return Number(insert.run(...Object.values(values)).lastInsertRowid);
  }

  #set(job: number, values: JobColumnValues): void {
    const names = Object.keys(values).map((name) => `${name} = ?`);
    if (names.length > 0)
      this.#database
        .prepare(`UPDATE batch_job SET ${names.join(", ")} WHERE id = ?`)
        .run(...Object.values(values), job);
    this.#seal(job);
  }

  #seal(job: number): void {
    const digest = digestOfJob(jobRow(this.#database, job) ?? {});
    this.#check.run(digest, this.#seals.seal(digest), job);
  }
}
