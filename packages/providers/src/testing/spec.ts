import type { FinishReason } from "@parallel-parrot/core";
import type { LimitReading } from "@parallel-parrot/limiter";
import type { BatchJob, BatchResult } from "../batch/batch-dialect.ts";
import type { Provider, ProviderResponse, Rejection } from "../provider.ts";

/** A recorded answer, and what the adapter must read from it. */
export interface AnswerFixture {
  readonly response: ProviderResponse;
  /** The text of each choice. */
  readonly texts: readonly string[];
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens?: number;
  readonly reasoningTokens?: number;
  /** The finish reason of each choice. */
  readonly finishReasons?: readonly FinishReason[];
  /** The limits that its headers or body tell. */
  readonly limits?: readonly LimitReading[];
}

/** A recorded error, and what the adapter must read from it. */
export interface ErrorFixture {
  readonly name: string;
  readonly response: ProviderResponse;
  readonly verdict: Rejection["verdict"];
  readonly code: Rejection["code"];
  readonly retryAfterMs?: number;
}

/** A recorded job, and what the adapter must read from it. */
export interface BatchJobFixture {
  readonly name: string;
  readonly response: ProviderResponse;
  /** At least the phase. */
  readonly job: Pick<BatchJob, "phase"> & Partial<Omit<BatchJob, "refused">>;
  /** The verdict on a job that was refused as a whole. */
  readonly refused?: {
    readonly verdict: Rejection["verdict"];
    readonly code: Rejection["code"];
    readonly queueLimit?: number;
    /** The lines that it is about, counted from 1. @default none */
    readonly lines?: readonly number[];
  };
}

/** A recorded line of results. Of a response the status is enough where the body is an answer of the API. */
export interface BatchResultFixture {
  readonly name: string;
  readonly line: string;
  readonly key: string;
  readonly lost?: Extract<BatchResult, { readonly lost: string }>["lost"];
  /** The text that the answer in it has. */
  readonly text?: string;
  /** The verdict on the error in it. */
  readonly verdict?: Rejection["verdict"];
  readonly code?: Rejection["code"];
}

/** What was recorded of an API's batches. */
export interface BatchSpec {
  /** The responses to the steps of an upload, and the file that they give. @default there is no upload */
  readonly upload?: { readonly responses: readonly ProviderResponse[]; readonly fileId: string };
  readonly created: ProviderResponse;
  /** Every state that a job may have, and one that the API does not have. */
  readonly jobs: readonly BatchJobFixture[];
  /** The pages of a list, and the ids of all jobs in it. */
  readonly list: { readonly pages: readonly ProviderResponse[]; readonly ids: readonly string[] };
  /** The pages of a list of files, and the ids of those that were uploaded for the job `job-7b1d4e2a`. @default files are not listed */
  readonly files?: { readonly pages: readonly ProviderResponse[]; readonly ids: readonly string[] };
  /** An answer, and each way to have none. */
  readonly results: readonly BatchResultFixture[];
}

/** What `testProvider` needs to know of an adapter. */
export interface ProviderSpec {
  /** Makes the provider with `secret` as its key. */
  readonly provider: (secret: string) => Provider;
  readonly answer: AnswerFixture;
  /** A recorded stream; it has an answer of its own. @default the API does not stream */
  readonly stream?: AnswerFixture;
  /** At least a wrong key, an unknown model, a throttled request, a server error and a bad request. */
  readonly errors: readonly ErrorFixture[];
  /** What is recorded of its batches, without which only the lines of a batch are tested. @default nothing is recorded */
  readonly batch?: BatchSpec;
}
