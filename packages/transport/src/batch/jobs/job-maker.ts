import type { BatchCreated, BatchDialect, BatchJob, BatchUpload } from "@parallel-parrot/providers";
import type { Clock } from "@parallel-parrot/limiter";
import { rejectHttpError, RejectionError } from "../../errors/rejection-error.ts";
import { isRefused } from "../../errors/verdict.ts";
import { HttpError } from "../../http/http-error.ts";
import type { Signals } from "../../waiting/signals.ts";
import { sleep } from "../../waiting/sleep.ts";
import type { BatchClient } from "../batch-client.ts";
import { askPatiently, type Patience } from "./ask-patiently.ts";
import { findJobs, listJobs } from "./find-job.ts";
import type { JobLog } from "./job-log.ts";
import type { OpenJob } from "./open-job.ts";

/** When a list is looked at for a job whose creation got no answer, counted from the creation. */
const LOOKS_MS = [5000, 15_000, 30_000, 60_000, 120_000];
/** How long a creation waits that was refused for a passing reason. */
const FIRST_WAIT_MS = 60_000;
const MAX_WAIT_MS = 900_000;
/** The newest jobs that are noted before one is created that has no name. */
const MAX_KNOWN = 100;

/** What a {@linkcode JobMaker} needs. */
export interface JobMakerOptions {
  readonly client: BatchClient;
  readonly dialect: BatchDialect;
  readonly log: JobLog;
  readonly clock: Clock;
  readonly signals: Signals;
  readonly windowHours: number | undefined;
  /** Fires when no more jobs are wanted: those are given up that are not created yet. */
  readonly unwanted: AbortSignal;
  /** Waits until there is room in the provider's queue. */
  readonly room: (job: OpenJob) => Promise<void>;
  /** Is told in whole sentences what a person should know. */
  readonly tell: (words: string) => void;
}

/**
 * Makes jobs so that none is made twice and none is lost, whenever the process ends: before each request that makes
 * something, the journal says that it is sent.
 */
export class JobMaker {
  readonly #options: JobMakerOptions;

  constructor(options: JobMakerOptions) {
    this.#options = options;
  }

  /** Makes a job of which the journal has the intent, and no more. @throws RejectionError where the API refuses it */
  async make(job: OpenJob): Promise<void> {
    const isFresh = job.stored.state === "planned" && (await this.#uploadFor(job));
    try {
      await this.#create(job);
    } catch (error) {
      // A file that has waited for room in the queue may be gone by now.
      if (isFresh || !isRefused(error) || !(await this.#uploadFor(job))) throw error;
      await this.#create(job);
    }
  }

  /**
   * Finds out how far a process came that has ended while it made this job, and makes it where that is still to be done.
   * Returns `false` where there is no job and nothing to make it of.
   */
  async bringOn(job: OpenJob): Promise<boolean> {
    const { state, file, sentAt = 0 } = job.stored;
    if (state === "creating") {
      const found = await this.#look(job, Date.now() - sentAt);
      if (found !== undefined) {
        await this.#opened(job, found);
        return true;
      }
    }
    if (file === undefined || state === "planned") return false;
    try {
      await this.#create(job);
      return true;
    } catch (error) {
      // As a file that is gone is refused: there is nothing to make it of, and its requests are put into another job.
      if (isRefused(error)) return false;
      throw error;
    }
  }

  /** Uploads the lines of a job, where the API takes files and the lines are there. Returns whether it did. */
  async #uploadFor(job: OpenJob): Promise<boolean> {
    const { dialect, log } = this.#options;
    if (dialect.upload === undefined || job.lines === undefined) return false;
    const file = await this.#upload(job, dialect.upload(this.#specOf(job)));
    await log.change(job, { state: "uploaded", file });
    return true;
  }

  async #upload(job: OpenJob, first: BatchUpload): Promise<string> {
    const { client } = this.#options;
    let hasStray = job.hasStray;
    const patience = { ...this.#patience(job), onAgain: () => (hasStray = true) };
    job.hasStray = true;
    for (let step: BatchUpload | undefined = first; step !== undefined;) {
      const reading: { readonly fileId?: string; readonly next?: BatchUpload } = await askPatiently(
        client,
        step,
        patience,
      );
      if (reading.fileId !== undefined) {
        job.hasStray = hasStray;
        return reading.fileId;
      }
      step = reading.next;
    }
    throw new RejectionError({
      verdict: "stop",
      code: "NOT_THE_API",
      message: "The upload of a batch gave no file",
    });
  }

  async #create(job: OpenJob): Promise<void> {
    const { room, clock, signals, unwanted } = this.#options;
    const wanted = AbortSignal.any([signals.waiting, unwanted]);
    for (let waits = 0; ; waits++) {
      await room(job);
      wanted.throwIfAborted();
      const created = await this.#createOnce(job);
      if (created === undefined) continue;
      if (created.ok) {
        await this.#opened(job, created.job);
        return;
      }
      const { rejection } = created;
      if (rejection.verdict !== "wait" && rejection.verdict !== "retry") throw new RejectionError(rejection);
      job.heldBackBy = "queue";
      const ms = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** waits);
      await sleep(clock, rejection.retryAfterMs ?? ms, wanted);
      job.heldBackBy = undefined;
    }
  }

  /** What the creation came to for certain; `undefined` where there is no job after all, and it can be sent again. */
  async #createOnce(job: OpenJob): Promise<BatchCreated | undefined> {
    const { client, dialect, log, signals } = this.#options;
    const creation = dialect.create(this.#specOf(job), job.stored.file ?? "");
    signals.waiting.throwIfAborted();
    const known = dialect.foundBy === "count" ? await this.#newest(job) : undefined;
    await log.change(job, {
      state: "creating",
      sentAt: Date.now(),
      ...(known === undefined ? {} : { known }),
    });
    let created: BatchCreated;
    try {
      created = await client.create(creation, sendingOf(job, signals.all));
    } catch (error) {
      const wasSent = !(error instanceof HttpError) || error.wasSent;
      const rejected = rejectHttpError(error);
      if (!(rejected instanceof RejectionError)) throw rejected;
      created = { ok: false, rejection: rejected.rejection, isCertain: !wasSent };
    }
    if (created.ok || created.isCertain) return created;
    const found = await this.#look(job, 0);
    return found === undefined ? undefined : { ok: true, job: found };
  }

  /** Looks for a job whose creation got no answer, for as long as a list may show it late. */
  async #look(job: OpenJob, sinceMs: number): Promise<BatchJob | undefined> {
    const { client, dialect, clock, signals } = this.#options;
    let waited = Math.max(0, sinceMs);
    let looksLeft = LOOKS_MS.filter((ms) => ms > waited);
    for (;;) {
      const found = waited === 0 ? [] : await findJobs(client, dialect, job, this.#patience(job));
      const [first, ...twins] = found;
      if (first !== undefined) {
        await this.#cancelTwins(job, twins);
        return first;
      }
      const [next, ...later] = looksLeft;
      if (next === undefined) return undefined;
      await sleep(clock, next - waited, signals.waiting);
      waited = next;
      looksLeft = later;
    }
  }

  async #cancelTwins({ stored }: OpenJob, twins: readonly BatchJob[]): Promise<void> {
    const { client, dialect, signals, tell } = this.#options;
    // Where jobs have neither names nor files, others may have as many requests.
    if (dialect.foundBy === "count") return;
    for (const { id } of twins) {
      const step = dialect.cancel?.(id);
      if (step === undefined) continue;
      tell(`The batch ${stored.name} was made twice, as its list showed it late: ${id} is cancelled.`);
      try {
        await client.ask(step, { signal: signals.all });
      } catch {
        // What it answers costs money once more, and nothing is wrong with the other one.
      }
    }
  }

  async #opened(job: OpenJob, view: BatchJob): Promise<void> {
    const { expiresAt } = view;
    await this.#options.log.change(job, {
      state: "open",
      remote: view.id,
      ...(expiresAt === undefined ? {} : { expiresAt }),
    });
    job.view = view;
  }

  async #newest(job: OpenJob): Promise<readonly string[]> {
    const { client, dialect } = this.#options;
    const known: string[] = [];
    const since = Date.now() - 2 * 86_400_000;
    for await (const { id } of listJobs(client, dialect, since, this.#patience(job))) {
      known.push(id);
      if (known.length >= MAX_KNOWN) break;
    }
    return known;
  }

  #specOf({ stored: { name, requests, bytes } }: OpenJob): Parameters<BatchDialect["create"]>[0] {
    const { windowHours } = this.#options;
    return { name, requests, bytes, ...(windowHours === undefined ? {} : { windowHours }) };
  }

  #patience(job: OpenJob): Patience {
    const { clock, signals } = this.#options;
    return { clock, waiting: signals.waiting, ...sendingOf(job, signals.all) };
  }
}

function sendingOf(
  { lines }: OpenJob,
  signal: AbortSignal,
): { signal: AbortSignal; lines?: ReturnType<NonNullable<OpenJob["lines"]>["slice"]> } {
  return { signal, ...(lines === undefined ? {} : { lines: lines.slice() }) };
}
