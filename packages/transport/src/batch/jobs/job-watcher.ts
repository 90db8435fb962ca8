import type { BatchDialect, BatchJob } from "@parallel-parrot/providers";
import type { Clock } from "@parallel-parrot/limiter";
import { ParrotError } from "@parallel-parrot/core";
import { RejectionError } from "../../errors/rejection-error.ts";
import { isRowsOwn } from "../../errors/verdict.ts";
import type { Signals } from "../../waiting/signals.ts";
import { sleep } from "../../waiting/sleep.ts";
import type { BatchClient } from "../batch-client.ts";
import { ask } from "./ask-patiently.ts";
import type { JobLog } from "./job-log.ts";
import { LookPace } from "./look-pace.ts";
import type { OpenJob } from "./open-job.ts";
import { isUnseen } from "./unseen.ts";

/** How long results may be missing of a job that has ended and says that it has some. */
const LATE_RESULTS_MS = 600_000;
/** How long after its expiry a job is cancelled that has not ended, and how long its end is waited for then. */
const STUCK_MS = 7_200_000;
const STUCK_FOR_GOOD_MS = 3_600_000;

/** What a {@linkcode JobWatcher} needs. */
export interface JobWatcherOptions {
  readonly client: BatchClient;
  readonly dialect: BatchDialect;
  readonly log: JobLog;
  readonly clock: Clock;
  readonly signals: Signals;
  readonly provider: { readonly name: string };
}

/** Looks at one job again and again until it has ended. */
export class JobWatcher {
  readonly #options: JobWatcherOptions;
  readonly #job: OpenJob;
  readonly #pace = new LookPace();
  #wake = new AbortController();
  #isCancelled = false;
  #endedAt: number | undefined;

  constructor(job: OpenJob, options: JobWatcherOptions) {
    this.#job = job;
    this.#options = options;
    this.#isCancelled = job.stored.state === "cancelling";
  }

  /** The job once it has ended, with its results. @throws ParrotError where it cannot be seen */
  async ended(): Promise<BatchJob> {
    for (;;) {
      const view = await this.#look();
      if (view !== undefined && (await this.#isOver(view))) return view;
      await this.wait();
    }
  }

  /** Waits until the next look. */
  async wait(): Promise<void> {
    const { clock, signals } = this.#options;
    const ms = this.#pace.next();
    this.#job.wasSeen();
    this.#job.looksAt = Date.now() + ms;
    const wake = this.#wake.signal;
    try {
      await sleep(clock, ms, AbortSignal.any([signals.waiting, wake]));
    } catch (error) {
      if (signals.waiting.aborted) throw error;
      this.#wake = new AbortController();
    }
    this.#job.looksAt = undefined;
  }

  /** Asks the job to end early where that can be asked, and looks at it soon. It has ended only when the server says so. */
  async cancel(): Promise<void> {
    const { client, dialect, log, signals } = this.#options;
    const { remote } = this.#job.stored;
    if (this.#job.isClosed || this.#endedAt !== undefined || remote === undefined) return;
    const step = dialect.cancel?.(remote);
    // Where jobs cannot be cancelled its end is waited for all the same.
    if (step === undefined) return;
    this.#isCancelled = true;
    await log.change(this.#job, { state: "cancelling" });
    try {
      await ask(client, step, { signal: signals.all });
    } catch (error) {
      // A job that has ended cannot be cancelled, and any other is cancelled again with the next look.
      if (!(error instanceof RejectionError)) throw error;
      this.#isCancelled = isRowsOwn(error) && error.rejection.verdict === "fail";
    }
    this.#pace.restart();
    this.#wake.abort();
  }

  /** What the server says of the job; `undefined` where it says nothing for now. */
  async #look(): Promise<BatchJob | undefined> {
    const { client, dialect, signals } = this.#options;
    const { remote = "" } = this.#job.stored;
    if (this.#job.stored.state === "cancelling" && !this.#isCancelled) await this.cancel();
    try {
      const { job } = await ask(client, dialect.get(remote), { signal: signals.all });
      this.#job.view = job;
      // Lines that are refused while they are checked are looked up, and a file that is gone is uploaded once more.
      if (job.phase !== "validating" && job.refused === undefined) this.#job.dropLines();
      return job;
    } catch (error) {
      if (!(error instanceof RejectionError)) throw error;
      if (isUnseen(error)) throw this.#notVisible(error);
      return undefined;
    }
  }

  async #isOver(view: BatchJob): Promise<boolean> {
    const { log } = this.#options;
    const { stored } = this.#job;
    if (view.phase !== "ended") {
      await this.#cancelStuck();
      return false;
    }
    if (this.#endedAt === undefined) {
      this.#endedAt = Date.now();
      if (stored.state !== "ended") await log.change(this.#job, { state: "ended", endedAt: this.#endedAt });
    }
    const { outputs, refused, succeeded, failed } = view;
    const hasResults = succeeded === undefined || failed === undefined || succeeded + failed > 0;
    const isLate = outputs.length === 0 && refused === undefined && hasResults;
    return !isLate || Date.now() - this.#endedAt > LATE_RESULTS_MS;
  }

  async #cancelStuck(): Promise<void> {
    const { expiresAt } = this.#job.stored;
    if (expiresAt === undefined || Date.now() < expiresAt + STUCK_MS) return;
    if (!this.#isCancelled) await this.cancel();
    if (Date.now() > expiresAt + STUCK_MS + STUCK_FOR_GOOD_MS) throw this.#stuck();
  }

  #notVisible({ message }: RejectionError): ParrotError {
    return new ParrotError(
      "BATCH_NOT_VISIBLE",
      `The batch ${this.#job.stored.remote} at ${this.#options.provider.name} is not visible to this key: ${message}. The key, the project or the workspace that made it is needed to collect its results; nothing of it is asked again until then`,
    );
  }

  #stuck(): ParrotError {
    const { remote, expiresAt = 0 } = this.#job.stored;
    return new ParrotError(
      "BATCH_OPEN",
      `The batch ${remote} at ${this.#options.provider.name} should have ended by ${new Date(expiresAt).toISOString()}, was cancelled, and has not ended. As it may still answer, nothing of it is asked again: run again later`,
    );
  }
}
