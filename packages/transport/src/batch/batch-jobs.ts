import type { Usage } from "@parallel-parrot/core";
import type { JournalRun } from "@parallel-parrot/journal";
import type { BatchDialect, Provider } from "@parallel-parrot/providers";
import { createSpendTracker, type SpendTracker } from "../budget/spend-tracker.ts";
import { withJournal } from "../errors/journal-fault.ts";
import { sharedAgent } from "../http/http-client.ts";
import type { ResolvedOptions } from "../options.ts";
import type { Endpoint } from "../request/endpoint.ts";
import type { Signals } from "../waiting/signals.ts";
import { BatchClient } from "./batch-client.ts";
import { BatchDesk } from "./batch-desk.ts";
import type { ResolvedBatch } from "./batch-options.ts";
import { batchPriceOf } from "./batch-price.ts";
import { jobProgress, leastOf, type BatchProgress } from "./batch-progress.ts";
import { learnedQueueLimit } from "./cut/learned-queue-limit.ts";
import { JobBoard } from "./jobs/job-board.ts";
import { JobLog } from "./jobs/job-log.ts";
import { QueueRoom } from "./jobs/queue-room.ts";
import { requireBatches } from "./require-batch.ts";
import { LineSpool } from "./spool/line-spool.ts";

/** What {@linkcode BatchJobs} is made of. */
export interface BatchJobsOptions {
  readonly provider: Provider;
  readonly dialect: BatchDialect;
  readonly options: ResolvedOptions;
  readonly batch: ResolvedBatch;
  readonly endpoint: Endpoint;
  readonly signals: Signals;
  readonly run: JournalRun;
  /** Where the journal is. */
  readonly path: string;
  readonly onFailure: (reason: Error) => void;
}

/** The jobs of one run: where requests come together, and who looks after what was made of them. */
export class BatchJobs {
  readonly desk: BatchDesk;
  readonly board: JobBoard;
  /** What batches cost, apart from direct requests. */
  readonly spendTracker: SpendTracker;
  readonly #lines: LineSpool;

  /** @throws ParrotError `INVALID_OPTION` where the journal keeps no jobs */
  constructor(parts: BatchJobsOptions) {
    const { provider, dialect, options, batch, endpoint, signals, run, path, onFailure } = parts;
    const { dispatcher = sharedAgent(), maxTokens } = options;
    const { price: direct, budget } = endpoint.spendTracker;
    const factor = batch.priceFactor ?? dialect.price?.factor;
    const price =
      direct === undefined ? undefined : batchPriceOf(direct, { ...dialect.price, factor: factor ?? 1 });
    const { budget: _, price: _direct, ...others } = options;
    this.spendTracker = createSpendTracker(provider, {
      ...others,
      ...(price === undefined ? {} : { price }),
      ...(budget === undefined ? {} : { budget }),
    });
    if (dialect.isUntried === true) endpoint.notices.add(untriedWords(provider.name));
    const log = new JobLog(requireBatches(run), options.events);
    const learned = learnedQueueLimit(
      withJournal(() => log.batches.jobs()),
      provider,
    );
    const { maxEnqueuedTokens: queueLimit = learned } = batch;
    const queue = new QueueRoom(dialect.limits.queue, queueLimit);
    this.#lines = new LineSpool(path, dialect.separator);
    this.board = new JobBoard({
      client: new BatchClient(dialect, { dispatcher }),
      dialect,
      provider,
      endpoint,
      run,
      log,
      queue,
      budget,
      signals,
      clock: endpoint.limiter.clock,
      spendTracker: this.spendTracker,
      windowHours: batch.windowHours,
      keepRemote: batch.keepRemote,
      priceFactor: factor,
      maxTokens,
      n: 1,
      maxSameRefusals: options.maxSameRefusals,
      tell: (words) => endpoint.notices.add(words),
      onFailure,
    });
    this.desk = new BatchDesk({
      dialect,
      endpoint,
      board: this.board,
      log,
      lines: this.#lines,
      queue,
      budget,
      spendTracker: this.spendTracker,
      maxRequests: batch.maxRequests,
      maxBytes: batch.maxBytes,
    });
  }

  get usage(): Usage {
    return this.spendTracker.usage;
  }

  progress(): BatchProgress {
    const { board, desk, spendTracker } = this;
    const { jobs } = board;
    const { closed, submitted, answered, lost } = board.counts;
    return {
      makesJobs: true,
      jobs: jobs.map((job) => jobProgress(job)),
      closed,
      collected: desk.pending,
      submitted,
      answered,
      lost,
      cost: spendTracker.cost,
      looksAt: leastOf(jobs.map(({ looksAt }) => looksAt)),
      expiresAt: leastOf(jobs.map(({ stored }) => stored.expiresAt)),
    };
  }

  close(): void {
    this.desk.leavePending();
    this.#lines.close();
  }
}

function untriedWords(provider: string): string {
  return `The batches of ${provider} are used as its documents have them, and nobody has tried them yet: look at what the first job costs and answers before you send many rows.`;
}
