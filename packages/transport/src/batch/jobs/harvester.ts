import type { BatchedRequest, JournalRecord, JournalRun } from "@parallel-parrot/journal";
import type { BatchDialect, BatchJob, Provider, Rejection } from "@parallel-parrot/providers";
import type { Spending } from "../../budget/amounts.ts";
import { FREE_RESERVATION } from "../../budget/budget.ts";
import type { SpendTracker } from "../../budget/spend-tracker.ts";
import { withJournal } from "../../errors/journal-fault.ts";
import { rejectHttpError, RejectionError } from "../../errors/rejection-error.ts";
import { mayBeEverybodys } from "../../errors/verdict.ts";
import type { Endpoint } from "../../request/endpoint.ts";
import { isWorthKeeping, recordOf, type PaidResponse } from "../../request/paid-response.ts";
import { readResponse } from "../../request/read-response.ts";
import type { BatchClient } from "../batch-client.ts";
import type { JobLog } from "./job-log.ts";
import type { OpenJob } from "./open-job.ts";
import { PendingAppends } from "./pending-appends.ts";

/** Records that may be on their way to the disk: no more results are read until some of them are durable. */
const MAX_APPENDING = 2000;

/** A failure in a batch costs nothing, whatever its status: a status by which no answer counts as lost. */
const NOT_LOST = 400;

/** What the results of a job came to. */
export interface Harvest {
  /** Requests that were answered or refused for good, with those of an earlier reading. */
  kept: number;
  /** Of those, the ones of an earlier reading. */
  before: number;
  /** Results that a request has more than once. */
  repeated: number;
  /** Results of requests that are not in this job. */
  foreign: number;
  /** Lines that are no results. */
  unreadable: number;
  /** The first cause that no request survives, such as an account without credit. */
  stop: Rejection | undefined;
  /** Refusals that may be everybody's: they are kept only where the job has answered as many requests. */
  withheld: JournalRecord[];
  /** What all of it took. */
  spent: Spending;
}

/** What a {@linkcode Harvester} needs. */
export interface HarvesterOptions {
  readonly client: BatchClient;
  readonly dialect: BatchDialect;
  readonly provider: Provider;
  readonly endpoint: Endpoint;
  readonly run: JournalRun;
  readonly log: JobLog;
  /** Counts what batches cost. */
  readonly spendTracker: SpendTracker;
  readonly signal: AbortSignal;
  /** The cap of one answer, for servers that do not tell the usage. */
  readonly maxTokens: number | undefined;
  readonly n: number;
  /** From how many refusals on they may be everybody's; 0 for never. */
  readonly maxSameRefusals: number;
}

/** Reads the results of jobs into the journal, in the form in which direct answers are kept there. */
export class Harvester {
  readonly #options: HarvesterOptions;

  constructor(options: HarvesterOptions) {
    this.#options = options;
  }

  /** Reads all results; also those that were read before. @throws RejectionError where they cannot be read for now */
  async harvest(job: OpenJob, view: BatchJob): Promise<Harvest> {
    const { dialect } = this.#options;
    const reading = new JobReading(job, this.#options);
    for (const output of dialect.results(view)) {
      try {
        const { client, signal } = this.#options;
        const onTooLong = (): void => reading.unreadable();
        for await (const line of client.results(output, { signal, onTooLong })) {
          reading.take(line);
          if (reading.appends.count >= MAX_APPENDING) await reading.appends.fewerThan(MAX_APPENDING);
        }
      } catch (error) {
        await reading.appends.all();
        throw rejectHttpError(error);
      }
    }
    await reading.appends.all();
    reading.keepWithheld();
    await reading.appends.all();
    return reading.harvest;
  }
}

/** One reading of the results of one job. */
class JobReading {
  readonly harvest: Harvest = {
    kept: 0,
    before: 0,
    repeated: 0,
    foreign: 0,
    unreadable: 0,
    stop: undefined,
    withheld: [],
    spent: { requests: 0, tokens: 0, cost: 0 },
  };
  readonly #job: OpenJob;
  readonly #options: HarvesterOptions;
  /** Whether some of the results were read before, and are in the journal already. */
  readonly #wasRead: boolean;
  /** The requests of the job by their keys; `undefined` for those that have a record by now. */
  readonly #requests = new Map<string, BatchedRequest | undefined>();
  readonly appends = new PendingAppends();

  constructor(job: OpenJob, options: HarvesterOptions) {
    this.#job = job;
    this.#options = options;
    this.#wasRead = job.wasRead || job.stored.answers > 0;
    job.wasRead = true;
    // Read at once, as to look each of them up takes ten times as long.
    withJournal(() => {
      for (const request of options.log.batches.requestsOf(job.id)) this.#requests.set(request.key, request);
    });
  }

  unreadable(): void {
    this.harvest.unreadable += 1;
  }

  take(line: string): void {
    const result = this.#options.dialect.readResult(line);
    if (result === undefined) this.unreadable();
    else if ("response" in result) this.#takeResponse(result.key, result.response);
  }

  /** Keeps the refusals that may be everybody's, where most requests were not refused. */
  keepWithheld(): void {
    const { harvest } = this;
    const { maxSameRefusals: max } = this.#options;
    if (max > 0 && harvest.withheld.length > Math.max(max, harvest.kept)) return;
    for (const record of harvest.withheld.splice(0)) this.#append(record);
  }

  #takeResponse(key: string, response: PaidResponse["response"] & { readonly headers: object }): void {
    const { run, provider, endpoint } = this.#options;
    const { harvest } = this;
    const asked = this.#requests.get(key);
    if (asked === undefined) {
      if (this.#requests.has(key)) harvest.repeated += 1;
      else harvest.foreign += 1;
      return;
    }
    if (this.#wasRead && withJournal(() => run.find(key))?.batchJob === this.#job.id) {
      harvest.kept += 1;
      harvest.before += 1;
      this.#requests.set(key, undefined);
      return;
    }
    const answer = readResponse(provider, { ...response, headers: {} }, endpoint.amendments);
    if (!answer.ok && answer.rejection.verdict === "stop") {
      harvest.stop ??= answer.rejection;
      return;
    }
    const { sentAt = this.#job.stored.createdAt } = this.#job.stored;
    const usage = this.#spend({ response, answer });
    const paid: PaidResponse = { response, answer, usage, durationMs: Math.max(0, Date.now() - sentAt) };
    if (!isWorthKeeping(paid)) return;
    this.#requests.set(key, undefined);
    const cost = this.#options.spendTracker.priceOf(usage);
    const record = { ...recordOf(paid, asked, cost), batchJob: this.#job.id };
    if (!answer.ok && mayBeEverybodys(new RejectionError(answer.rejection))) harvest.withheld.push(record);
    else this.#append(record);
  }

  #append(record: JournalRecord): void {
    const { run } = this.#options;
    this.harvest.kept += 1;
    this.appends.add(withJournal(() => run.append(record)));
  }

  /** Counts what a request took. One without an answer costs nothing in a batch, unless it says otherwise. */
  #spend({ response, answer }: Pick<PaidResponse, "response" | "answer">): PaidResponse["usage"] {
    const { spendTracker, maxTokens, n } = this.#options;
    const { inputTokens, requests } = this.#job.stored;
    const estimate = { inputTokens: Math.ceil(inputTokens / requests), expectedOutputTokens: 0 };
    const call = {
      prompt: { messages: [] },
      params: maxTokens === undefined ? {} : { maxTokens },
      shape: { type: "text" },
      n,
    } as const;
    const request = { method: "POST", url: "", headers: {}, body: "" } as const;
    const usage = spendTracker
      .open({ call, request, estimate }, FREE_RESERVATION)
      .answered(answer.ok ? response.status : NOT_LOST, answer);
    const { spent } = this.harvest;
    this.harvest.spent = {
      requests: spent.requests + 1,
      tokens: spent.tokens + usage.inputTokens + usage.outputTokens,
      cost: spent.cost + (spendTracker.priceOf(usage) ?? 0),
    };
    return usage;
  }
}
