import type { BatchApi, SimFile, SimJob, SimOutcome } from "./batch-api.ts";
import type { BatchSettings } from "./batch-options.ts";
import type { FileStore } from "./file-store.ts";
import type { Job } from "./job.ts";

/** What a job is stored with. */
export interface StoredJobParts {
  readonly job: Job;
  readonly id: string;
  readonly api: BatchApi;
  /** The name of the API. */
  readonly dialect: string;
  /** The address of the API. */
  readonly baseUrl: string;
  readonly inputTokens: number;
  /** Whose it is; see {@linkcode SimFile}. */
  readonly project: number;
  readonly settings: BatchSettings;
  /** Where its outputs are written. */
  readonly files: FileStore;
}

/** A job as its API tells of it, with the files that it writes. */
export class StoredJob {
  readonly job: Job;
  readonly id: string;
  readonly api: BatchApi;
  readonly inputTokens: number;
  readonly project: number;
  readonly #parts: StoredJobParts;
  #isDeleted = false;
  /** Written when the job has ended. */
  #outputs: readonly SimFile[] | undefined;

  constructor(parts: StoredJobParts) {
    this.#parts = parts;
    this.job = parts.job;
    this.id = parts.id;
    this.api = parts.api;
    this.inputTokens = parts.inputTokens;
    this.project = parts.project;
  }

  get isDeleted(): boolean {
    return this.#isDeleted;
  }

  /** Deletes it, and its results where they are at its own address. */
  delete(): void {
    this.#isDeleted = true;
    if (this.api.results === "together") this.#deleteOutputs();
  }

  /** The job as it is now; what it has ended with is written into its files. */
  view(nowMs: number): SimJob {
    const { job, id, api, dialect, baseUrl, settings } = this.#parts;
    const { retentionMs, outputLagMs } = settings;
    job.advance(nowMs);
    const endedMs = job.endedMs(nowMs);
    if (endedMs !== undefined) this.#outputs ??= this.#writeOutputs(nowMs);
    const isTold = endedMs !== undefined && nowMs >= endedMs + outputLagMs;
    const isGone = endedMs !== undefined && nowMs >= endedMs + retentionMs;
    if (isGone) this.#deleteOutputs();
    const [output, error] = isTold ? (this.#outputs ?? []) : [];
    const state = job.state(nowMs);
    const word = state === "running" ? job.fault("unknownState") : undefined;
    const { lines: _, ...request } = job.request;
    return {
      ...request,
      number: job.number,
      id,
      dialect,
      state,
      ...(word === undefined ? {} : { stateWord: word.word ?? "paused" }),
      createdMs: job.createdMs,
      expiresMs: job.expiresMs,
      ...(endedMs === undefined ? {} : { endedMs }),
      ...(job.cancelMs === undefined ? {} : { cancelledMs: job.cancelMs }),
      ...(state === "failed" && job.problem !== undefined ? { problem: job.problem } : {}),
      counts: job.counts(nowMs),
      ...(output?.content ? { outputFile: output.id } : {}),
      ...(error?.content ? { errorFile: error.id } : {}),
      ...(isTold && api.resultsPath !== undefined
        ? { resultsUrl: job.fault("crossOriginResultsUrl")?.url ?? `${baseUrl}${api.resultsPath(id)}` }
        : {}),
    };
  }

  /** The outcomes that it tells by now, for APIs whose results are on pages. */
  outcomes(nowMs: number): readonly SimOutcome[] {
    const { job, settings } = this.#parts;
    const { retentionMs, outputLagMs } = settings;
    const endedMs = job.endedMs(nowMs);
    if (endedMs !== undefined && (nowMs < endedMs + outputLagMs || nowMs >= endedMs + retentionMs)) return [];
    return this.#hasResults(nowMs) ? job.outcomes(nowMs) : [];
  }

  #hasResults(nowMs: number): boolean {
    const { job, api } = this.#parts;
    if (job.problem !== undefined || job.fault("allFailedNoOutput") !== undefined) return false;
    return api.losesExpired !== true || job.state(nowMs) !== "expired";
  }

  #deleteOutputs(): void {
    for (const { id } of this.#outputs ?? []) this.#parts.files.delete(id);
  }

  #writeOutputs(nowMs: number): readonly SimFile[] {
    const { job, api, files, project } = this.#parts;
    if (api.writeResults !== undefined || !this.#hasResults(nowMs)) return [];
    const outcomes = job.outcomes(nowMs);
    const isError = (outcome: SimOutcome): boolean =>
      api.results === "apart" && !(outcome.kind === "response" && outcome.response.status === 200);
    return [false, true].map((errors) => {
      const written = outcomes
        .filter((outcome) => isError(outcome) === errors)
        .map((outcome) => `${JSON.stringify(api.writeResult(outcome, files.nextDigits()))}\n`);
      const content = written.join("");
      const name = `batch_${job.number}_${errors ? "error" : "output"}.jsonl`;
      const file = { name, purpose: "batch_output", content, createdMs: nowMs, project } as const;
      return content === "" ? Object.assign({ id: "" }, file) : files.add(api, file);
    });
  }
}
