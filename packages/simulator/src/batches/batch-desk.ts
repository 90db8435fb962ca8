import type { Dialect, SimResponse } from "../dialect.ts";
import type { Settings } from "../server/options.ts";
import { createRandom } from "../random.ts";
import type { SimFile, SimJob, SimJobRequest, SimOutcome } from "./batch-api.ts";
import { AnnouncedUploads } from "./announced-uploads.ts";
import type { BatchRequest } from "./batch-request.ts";
import { FileStore } from "./file-store.ts";
import { Job } from "./job.ts";
import { jobProblem } from "./job-problem.ts";
import { outcomeByFault } from "./line-fault.ts";
import { readUpload } from "./read-upload.ts";
import { lineRunner, type LineRunner } from "./run-line.ts";
import { StoredJob } from "./stored-job.ts";

const HOUR_MS = 3_600_000;

/** A request of a job that was answered. */
export interface BatchRun {
  /** The number of the job. */
  readonly job: number;
  readonly key: string;
  /** The SHA-256 hash of the body's JSON, as of the body of a direct request. */
  readonly bodyHash: string;
  readonly status: number;
}

/** Everything that the batches of all APIs have done and have. */
export interface BatchRecord {
  readonly jobs: readonly SimJob[];
  /** The files that have not been deleted. */
  readonly files: readonly SimFile[];
  readonly runs: readonly BatchRun[];
}

/** The files and jobs of all APIs. They have a clock of their own, which can be put forward. */
export class BatchDesk {
  readonly #settings: Settings;
  readonly #elapsed: () => number;
  readonly #startMs = Date.now();
  #aheadMs = 0;
  readonly #files = new FileStore();
  readonly #uploads = new AnnouncedUploads();
  #jobs: StoredJob[] = [];
  #runs: BatchRun[] = [];

  /** @param elapsed A clock in milliseconds that only goes forward, from 0. */
  constructor(settings: Settings, elapsed: () => number) {
    this.#settings = settings;
    this.#elapsed = elapsed;
  }

  /** Puts the clock forward. */
  advance(ms: number): void {
    this.#aheadMs += ms;
  }

  reset(): void {
    this.#files.clear();
    this.#uploads.clear();
    this.#jobs = [];
    this.#runs = [];
  }

  record(): BatchRecord {
    const nowMs = this.#now();
    const jobs = this.#jobs.map((entry) => entry.view(nowMs));
    return { jobs, files: this.#files.all, runs: [...this.#runs] };
  }

  handle(request: BatchRequest): SimResponse {
    const { call } = request;
    switch (call.operation) {
      case "announce":
        return this.#uploads.announce(request, this.#settings.batch, this.#files.nextDigits());
      case "upload":
        return this.#upload(request);
      case "create":
        return this.#create(request);
      case "list":
        return this.#list(request);
      case "files":
        return this.#listFiles(request);
      case "file":
      case "content":
      case "deleteFile":
        return this.#file(request, call.operation, call.id);
      case "get":
      case "cancel":
      case "results":
      case "deleteJob":
      default:
        return this.#job(request, call.operation, call.id);
    }
  }

  #now(): number {
    // With a scale of 0 everything is over at once, but still in its order.
    const scale = Math.max(this.#settings.timeScale, 1e-6);
    return this.#startMs + this.#elapsed() / scale + this.#aheadMs;
  }

  #upload(request: BatchRequest): SimResponse {
    const { api, target, bytes, project } = request;
    const upload =
      api.upload === "announced"
        ? this.#uploads.take(request)
        : readUpload(
            { contentType: String(target.headers["content-type"]), bytes, uploads: this.#uploadCount() },
            api,
            this.#settings.batch,
          );
    if ("refused" in upload) return upload.refused;
    const file = this.#files.add(api, {
      ...upload,
      purpose: "batch",
      createdMs: this.#now(),
      project,
    });
    const headers: Record<string, string> =
      api.upload === "announced" ? { "x-goog-upload-status": "final" } : {};
    return { ...ok(api.writeFile(file)), headers };
  }

  #uploadCount(): number {
    return this.#files.all.filter(({ purpose }) => purpose === "batch").length;
  }

  #create(request: BatchRequest): SimResponse {
    const { api, body, dialects, baseUrl, bytes, target, project } = request;
    const nowMs = this.#now();
    const { createsPerHour, queuedRequests, maxBytes } = this.#settings.batch;
    const unpaid = this.#isCreditGone() ? dialects[0]?.writeError({ kind: "noCredit" }, "0") : undefined;
    if (unpaid !== undefined) return unpaid;
    if (bytes.length > maxBytes) return api.refuse(413, "Request exceeds the maximum size");
    const ofHour = this.#jobs.filter(({ job }) => job.createdMs > nowMs - HOUR_MS);
    if (ofHour.length >= createsPerHour)
      return api.refuse(429, `Rate limit reached for batch creations: Limit ${createsPerHour} per hour.`);
    const reading = api.readJob(body, (id) => this.#fileOf(id, project), target);
    if ("refused" in reading) return reading.refused;
    const open = this.#jobs.filter(({ job }) => job.endedMs(nowMs) === undefined);
    const queued = open.reduce((sum, { job }) => sum + job.total, reading.request.lines.length);
    if (queued > queuedRequests)
      return api.refuse(
        429,
        `Your batch requests in the queue would exceed your limit of ${queuedRequests}.`,
      );
    const runners = reading.request.lines.map((line) =>
      lineRunner(line, dialects, target.headers, this.#settings),
    );
    const inputTokens = runners.reduce((sum, runner) => sum + (runner?.inputTokens ?? 0), 0);
    const enqueuedTokens = open.reduce((sum, each) => sum + each.inputTokens, inputTokens);
    const number = this.#jobs.length + 1;
    const job = new Job({
      number,
      request: reading.request,
      createdMs: nowMs,
      settings: this.#settings.batch,
      seed: this.#settings.seed,
      problem: jobProblem(
        { number, request: reading.request, runners, enqueuedTokens },
        this.#settings.batch,
      ),
      run: (line) => this.#run(number, reading.request, line, runners[line], dialects),
    });
    const id = api.idOf("job", this.#files.nextDigits());
    const entry = new StoredJob({
      job,
      id,
      api,
      dialect: dialects[0]?.name ?? "",
      baseUrl,
      inputTokens,
      project,
      settings: this.#settings.batch,
      files: this.#files,
    });
    this.#jobs.push(entry);
    return ok(api.writeJob(justMade(entry.view(nowMs))));
  }

  #run(
    number: number,
    { lines }: SimJobRequest,
    index: number,
    runner: LineRunner | undefined,
    dialects: readonly Dialect[],
  ): SimOutcome {
    const key = lines[index]?.key ?? "";
    const bodyHash = runner?.bodyHash ?? "";
    const outcome = outcomeByFault(this.#settings.batch.faultsOf(number), {
      key,
      id: bodyHash.slice(0, 24),
      dialect: dialects[0],
      random: createRandom(this.#settings.seed, number, index, 3),
    });
    if (outcome !== undefined) return outcome;
    const unpaid = this.#isCreditGone() ? dialects[0]?.writeError({ kind: "noCredit" }, "0") : undefined;
    if (unpaid !== undefined) return { key, kind: "response", response: unpaid };
    const response = runner?.run() ?? { status: 400, headers: {}, body: {} };
    this.#runs.push({ job: number, key, bodyHash, status: response.status });
    return { key, kind: "response", response };
  }

  #isCreditGone(): boolean {
    return this.#runs.length >= this.#settings.batch.credit;
  }

  /** A file that is there for the keys of a project. */
  #fileOf(id: string, project: number): SimFile | undefined {
    const file = this.#files.get(id);
    return file?.project === project ? file : undefined;
  }

  #list({ api, target, project }: BatchRequest): SimResponse {
    const nowMs = this.#now();
    const { listLagMs } = this.#settings.batch;
    const visible = this.#jobs.filter(
      (entry) =>
        entry.api === api &&
        entry.project === project &&
        !entry.isDeleted &&
        entry.job.createdMs <= nowMs - listLagMs,
    );
    return ok(
      api.writeJobs(
        visible.toReversed().map((entry) => entry.view(nowMs)),
        target.query,
      ),
    );
  }

  #listFiles({ api, target, project }: BatchRequest): SimResponse {
    const files = this.#files.all.filter((file) => file.project === project).toReversed();
    return api.writeFiles === undefined ? api.notFound("file", "") : ok(api.writeFiles(files, target.query));
  }

  #file(
    { api, project }: BatchRequest,
    operation: "file" | "content" | "deleteFile",
    id: string,
  ): SimResponse {
    for (const entry of this.#jobs) entry.view(this.#now());
    const file = this.#fileOf(id, project);
    if (file === undefined) return api.notFound("file", id);
    if (operation === "file") return ok(api.writeFile(file));
    if (operation === "content") return lines(file.content);
    this.#files.delete(id);
    return ok(api.writeDeleted("file", id));
  }

  #job(
    { api, target, project }: BatchRequest,
    operation: "get" | "cancel" | "results" | "deleteJob",
    id: string,
  ): SimResponse {
    const nowMs = this.#now();
    const entry = this.#jobs.find(
      (each) => each.id === id && each.api === api && each.project === project && !each.isDeleted,
    );
    if (entry === undefined) return api.notFound("job", id);
    const hasEnded = entry.job.endedMs(nowMs) !== undefined;
    if (operation === "cancel") {
      if (hasEnded && api.results === "apart")
        return api.refuse(409, `Cannot cancel a batch with status '${entry.job.state(nowMs)}'.`);
      entry.job.advance(nowMs);
      entry.job.cancel(nowMs);
    }
    const view = entry.view(nowMs);
    if (operation === "cancel" && api.writeCancelled !== undefined) return ok(api.writeCancelled());
    if (operation === "results" && api.writeResults !== undefined)
      return ok(api.writeResults(entry.outcomes(nowMs), target.query));
    if (operation === "results") {
      if (view.resultsUrl === undefined) return api.notFound("file", id);
      return lines(this.#files.get(view.outputFile ?? "")?.content ?? "");
    }
    if (operation !== "deleteJob") return ok(api.writeJob(view));
    if (!hasEnded) return api.refuse(400, "Cannot delete a batch that has not ended.");
    entry.delete();
    return ok(api.writeDeleted("job", id));
  }
}

/** A job is not checked while it is made, however little time that takes. */
function justMade(job: SimJob): SimJob {
  const ended = new Set(["endedMs", "outputFile", "errorFile", "resultsUrl", "problem"]);
  const kept = Object.entries(job).filter(([name]) => !ended.has(name));
  const counts = { total: job.counts.total, succeeded: 0, failed: 0, expired: 0, cancelled: 0 };
  return { ...(Object.fromEntries(kept) as Omit<SimJob, "state" | "counts">), state: "validating", counts };
}

function ok(body: unknown): SimResponse {
  return { status: 200, headers: {}, body };
}

function lines(body: string): SimResponse {
  return { status: 200, headers: { "content-type": "application/octet-stream" }, body };
}
