import type { StatementSync } from "node:sqlite";
import type { BatchedRequest, JobFilter, StoredJob } from "../../batch-jobs.ts";
import type { Origin } from "../../origin.ts";
import type { Database } from "../sqlite.ts";
import type { Seals } from "../tables/seals.ts";
import { isOpenJob, jobRow, originOfJob, readJobs, toJob, type JobColumns } from "../tables/stored-jobs.ts";
import { MAX_REQUESTS, readRequests } from "../tables/stored-requests.ts";

/** Reads something, with the errors of SQLite as those of a journal. */
type Read = <T>(read: () => T) => T;

/** Reads the jobs at batch APIs. The requests of each open job are checked once, as there may be tens of thousands. */
export class JobReader {
  readonly #database: Database;
  readonly #seals: Seals;
  readonly #read: Read;
  readonly #find: StatementSync;
  /** Who made the open jobs that were looked at. */
  readonly #origins = new Map<number, Origin>();

  constructor(database: Database, seals: Seals, read: Read) {
    this.#database = database;
    this.#seals = seals;
    this.#read = read;
    this.#find = database.prepare("SELECT job, row, replicate, attempts FROM batch_request WHERE key = ?");
  }

  jobs(filter: JobFilter = {}): readonly StoredJob[] {
    return this.#read(() => readJobs(this.#database, filter, (columns) => this.#originOf(columns)));
  }

  job(id: number): StoredJob | undefined {
    return this.#read(() => {
      const columns = jobRow(this.#database, id);
      return columns === undefined ? undefined : toJob(columns, this.#originOf(columns));
    });
  }

  /** Says that this process has planned a job, so that its requests are what they should be. */
  planned(job: number): void {
    this.#origins.set(job, "own");
  }

  /** Says that a job is closed. Its requests may be in the table still, and are in no job any more. */
  closed(job: number): void {
    this.#origins.delete(job);
  }

  /** The open job that a request is in, those of others aside. */
  find(key: string): (BatchedRequest & { readonly job: number }) | undefined {
    return this.#read(() => {
      const found = this.#find.get(key);
      const job = Number(found?.["job"]);
      if (found === undefined || !this.#isOwn(job)) return undefined;
      const { row, replicate, attempts } = found;
      return { key, row: Number(row), replicate: Number(replicate), attempts: Number(attempts), job };
    });
  }

  *requestsOf(job: number): Generator<BatchedRequest> {
    if (!this.#read(() => this.#isOwn(job))) return;
    const requests = readRequests(this.#database, job, MAX_REQUESTS);
    for (;;) {
      const { value } = this.#read(() => requests.next());
      if (value === undefined) return;
      yield value;
    }
  }

  /** Whether a job is open and its owner's. */
  #isOwn(job: number): boolean {
    const known = this.#origins.get(job);
    if (known !== undefined) return known === "own";
    const columns = jobRow(this.#database, job);
    return columns !== undefined && isOpenJob(columns) && this.#originOf(columns) === "own";
  }

  #originOf(columns: JobColumns): Origin {
    const id = Number(columns["id"]);
    const known = this.#origins.get(id);
    if (known !== undefined) return known;
    const origin = originOfJob(this.#database, columns, this.#seals);
    if (isOpenJob(columns)) this.#origins.set(id, origin);
    return origin;
  }
}
