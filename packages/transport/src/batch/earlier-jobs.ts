import { addUsage, counted, NO_USAGE, type Usage } from "@parallel-parrot/core";
import type { JournalRun, StoredJob } from "@parallel-parrot/journal";
import type { Provider } from "@parallel-parrot/providers";
import type { ResolvedOptions } from "../options.ts";
import type { Endpoint } from "../request/endpoint.ts";
import type { RoutedRequest } from "../request/routed-request.ts";
import type { Parking } from "../routing/parking.ts";
import type { AwaitedJobs, AwaitingParts } from "../run/awaited-jobs.ts";
import type { Signals } from "../waiting/signals.ts";
import { BatchJobs } from "./batch-jobs.ts";
import { resolveBatch, type ResolvedBatch } from "./batch-options.ts";
import { sumOfBatches, type BatchProgress } from "./batch-progress.ts";

/** What {@linkcode EarlierJobs} needs. */
export interface EarlierJobsOptions extends AwaitingParts {
  readonly run: JournalRun;
  /** Where the journal is. */
  readonly path: string;
  /** The endpoints at which jobs are open, and those jobs. */
  readonly places: ReadonlyMap<Endpoint, readonly StoredJob[]>;
}

/**
 * The jobs that earlier runs have left open, in a run that makes none itself. A request that is in one waits for it, and
 * is looked up in the journal then; all others are sent.
 */
export class EarlierJobs implements AwaitedJobs {
  readonly #jobs: readonly BatchJobs[];

  /** Has the requests of some senders wait. {@linkcode close} must follow. */
  static async open({ senders, places, options, ...parts }: EarlierJobsOptions): Promise<EarlierJobs> {
    const jobs = new Map<Endpoint, BatchJobs>();
    for (const [endpoint, open] of places) {
      const { provider } = endpoint;
      const { batch: dialect } = provider;
      if (dialect === undefined) continue;
      const made = new BatchJobs({
        ...parts,
        options,
        provider,
        dialect,
        endpoint,
        batch: batchOf(open),
      });
      made.desk.begin("wait");
      jobs.set(endpoint, made);
    }
    for (const sender of senders) {
      const own = sender.endpoints.filter((endpoint) => jobs.has(endpoint));
      if (own.length > 0)
        sender.parking = new Waiting(jobs, own, (endpoint) =>
          warn(waitingWords(endpoint.provider, places.get(endpoint) ?? []), options),
        );
    }
    const all = [...jobs.values()];
    for (const { board } of all) await board.closeCollected();
    return new EarlierJobs(all);
  }

  private constructor(jobs: readonly BatchJobs[]) {
    this.#jobs = jobs;
  }

  get usage(): Usage {
    return this.#jobs.reduce((sum, { usage }) => addUsage(sum, usage), NO_USAGE);
  }

  progress(): BatchProgress {
    return { ...sumOfBatches(this.#jobs.map((jobs) => jobs.progress())), makesJobs: false };
  }

  async close(): Promise<void> {
    for (const jobs of this.#jobs) {
      await jobs.board.halt();
      jobs.close();
    }
  }
}

/** Has the requests of one sender wait for the jobs at its endpoints. */
class Waiting implements Parking {
  readonly takes = false;
  readonly #jobs: ReadonlyMap<Endpoint, BatchJobs>;
  readonly #endpoints: readonly Endpoint[];
  readonly #onWait: (endpoint: Endpoint) => void;
  /** Those at which a row has waited. */
  readonly #waited = new Set<Endpoint>();

  /** @param onWait called once for each endpoint at which a row waits */
  constructor(
    jobs: ReadonlyMap<Endpoint, BatchJobs>,
    endpoints: readonly Endpoint[],
    onWait: (endpoint: Endpoint) => void,
  ) {
    this.#jobs = jobs;
    this.#endpoints = endpoints;
    this.#onWait = onWait;
  }

  async has(routed: RoutedRequest, signals: Signals): Promise<false> {
    for (const endpoint of this.#endpoints) {
      if (routed.exclusionOf(endpoint) !== undefined) continue;
      const waited = this.#jobs.get(endpoint)?.desk.has(routed, signals);
      if (!(waited instanceof Promise)) continue;
      if (!this.#waited.has(endpoint)) this.#onWait(endpoint);
      this.#waited.add(endpoint);
      await waited;
    }
    return false;
  }

  take(): never {
    throw new Error("Nothing is put into a job here");
  }
}

/** The price of a batch is what it was for the run that has made them. */
function batchOf([first]: readonly StoredJob[]): ResolvedBatch {
  const { priceFactor } = first ?? {};
  return resolveBatch(priceFactor === undefined ? true : { priceFactor });
}

function waitingWords({ name }: Provider, jobs: readonly StoredJob[]): string {
  const all = jobs.map(
    ({ id, remote, requests }) =>
      `job ${id}${remote === undefined ? "" : ` (${remote})`} with ${counted(requests, "request")}`,
  );
  return `Rows that are in an open batch of an earlier run at ${name} wait for its results, as they would be paid for twice if they were asked again: ${all.join(", ")}.`;
}

/** Tells whoever has not begun the run: such a program may look at no progress, and would seem to hang. */
function warn(words: string, { journal }: ResolvedOptions): void {
  const isBegunElsewhere = typeof journal === "object" && "append" in journal;
  if (!isBegunElsewhere) process.emitWarning(words, "ParrotWarning");
}
