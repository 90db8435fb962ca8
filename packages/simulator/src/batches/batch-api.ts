import type { SimResponse, SimTarget } from "../sim-http.ts";

/** What a request to an API's batches asks for. */
export type BatchCall =
  | {
      /** An upload that is `announced` gives the address for the file. */
      readonly operation: "announce" | "upload" | "create" | "list" | "files";
    }
  | {
      readonly operation: "file" | "content" | "deleteFile" | "get" | "cancel" | "results" | "deleteJob";
      readonly id: string;
    };

/** A file that was uploaded, or that a job has written. */
export interface SimFile {
  readonly id: string;
  readonly name: string;
  readonly purpose: "batch" | "batch_output";
  readonly content: string;
  /** In milliseconds since 1970, by the clock of the batches. */
  readonly createdMs: number;
  /** Whose it is: 0 for the simulator's key, 1 for the first of the other ones. */
  readonly project: number;
}

/** One request of a job. */
export interface SimLine {
  readonly key: string;
  /** The path of its operation at this API. */
  readonly path: string;
  readonly body: unknown;
}

/** What became of one request of a job. */
export type SimOutcome = { readonly key: string } & (
  | { readonly kind: "response"; readonly response: SimResponse }
  | { readonly kind: "expired" | "cancelled" | "statusZero" }
);

/** What a job is made of. */
export interface SimJobRequest {
  readonly lines: readonly SimLine[];
  readonly inputFile?: string;
  readonly metadata: unknown;
  readonly endpoint: string;
  readonly model: string | undefined;
  /** How long it may take. @default as long as jobs take */
  readonly windowMs?: number;
  /** Why the job fails when it is checked. */
  readonly problem?: SimJobProblem;
}

/** Why a job fails as a whole. */
export interface SimJobProblem {
  /** What else is wrong with it, told by APIs that tell all. @default nothing */
  readonly others?: readonly SimJobProblem[];
  readonly code: string;
  readonly message: string;
  /** Counted from 1. */
  readonly line?: number;
}

/** The state of a job, in one vocabulary for all APIs. */
export type SimJobState =
  | "validating"
  | "running"
  | "finalizing"
  | "cancelling"
  | "completed"
  | "failed"
  | "expired"
  | "cancelled";

/** A job as it is at one moment. */
export interface SimJob extends Omit<SimJobRequest, "lines"> {
  /** 1 for the first job. */
  readonly number: number;
  readonly id: string;
  /** The name of the API that it is at. */
  readonly dialect: string;
  readonly state: SimJobState;
  /** The word that is told in the place of the state. */
  readonly stateWord?: string;
  /** Times in milliseconds since 1970, by the clock of the batches. */
  readonly createdMs: number;
  readonly expiresMs: number;
  readonly endedMs?: number;
  readonly cancelledMs?: number;
  readonly counts: SimJobCounts;
  readonly outputFile?: string;
  readonly errorFile?: string;
  /** Where the results are, for APIs whose jobs have an address of their results. */
  readonly resultsUrl?: string;
}

/** Numbers of requests. */
export interface SimJobCounts {
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly expired: number;
  readonly cancelled: number;
}

/** A creation that was read, or the API's refusal of it. */
export type JobReading = { readonly request: SimJobRequest } | { readonly refused: SimResponse };

/** How one API has files and jobs, as pure functions. */
export interface BatchApi {
  /** Whether answers and errors are in one place or in two files. */
  readonly results: "together" | "apart";
  /** A file is uploaded as a form with its purpose, as a form without one, or after it was announced. @default "form" */
  readonly upload?: "form" | "fileAlone" | "announced";
  /** Whether a job that has expired has no results at all. @default false */
  readonly losesExpired?: true;
  /** Finds what a request to the API's batches asks for; `undefined` if it is none. */
  match(target: SimTarget): BatchCall | undefined;
  /** @param fileOf the uploaded file with an id @param target where the request was sent */
  readJob(body: unknown, fileOf: (id: string) => SimFile | undefined, target: SimTarget): JobReading;
  /** An id from 24 hexadecimal digits. */
  idOf(what: "file" | "job", digits: string): string;
  notFound(what: "file" | "job", id: string): SimResponse;
  refuse(status: 400 | 409 | 413 | 429, message: string): SimResponse;
  writeFile(file: SimFile): unknown;
  /** Writes a page of the list of files. @default files cannot be listed */
  writeFiles?(files: readonly SimFile[], query: URLSearchParams): unknown;
  writeJob(job: SimJob): unknown;
  /** @param query what the request asks for; it selects the page */
  writeJobs(jobs: readonly SimJob[], query: URLSearchParams): unknown;
  writeResult(outcome: SimOutcome, digits: string): unknown;
  /** The path of the results of a job that tells an address of them. @default it tells none */
  resultsPath?(id: string): string;
  /** Writes a page of the results that there are by now. @default results are lines */
  writeResults?(outcomes: readonly SimOutcome[], query: URLSearchParams): unknown;
  /** Writes the response to a cancellation. @default the job */
  writeCancelled?(): unknown;
  writeDeleted(what: "file" | "job", id: string): unknown;
}
