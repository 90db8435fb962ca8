import type { Usage } from "@parallel-parrot/core";
import type { ProviderRequest, ProviderResponse, Rejection } from "../exchange.ts";
import type { BatchInfo } from "./batch-info.ts";

/**
 * How one API takes many requests as one job, as pure functions without I/O: they build requests and read responses,
 * and whoever uses them sends, keeps and waits. No function that reads throws, whatever the response is.
 *
 * A job is made in these steps: `writeLine` for each request; `upload`, if there is one, until it gives a file;
 * `create`; `get` until the phase is `"ended"`; `results`, and `readResult` for each line of them; `cleanUp`.
 */
export interface BatchDialect extends BatchInfo {
  /**
   * One request as a line without a line end, with the very bytes of the direct request's body; only the model may be
   * another one, or elsewhere. An answer without a stream is asked for in any case.
   *
   * @param key what its result is known by: 1 to 64 letters, digits, `_` and `-`, once in a job
   * @throws PromptError if a batch cannot carry the request: the row is asked directly
   */
  writeLine(request: ProviderRequest, key: string): string;
  /** What is written between two lines: one character. */
  readonly separator: string;
  /**
   * The first step of the upload; each step gives the next one or the file. Steps may be repeated, as a file that
   * nobody uses harms nothing. A redirect is a response and is not followed. @default there is no file
   */
  upload?(job: BatchJobSpec): BatchUpload;
  /**
   * Makes the job. A request that is sent again makes a second job, so that one without an answer must not be repeated
   * before a list shows that there is no job.
   *
   * @param fileId what the upload gave; empty without one
   */
  create(job: BatchJobSpec, fileId: string): BatchCreation;
  get(id: string): BatchStep<{ readonly job: BatchJob }>;
  /**
   * The jobs that are visible to this key, page by page and in the server's order.
   *
   * @param since a time in milliseconds since 1970; some APIs leave out what is older
   */
  list(since: number): BatchListing;
  /**
   * Asks a job to end early. What it has answered by then is in its results, and it may answer some more.
   * @default the API cannot, and the job has to be waited for
   */
  cancel?(id: string): BatchStep<object>;
  /** Where the results are that this job has by now; empty if there are none yet. */
  results(job: BatchJob): readonly BatchOutput[];
  /** Reads a line of the results; `undefined` if it is none, as at the end of a response that was cut off. */
  readResult(line: string): BatchResult | undefined;
  /**
   * The files that are visible to this key, page by page and in the server's order: an upload whose answer was lost has
   * left one that only this shows.
   *
   * @default the API does not list files, or keeps no names of them
   */
  files?(): BatchFileListing;
  /** Deletes what the job has left at the server, its own files alone. Each step may be refused. */
  cleanUp(job: BatchJob): readonly BatchStep<object>[];
  /**
   * The headers with the credentials, made for each attempt. There are none for a request to another server than the
   * API's own, such as an address of its storage: it is authorized by the address.
   */
  authorize(
    request: BatchRequest,
  ): Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
}

/** A job that is to be made. */
export interface BatchJobSpec {
  /** What it is found by in a list; 8 to 64 letters, digits, `_` and `-` that no other job has. It is no secret. */
  readonly name: string;
  /** The number of lines. */
  readonly requests: number;
  /** The bytes of all lines, with a separator between each two. */
  readonly bytes: number;
  /** How long it may take; taken as near to it as the API can. @default what the API does by itself, mostly a day */
  readonly windowHours?: number;
}

/** An HTTP request without secrets. */
export interface BatchRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A text, or the lines between two texts. @default no body */
  readonly body?: string | LinesBody;
}

/** A body that has all lines of a job in it, with the separator between them. */
export interface LinesBody {
  readonly before: string;
  readonly after: string;
}

/** A request, and how its response is read, whatever its status is. */
export interface BatchStep<T extends object> {
  readonly request: BatchRequest;
  read(response: ProviderResponse): BatchReading<T>;
}

/** What a response says, or why it says nothing. */
export type BatchReading<T extends object> =
  | ({ readonly ok: true } & T)
  | { readonly ok: false; readonly rejection: Rejection };

/** One step of an upload: it gives the file or the next step. */
export type BatchUpload = BatchStep<{ readonly fileId?: string; readonly next?: BatchUpload }>;

/** A page of a list of jobs, and the next page if there is one. */
export type BatchListing = BatchStep<{ readonly jobs: readonly BatchJob[]; readonly next?: BatchListing }>;

/** A page of a list of files, and the next page if there is one. */
export type BatchFileListing = BatchStep<{
  readonly files: readonly BatchFile[];
  readonly next?: BatchFileListing;
}>;

/** A file that was uploaded. */
export interface BatchFile {
  readonly id: string;
  /** The name of the job that it was uploaded for; `undefined` where it is of somebody else. */
  readonly job: string | undefined;
  /** In milliseconds since 1970. */
  readonly createdAt: number | undefined;
}

/** The request that makes a job, and what its response says. */
export interface BatchCreation {
  readonly request: BatchRequest;
  read(response: ProviderResponse): BatchCreated;
}

/** The job that was made, or why there is none. */
export type BatchCreated =
  | { readonly ok: true; readonly job: BatchJob }
  | {
      readonly ok: false;
      readonly rejection: Rejection;
      /** Whether no job was made for sure. If not there may be one, which costs money: a list shows it. */
      readonly isCertain: boolean;
    };

/** Where results are fetched: they may be too many to be held at once. */
export interface BatchOutput extends BatchStep<BatchResultPage> {
  /** Whether each line of a success is a result, so that it can be read as it comes instead. */
  readonly isLines: boolean;
}

/** Results, each as `readResult` takes it, and the next page if there is one. */
export interface BatchResultPage {
  readonly lines: readonly string[];
  readonly next?: BatchOutput;
}

/** A job as the server tells of it. The counts are hints: results alone say what was answered. */
export interface BatchJob {
  readonly id: string;
  /** Only a job that has ended answers nothing any more. A state that nobody knows counts as running. */
  readonly phase: "validating" | "running" | "ending" | "ended";
  /** The server's own word for the state, to be shown. */
  readonly state: string;
  /** Why the job was refused as a whole: it has answered nothing, and costs nothing. */
  readonly refused?: BatchRefusal;
  /** The name that we gave it. */
  readonly name?: string;
  /** The file with its requests. */
  readonly fileId?: string;
  /** Times in milliseconds since 1970. */
  readonly createdAt?: number;
  readonly expiresAt?: number;
  /** Numbers of requests. */
  readonly total?: number;
  readonly succeeded?: number;
  readonly failed?: number;
  /** What all answers used together. */
  readonly usage?: Usage;
  /** What the server says that it costs, in US dollars. */
  readonly cost?: number;
  /** The files or addresses with results, as far as the server names them. */
  readonly outputs: readonly string[];
}

/** Why a job was refused as a whole. */
export interface BatchRefusal {
  /** `wait` if the queue is full; else what the server says of a line, of the model or of the account. */
  readonly rejection: Rejection;
  /** The most that may be queued, as {@linkcode BatchLimits.queue} counts it, if the refusal names it. */
  readonly queueLimit?: number;
  /** The lines that it is about, where it names some. */
  readonly lines?: readonly BatchRefusedLine[];
}

/** A line for which a job was refused. */
export interface BatchRefusedLine {
  /** Counted from 1. */
  readonly line: number;
  readonly rejection: Rejection;
}

/** What became of one request. */
export type BatchResult =
  | {
      readonly key: string;
      /** As if it had been sent directly: `Provider.readResponse` judges it, whatever its status is. */
      readonly response: ProviderResponse;
    }
  | {
      readonly key: string;
      /** There is no answer and nothing to judge: it can be asked again. */
      readonly lost: "expired" | "cancelled" | "unknown";
    };
